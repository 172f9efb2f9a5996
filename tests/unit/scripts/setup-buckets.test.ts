// The set-up offers the account's real buckets, and says which campaigns draw from them. What the person takes is written into the rules.

import { describe, expect, test } from 'vitest';
import { CONSUMER_CONFIG, saveValue } from '../../../scripts/setup/config-file.ts';
import type { Choice } from '../../../scripts/setup/prompt.ts';
import { RULES_FILE_NAME } from '../../../workers/consumer/config/settings.ts';
import { accounts } from './setup-accounts.ts';
import { KEYS, person, setupStage, VALUES } from './setup-harness.ts';

/** An account with these buckets; the campaign "Florida" draws from the first. */
async function accountWith(...names: string[]) {
  const given = accounts();
  const headers = { authorization: `Token ${KEYS.CALLTOOLS_API_KEY}`, 'content-type': 'application/json' };
  const ids: number[] = [];
  for (const name of names) {
    const init = { method: 'POST', headers, body: JSON.stringify({ name }) };
    const answer = await given.callTools.handle(new Request(`${VALUES.CALLTOOLS_BASE_URL}/api/buckets/`, init));
    ids.push(((await answer.json()) as { id: number }).id);
  }
  given.callTools.settings.campaigns = [{ id: 7001, name: 'Florida', bucket: ids[0] ?? null, live_filter: null }];
  return given;
}

/** A person who takes the bucket of this name. */
function taking(label: string) {
  const offered: Choice[] = [];
  const prompt = person({
    choose: async (question, choices, fallback) => {
      if (!question.includes('has no bucket')) return fallback ?? choices.at(-1)?.value ?? '';
      offered.push(...choices);
      return choices.find((choice) => choice.label.startsWith(label))?.value ?? '';
    },
  });
  return { offered, prompt };
}

describe('a bucket of the rules that CallTools does not have', () => {
  test('may be one of the account’s: offered with the campaigns that draw from them', async () => {
    const [stage, given] = [await setupStage(), await accountWith('Florida Cold', 'Old')];
    const { offered, prompt } = taking('Florida Cold');
    const { code, out } = await stage.setup({ prompt, vendors: given.vendors });
    expect(offered.map(({ label, hint }) => [label, hint])).toEqual([
      ['Florida Cold', 'campaign Florida'],
      ['Old', undefined],
      ['None: "Cold Leads" is right, and is made with the first contact', undefined],
    ]);
    expect(code).toBe(0);
    const rules = await stage.config(RULES_FILE_NAME);
    expect(rules).toContain('"bucket": "Florida Cold" }');
    expect(rules).toContain('// Cold leads are dialed.');
    expect(out).toContain('"Florida Cold": Florida draws from it.');
  });

  test('stays in the rules where the person says so', async () => {
    const [stage, given] = [await setupStage(), await accountWith('Old')];
    const before = await stage.config(RULES_FILE_NAME);
    const { out } = await stage.setup({ prompt: taking('None').prompt, vendors: given.vendors });
    expect(await stage.config(RULES_FILE_NAME)).toBe(before);
    expect(out).toContain('CallTools has no bucket "Cold Leads". It is made with the first contact');
  });

  test('is named by an option where nobody is asked', async () => {
    const [stage, given] = [await setupStage(), await accountWith('Florida Cold')];
    const answers = { bucket: 'cold leads=florida cold' };
    expect((await stage.setup({ options: { answers }, vendors: given.vendors })).code).toBe(0);
    expect(await stage.config(RULES_FILE_NAME)).toContain('"bucket": "Florida Cold" }');
    const other = await setupStage();
    const wrong = { answers: { bucket: 'Cold Leads=Nonsense' } };
    const { code, out } = await other.setup({ options: wrong, vendors: given.vendors });
    expect([code, out]).toEqual([1, expect.stringContaining('no bucket "Nonsense" (--bucket). It has: Florida Cold.')]);
  });

  test('is not replaced in rules.jsonc where SYNC_RULES is used', async () => {
    const [stage, given] = [await setupStage(), await accountWith('Florida Cold')];
    const before = await stage.config(RULES_FILE_NAME);
    const routes = [{ name: 'cold', tags: ['cold'], bucket: 'Cold Leads' }];
    await saveValue(stage.folder, CONSUMER_CONFIG, 'SYNC_RULES', { routes });
    const { code, out } = await stage.setup({ prompt: taking('Florida').prompt, vendors: given.vendors });
    expect([code, out]).toEqual([1, expect.stringContaining('The rules are in SYNC_RULES: say "Florida Cold" there')]);
    expect(await stage.config(RULES_FILE_NAME)).toBe(before);
  });
});

describe('a bucket that is there', () => {
  const told = async (change: (given: Awaited<ReturnType<typeof accountWith>>) => void) => {
    const [stage, given] = [await setupStage(), await accountWith('Cold Leads')];
    change(given);
    return (await stage.setup({ vendors: given.vendors })).out;
  };

  test('is shown with its campaigns, or with the warning that nobody in it is called', async () => {
    expect(await told(() => {})).toContain('"Cold Leads": Florida draws from it.');
    const none = await told(({ callTools }) => void callTools.settings.campaigns.pop());
    expect(none).toContain('Warning: "Cold Leads" is there, but no campaign draws from it: nobody in it is called.');
  });

  test('on a live filter nobody looks at buckets, and that is said', async () => {
    const campaign = { id: 1, name: 'Spring', bucket: null, live_filter: 12 };
    const out = await told(({ callTools }) => void callTools.settings.campaigns.push(campaign));
    expect(out).toContain('Spring: on a live filter, which looks at no bucket.');
  });

  test('is a matter of looking oneself where campaigns cannot be read', async () => {
    const out = await told(({ callTools }) => {
      const body = { detail: 'You do not have permission to perform this action.' };
      callTools.faults.plan({ match: { path: /campaigns/ }, do: { kind: 'status', status: 403, body } });
    });
    expect(out).toContain('"Cold Leads" is there. Look in CallTools whether a campaign draws from it.');
  });
});

test('where the buckets cannot be read it goes on', async () => {
  const stage = await setupStage();
  expect(await stage.setup()).toMatchObject({ code: 0, out: expect.stringContaining('The buckets cannot be read:') });
});
