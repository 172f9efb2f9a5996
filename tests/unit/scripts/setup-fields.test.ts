// The set-up offers the accounts' real fields: it proposes pairs of like names, and writes what the person takes. With --yes, or without the
// keys, nothing is mapped and nobody is asked.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONSUMER_CONFIG, withValue } from '../../../scripts/setup/config-file.ts';
import { propose } from '../../../scripts/setup/questions/propose.ts';
import { parseFieldMap } from '../../../workers/consumer/domain/fields/field-map-setting.ts';
import { accounts } from './setup-accounts.ts';
import { KEYS, person, setupStage, VALUES } from './setup-harness.ts';

const PROPOSED = ['agent_note', 'company', 'lead_source', 'monthly_bill', 'product'];

/** A person who gives the keys, and ticks these of the proposed fields. */
const mapping = (fields: string[], offered: string[] = []) =>
  person({
    askSecret: async (question) =>
      question.includes('GoHighLevel') ? KEYS.GHL_API_KEY : question.includes('API key') ? KEYS.CALLTOOLS_API_KEY : '',
    ask: async (_question, fallback = '') => fallback,
    chooseSome: async (_question, choices) => {
      offered.push(...choices.map(({ label }) => label));
      return fields;
    },
  });

const mapIn = (config: string) => JSON.parse(/"FIELD_MAP": (\{\}|\{[\s\S]*?\n {4}\})/.exec(config)?.[1] ?? 'null');

async function ask(fields: string[], given = accounts(), env: Record<string, string> = VALUES) {
  const stage = await setupStage();
  const offered: string[] = [];
  const ran = await stage.setup({ env, prompt: mapping(fields, offered), vendors: given.vendors });
  const deploys = stage.account.calls.filter(({ args }) => args.startsWith(`deploy -c ${CONSUMER_CONFIG}`)).length;
  return { ...ran, stage, offered, deploys, config: await stage.config(CONSUMER_CONFIG) };
}

