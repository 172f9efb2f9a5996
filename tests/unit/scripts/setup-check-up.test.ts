// The end of the set-up: the deployed pipeline checks itself, the first sync is offered, and what is to be pasted is complete.

import { describe, expect, test } from 'vitest';
import { accounts, ORIGIN, pipeline } from './setup-accounts.ts';
import { KEYS, person, setupStage, VALUES } from './setup-harness.ts';

type Stage = Awaited<ReturnType<typeof setupStage>>;
const tokenOf = (stage: Stage) => stage.account.workers['contact-ingest']?.ADMIN_TOKEN ?? '';

/** A stage, and its pipeline, which knows the token that the set-up has made. */
async function deployed(how: { ok?: boolean } = {}) {
  const stage = await setupStage();
  const api = pipeline({ ...how, token: () => tokenOf(stage) });
  return { stage, api, vendors: accounts({ [ORIGIN]: api.answer }).vendors };
}

describe('the check-up', () => {
  test('is the doctor of the deployed pipeline', async () => {
    const { stage, vendors } = await deployed();
    const { code, out } = await stage.setup({ vendors });
    expect([code, out]).toEqual([0, expect.stringMatching(/Check-up[\s\S]*ok +settings +As seen\.[\s\S]*0 failed/)]);
  });

  test('that finds something to fix is a failure, and no sync is started; all is shown that is to be pasted', async () => {
    const { stage, api, vendors } = await deployed({ ok: false });
    const { code, out } = await stage.setup({ vendors, options: { answers: { sync: 'yes' } } });
    expect([code, api.orders]).toEqual([1, []]);
    expect(out).toContain('FAILED settings');
    expect(out).toContain('Not started: first the check-up must find nothing to fix.');
    expect(out).toContain(`${ORIGIN}/webhook/ghl\n`);
  });

  test('waits for an address that is not known everywhere yet', async () => {
    const { stage, vendors } = await deployed();
    let tries = 0;
    const later = (request: Request) =>
      request.url.startsWith(ORIGIN) && ++tries < 4 ? Promise.reject(new TypeError('fetch failed')) : vendors(request);
    expect(await stage.setup({ vendors: later })).toMatchObject({ code: 0, out: expect.stringContaining('0 failed') });
    expect(tries).toBe(4);
  });

  test('that cannot be made is said, and is no failure of the set-up', async () => {
    const stage = await setupStage();
    const { code, out } = await stage.setup();
    expect([code, out]).toEqual([0, expect.stringMatching(/The pipeline could not be asked: .*cannot be reached/)]);
  });

  test('may be left out', async () => {
    const { stage, vendors } = await deployed();
    const { out } = await stage.setup({ vendors, options: { checkUp: false } });
    expect(out).toContain('Left out. Check it yourself');
  });

  test('in a later run it takes the token that the person has', async () => {
    const { stage, vendors } = await deployed();
    await stage.setup({ vendors });
    const prompt = person({ askSecret: async () => tokenOf(stage) });
    const { out } = await stage.setup({ env: {}, prompt, vendors });
    expect(out).toContain('0 failed');
    expect(out).not.toContain(tokenOf(stage));
    expect((await stage.setup({ env: {}, vendors })).out).toContain('ADMIN_TOKEN is not known here');
  });
});

describe('the first sync', () => {
  const answering = (agrees: boolean) =>
    person({ confirm: async (question, fallback = true) => (question.includes('first sync') ? agrees : fallback) });
  const env = { ...VALUES, ...KEYS };

  test('is offered once, where all is well', async () => {
    const { stage, api, vendors } = await deployed();
    const { out } = await stage.setup({ env, prompt: answering(true), vendors });
    expect([api.orders, out.includes('It runs. The dashboard shows')]).toEqual([['/sync/trigger'], true]);
    const again = { ...env, ADMIN_TOKEN: tokenOf(stage) };
    expect((await stage.setup({ env: again, prompt: answering(true), vendors })).out).toContain('Only the first run');
    expect(api.orders).toHaveLength(1);
  });

  test('is not started where the person says no, or nobody is asked', async () => {
    const [one, other] = [await deployed(), await deployed()];
    await one.stage.setup({ env, prompt: answering(false), vendors: one.vendors });
    await other.stage.setup({ vendors: other.vendors });
    expect([one.api.orders, other.api.orders]).toEqual([[], []]);
  });

  test('is started by an option', async () => {
    const { stage, api, vendors } = await deployed();
    await stage.setup({ vendors, options: { answers: { sync: 'yes' } } });
    expect(api.orders).toEqual(['/sync/trigger']);
  });
});

test('what is to be pasted is complete, and the dashboard’s address is the last line', async () => {
  const { stage, vendors } = await deployed();
  const { out } = await stage.setup({ vendors });
  const ingest = stage.account.workers['contact-ingest'] ?? {};
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  for (const line of [
    `${ORIGIN}/webhook/ghl`,
    `POST ${ORIGIN}/webhook/ghl-workflow`,
    `Authorization: Bearer ${ingest.GHL_WORKFLOW_TOKEN}`,
    `export PIPELINE_URL='${ORIGIN}'`,
    `export ADMIN_TOKEN='${ingest.ADMIN_TOKEN}'`,
  ])
    expect(lines).toContain(line);
  expect(lines.at(-1)).toBe(`${ORIGIN}/`);
});

test('secrets of the environment are not shown in it', async () => {
  const { stage, vendors } = await deployed();
  const own = { ADMIN_TOKEN: 'own-admin', GHL_WORKFLOW_TOKEN: 'own-workflow', GHL_WEBHOOK_SECRET: 'own-hmac' };
  const { out } = await stage.setup({ env: { ...VALUES, ...KEYS, ...own }, vendors });
  expect(out).not.toMatch(/own-(admin|workflow|hmac)/);
  expect(out).toContain('Authorization: Bearer <GHL_WORKFLOW_TOKEN>');
});

test('generated secrets are shown though the person ends it with Ctrl-C', async () => {
  const { stage, vendors } = await deployed();
  const shown: string[] = [];
  const confirm = async (question: string, fallback = true) => {
    if (question.includes('first sync')) throw new DOMException('', 'AbortError');
    return fallback;
  };
  const ran = stage.setup({ prompt: person({ confirm }), vendors, shown });
  await expect(ran).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(shown.join('')).toContain(`ADMIN_TOKEN=${tokenOf(stage)}`);
});
