// The set-up offers the accounts' real fields: it proposes pairs of like names, and writes what the person takes. With --yes, or without the
// keys, nothing is mapped and nobody is asked.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCallTools } from '../../../sandbox/calltools.ts';
import { createGoHighLevel } from '../../../sandbox/gohighlevel.ts';
import { CONSUMER_CONFIG } from '../../../scripts/setup/config-file.ts';
import type { Prompt } from '../../../scripts/setup/prompt.ts';
import { propose } from '../../../scripts/setup/propose.ts';
import { parseFieldMap } from '../../../workers/consumer/domain/fields/field-map-setting.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { KEYS, setupStage, VALUES } from './setup-harness.ts';

const CALLTOOLS_URL = 'https://east-1.calltools.io/';

/** Both accounts, as the sandbox has them. */
function accounts() {
  const world = { now: () => NOON, wait: async () => {}, random: () => 0.5 };
  const ghl = createGoHighLevel({ ...world, locationId: VALUES.GHL_LOCATION_ID, apiKey: KEYS.GHL_API_KEY });
  const callTools = createCallTools({ ...world, token: KEYS.CALLTOOLS_API_KEY });
  const asked: string[] = [];
  const vendors = (request: Request) => {
    asked.push(request.url);
    return (request.url.startsWith(CALLTOOLS_URL) ? callTools : ghl).handle(request);
  };
  return { ghl, callTools, asked, vendors };
}

/** A person who gives the keys, and answers the question about fields with this. */
function person(answer: string, named = ''): Prompt {
  return {
    ask: async (question) =>
      question.includes('Map which') ? answer : question.includes('Which of them') ? named : '',
    askSecret: async (question) => (question.includes('GoHighLevel') ? KEYS.GHL_API_KEY : KEYS.CALLTOOLS_API_KEY),
    confirm: async () => true,
  };
}

const mapIn = (config: string) => JSON.parse(/"FIELD_MAP": (\{\}|\{[\s\S]*?\n {4}\})/.exec(config)?.[1] ?? 'null');

async function ask(answer: string, given = accounts(), env: Record<string, string> = VALUES) {
  const stage = await setupStage();
  const ran = await stage.setup({ env, prompt: person(answer), options: { yes: false }, vendors: given.vendors });
  const deploys = stage.account.calls.filter(({ args }) => args === `deploy -c ${CONSUMER_CONFIG}`).length;
  return { ...ran, stage, deploys, config: await stage.config(CONSUMER_CONFIG) };
}

describe('the step', () => {
  test('proposes fields of like names, and what the person takes is a valid map, written and deployed', async () => {
    const { code, out, config, deploys } = await ask('all');
    expect(code).toBe(0);
    expect(out).not.toContain('It has:');
    expect(out).toMatch(/1\. agent_note from custom:contact\.agent_note\n/);
    expect(out).toMatch(/\d\. monthly_bill from custom:contact\.monthly_bill, as number\n/);
    const map = mapIn(config);
    expect(map).toMatchObject({
      agent_note: 'custom:contact.agent_note',
      company: 'companyName',
      lead_source: 'source',
      monthly_bill: { from: 'custom:contact.monthly_bill', as: 'number' },
      product: 'custom:contact.product',
    });
    const reserved = { phone: 'mobile_phone_number', email: 'personal_email_address', externalId: '' };
    expect(parseFieldMap({ FIELD_MAP: map }, reserved).rules.length).toBeGreaterThan(10);
    expect(config).toContain('    // Which fields agents see');
    expect(deploys).toBe(2);
  });

  test('takes the numbers that the person names', async () => {
    const { config } = await ask('2, 1');
    expect(Object.keys(mapIn(config))).toEqual(['company', 'agent_note']);
  });

  test.each(['', 'none', '1 99', '1-3', 'n'])('%j maps nothing, and deploys nothing more', async (answer) => {
    const { code, out, config, deploys } = await ask(answer);
    expect([code, mapIn(config), deploys]).toEqual([0, {}, 1]);
    expect(out).toContain('Nothing is changed. Later: npm run doctor names');
  });

  test('without the scope, and with accounts that cannot be reached, it says so and ends well', async () => {
    const poor = accounts();
    poor.ghl.settings.scopes = ['contacts.readonly'];
    const { out, code, config } = await ask('all', poor);
    expect(out).toContain('does the token have the scope locations/customFields.readonly?');
    expect([code, mapIn(config).company]).toEqual([0, 'companyName']);
    const down = { ...accounts(), vendors: () => Promise.reject(new TypeError('fetch failed')) };
    expect(await ask('all', down)).toMatchObject({
      code: 0,
      out: expect.stringContaining('CallTools does not describe its fields.'),
    });
  });

  test('with --yes, or where the keys were set in an earlier run, nobody is asked and no vendor called', async () => {
    const given = accounts();
    const stage = await setupStage();
    expect(await stage.setup({ vendors: given.vendors })).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing is changed. Later: npm run doctor names'),
    });
    await stage.setup({ env: VALUES, prompt: person('all'), options: { yes: false }, vendors: given.vendors });
    expect([given.asked, mapIn(await stage.config(CONSUMER_CONFIG))]).toEqual([[], {}]);
  });

  test('asks which field is the phone and which the email, where the configured ones are not there', async () => {
    const given = accounts();
    Object.assign(given.callTools.settings, { phoneFields: ['cell_phone', 'home_phone'], emailField: 'email' });
    const stage = await setupStage();
    const how = { env: VALUES, options: { yes: false }, vendors: given.vendors };
    const { out } = await stage.setup({ ...how, prompt: person('', '1') });
    expect(out).toContain(
      'CallTools has no field mobile_phone_number (CALLTOOLS_PHONE_FIELD). It has:\n    1. cell_phone\n    2. home_phone\n',
    );
    const config = await stage.config(CONSUMER_CONFIG);
    expect(config).toContain('"CALLTOOLS_PHONE_FIELD": "cell_phone"');
    expect(config).toContain('"CALLTOOLS_EMAIL_FIELD": "email"');
    for (const answer of ['', 'all', '1 2', '9']) {
      const other = await setupStage();
      await other.setup({ ...how, prompt: person('', answer) });
      expect(await other.config(CONSUMER_CONFIG)).toContain('"CALLTOOLS_PHONE_FIELD": "mobile_phone_number"');
    }
  });

  test('a map that is there stays', async () => {
    const given = accounts();
    const stage = await setupStage();
    const path = join(stage.folder, CONSUMER_CONFIG);
    const own = (await stage.config(CONSUMER_CONFIG)).replace(
      '"FIELD_MAP": {}',
      '"FIELD_MAP": { "company": "source" }',
    );
    await writeFile(path, own);
    const { out } = await stage.setup({
      env: VALUES,
      prompt: person('all'),
      options: { yes: false },
      vendors: given.vendors,
    });
    expect(out).not.toContain('custom:contact');
    expect(await stage.config(CONSUMER_CONFIG)).toContain('{ "company": "source" }');
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