describe('the step', () => {
  test('proposes fields of like names, and what the person takes is a valid map, deployed with the rest', async () => {
    const { code, config, deploys, offered } = await ask(PROPOSED);
    expect(code).toBe(0);
    expect(offered).toContain('agent_note from custom:contact.agent_note');
    expect(offered).toContain('monthly_bill from custom:contact.monthly_bill, as number');
    const map = mapIn(config);
    expect(map).toEqual({
      agent_note: 'custom:contact.agent_note',
      company: 'companyName',
      lead_source: 'source',
      monthly_bill: { from: 'custom:contact.monthly_bill', as: 'number' },
      product: 'custom:contact.product',
    });
    const reserved = { phone: 'mobile_phone_number', email: 'personal_email_address', externalId: '' };
    expect(parseFieldMap({ FIELD_MAP: map }, reserved).rules.length).toBeGreaterThan(10);
    expect(config).toContain('    // Which fields agents see');
    // The second time it is deployed with the address of ingest.
    expect(deploys).toBe(2);
  });

  test('maps nothing where nothing is ticked', async () => {
    const { code, config, offered } = await ask([]);
    expect([code, mapIn(config), offered.length > 0]).toEqual([0, {}, true]);
  });

  test('without the scope it says so, and goes on', async () => {
    const poor = accounts();
    poor.ghl.settings.scopes = ['contacts.readonly'];
    const { out, code, config } = await ask(['company'], poor);
    expect(out).toContain('does the token have the scope locations/customFields.readonly?');
    expect([code, mapIn(config)]).toEqual([0, { company: 'companyName' }]);
  });

  test('with --yes nothing is mapped that no option names', async () => {
    const [stage, given] = [await setupStage(), accounts()];
    expect(await stage.setup({ vendors: given.vendors })).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing is changed. Later: npm run doctor names'),
    });
    expect(mapIn(await stage.config(CONSUMER_CONFIG))).toEqual({});
    await stage.setup({ vendors: given.vendors, options: { answers: { map: 'company, product' } } });
    expect(Object.keys(mapIn(await stage.config(CONSUMER_CONFIG)))).toEqual(['company', 'product']);
    const all = await setupStage();
    await all.setup({ vendors: given.vendors, options: { answers: { map: 'all' } } });
    expect(mapIn(await all.config(CONSUMER_CONFIG))).toMatchObject({ company: 'companyName' });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a map', { map: 'company, nonsense' }, /Not proposed: nonsense \(--map\)\. Proposed: .*agent_note/],
    ['a phone field', { phoneField: 'cell' }, /CallTools has no field cell .*It has: home_phone_number, mobile_/],
  ])('an option that names what is not there ends it: %s', async (_what, answers, words) => {
    const [stage, given] = [await setupStage(), accounts()];
    const { code, out } = await stage.setup({ vendors: given.vendors, options: { answers } });
    expect([code, out]).toEqual([1, expect.stringMatching(words)]);
    expect(stage.account.workers).toEqual({});
  });

  test('asks which field is the phone and which the email, where the configured ones are not there', async () => {
    const given = accounts();
    Object.assign(given.callTools.settings, { phoneFields: ['cell_phone', 'home_phone'], emailField: 'email' });
    const stage = await setupStage();
    const prompt = {
      ...mapping([]),
      choose: async (_question: string, choices: { value: string }[]) =>
        /region|arrive|database/.test(_question) ? (choices.at(-1)?.value ?? '') : (choices[0]?.value ?? ''),
    };
    const { out } = await stage.setup({ env: VALUES, prompt, vendors: given.vendors });
    expect(out).toContain('CallTools has no field mobile_phone_number (CALLTOOLS_PHONE_FIELD).');
    const config = await stage.config(CONSUMER_CONFIG);
    expect(config).toContain('"CALLTOOLS_PHONE_FIELD": "cell_phone"');
    expect(config).toContain('"CALLTOOLS_EMAIL_FIELD": "email"');
    const other = await setupStage();
    const none = mapping([]);
    await other.setup({ env: VALUES, prompt: none, vendors: given.vendors });
    expect(await other.config(CONSUMER_CONFIG)).toContain('"CALLTOOLS_PHONE_FIELD": "mobile_phone_number"');
  });

  test('offers all phone fields of the account once, the configured one first', async () => {
    const [stage, given] = [await setupStage(), accounts()];
    const offers: [string[], string | undefined][] = [];
    const prompt = {
      ...mapping([]),
      choose: async (question: string, choices: { value: string }[], fallback?: string) => {
        if (!question.includes('phone')) return fallback ?? choices.at(-1)?.value ?? '';
        offers.push([choices.map(({ value }) => value), fallback]);
        return 'office_phone_number';
      },
    };
    for (const env of [VALUES, KEYS]) await stage.setup({ env, prompt, vendors: given.vendors });
    const names = ['home_phone_number', 'mobile_phone_number', 'office_phone_number'];
    expect(offers).toEqual([[names, 'mobile_phone_number']]);
    expect(await stage.config(CONSUMER_CONFIG)).toContain('"CALLTOOLS_PHONE_FIELD": "office_phone_number"');
  });

  test('a map that is there stays', async () => {
    const [stage, given] = [await setupStage(), accounts()];
    const own = withValue(await stage.config(CONSUMER_CONFIG), 'FIELD_MAP', { company: 'source' });
    await writeFile(join(stage.folder, CONSUMER_CONFIG), own);
    const offered: string[] = [];
    await stage.setup({ env: VALUES, prompt: mapping(PROPOSED, offered), vendors: given.vendors });
    expect([offered, mapIn(await stage.config(CONSUMER_CONFIG))]).toEqual([[], { company: 'source' }]);
  });
});

test('a field of the same name comes before one that is near, and by its id where it has no key', () => {
  const field = (id: string, key: string | null, name: string, dataType = 'TEXT') => ({
    ...{ id, key, name, dataType },
    options: [],
  });
  const custom = [
    field('a', 'contact.loan', 'Loan'),
    field('b', 'contact.loan_type', 'Loan type'),
    field('c', null, 'Roof age'),
    field('d', 'contact.second_line', 'Second line', 'PHONE'),
  ];
  expect(propose(['loan_type', 'roof_age', 'nothing_like_it', 'second_line'], null, custom)).toEqual([
    { target: 'loan_type', entry: 'custom:contact.loan_type' },
    { target: 'roof_age', entry: 'custom:c' },
  ]);
});
