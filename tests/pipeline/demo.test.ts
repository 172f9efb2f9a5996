// npm run demo: it ends well on a clean pipeline, and its final check notices each way in which CallTools can be wrong.

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareVendors, NOT_INTERESTED_TAG, type Stats, unfinished } from '../../sandbox/observe/check.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { verdict } from '../../scripts/demo/report.ts';
import { SCENARIOS } from '../../scripts/demo/scenarios.ts';

const DEMO = resolve(import.meta.dirname, '../../scripts/demo.ts');

/** Settings of a person's own that would make another outcome. */
const OTHER_SETTINGS = {
  SYNC_RULES: JSON.stringify({ routes: [{ name: 'all', tags: ['customer'], bucket: 'Everyone' }] }),
  CALLTOOLS_BASE_URL: 'http://127.0.0.1:9',
  GHL_API_BASE_URL: 'http://127.0.0.1:9',
  GHL_LOCATION_ID: 'another',
  CLOUDFLARE_ENV: 'staging',
};

test('the demo ends with 0 and tells of every scenario, whatever the environment sets', {
  timeout: 150_000,
}, async () => {
  const env = { ...process.env, ...OTHER_SETTINGS, NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, [DEMO], { env });
  const lines = stdout.split('\n');
  const rows = lines.filter((line) => line.startsWith('✓  '));
  expect(rows.map((row) => row.slice(3, 22).trim())).toEqual(SCENARIOS.flat().map(({ name }) => name));
  expect(lines.filter((line) => line.startsWith('✗'))).toEqual([]);
  expect(stdout).toContain('CallTools holds exactly what the rules say');
  expect(stdout).not.toContain('\u001b[');
});

describe('the final check', () => {
  let sandbox: Sandbox;
  const LEAD = '+13055550101';
  const CUSTOMER = '+13055550102';
  const REFUSES = '+13055550103';
  const mismatches = () => compareVendors(sandbox).map(({ what, expected, found }) => [what, expected, found]);
  const inDialer = (phone: string) => {
    const contact = sandbox.callTools.contacts().find(({ phones }) => phones.includes(phone));
    if (!contact) throw new Error(`CallTools has no ${phone}`);
    return contact;
  };

  /** A lead, a customer and one who refuses calls, and CallTools as the rules say. */
  beforeEach(async () => {
    sandbox = await startSandbox({ callToolsSettings: { duplicateMode: 'create' } });
    const { ghl, callTools } = sandbox;
    const name = { firstName: 'Nora', lastName: 'Fields', email: 'nora@example.com' };
    await ghl.addContact({ ...name, phone: LEAD, tags: ['cold lead'] });
    await ghl.addContact({ firstName: 'Uma', phone: CUSTOMER, tags: ['cold lead', 'past customer'] });
    const { id } = await ghl.addContact({ firstName: 'Victor', phone: REFUSES, tags: ['cold lead'] });
    await ghl.setDnd(id, { call: 'active' });
    const shown = { first_name: 'Nora', last_name: 'Fields', personal_email_address: 'nora@example.com' };
    callTools.addContactByHand({ ...shown, mobile_phone_number: LEAD, buckets: ['Cold Leads'] });
    callTools.addContactByHand({ first_name: 'Uma', mobile_phone_number: CUSTOMER });
    callTools.addContactByHand({ first_name: 'Victor', mobile_phone_number: REFUSES, do_not_contact: true });
  });
  afterEach(() => sandbox.close());

  test('is content with what the rules say', () => {
    expect(mismatches()).toEqual([]);
  });

  test('notices a customer put into the bucket by hand', () => {
    sandbox.callTools.putInBucketByHand(inDialer(CUSTOMER).id, 'Cold Leads');
    expect(mismatches()).toEqual([
      [`Uma, ${CUSTOMER}`, 'not in CallTools or out of every bucket', 'in Cold Leads as Uma'],
    ]);
  });

  test('notices a second contact with a phone', () => {
    sandbox.callTools.addContactByHand({ first_name: 'Nora', mobile_phone_number: LEAD });
    expect(mismatches()).toEqual([
      [
        `Nora Fields, ${LEAD}`,
        'in Cold Leads as Nora Fields',
        '2 contacts: in Cold Leads as Nora Fields + out of every bucket',
      ],
    ]);
  });

  test('notices that a lead is missing', () => {
    sandbox.callTools.deleteContact(inDialer(LEAD).id);
    expect(mismatches()).toEqual([[`Nora Fields, ${LEAD}`, 'in Cold Leads as Nora Fields', 'not in CallTools']]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['an old name', { first_name: 'Eleonora' }, 'in Cold Leads as Eleonora Fields'],
    ["another person's email", { personal_email_address: 'uma@example.com' }, 'email uma@example.com'],
    ['do-not-contact on a lead', { do_not_contact: true }, 'in Cold Leads as Nora Fields, do not contact'],
    ['a bucket too many', { buckets: ['Newsletter'] }, 'in Cold Leads and Newsletter as Nora Fields'],
  ])('notices %s', (_what, change, found) => {
    sandbox.callTools.editContactByHand(inDialer(LEAD).id, change);
    expect(mismatches()).toEqual([[`Nora Fields, ${LEAD}`, expect.any(String), found]]);
  });

  test('notices that a refusal of calls is not passed on', () => {
    sandbox.callTools.editContactByHand(inDialer(REFUSES).id, { do_not_contact: false });
    expect(mismatches()).toEqual([[`Victor, ${REFUSES}`, expect.any(String), 'out of every bucket']]);
  });

  test('notices that one who said no on a call is still dialed', async () => {
    const [lead] = sandbox.ghl.contacts().filter(({ phone }) => phone === LEAD);
    await sandbox.ghl.editContact(lead?.id ?? '', { tags: ['cold lead', NOT_INTERESTED_TAG] });
    expect(mismatches()).toEqual([
      [`Nora Fields, ${LEAD}`, 'not in CallTools or out of every bucket', 'in Cold Leads as Nora Fields'],
    ]);
  });

  test('notices a contact that GoHighLevel never had, and one without a phone', () => {
    sandbox.callTools.addContactByHand({ first_name: 'Yara', mobile_phone_number: '+13055550199' });
    sandbox.callTools.addContactByHand({ first_name: 'Zane' });
    expect(mismatches()).toEqual([
      ['a contact that GoHighLevel does not have, no phone', 'not in CallTools', 'out of every bucket'],
      ['a contact that GoHighLevel does not have, +13055550199', 'not in CallTools', 'out of every bucket'],
    ]);
  });

  test('notices what the pipeline has left undone', () => {
    const closed = { state: 'closed', reason: null };
    const well: Stats = {
      failed: 0,
      pending: 0,
      dead_letters: 0,
      outbox: { depth: 0 },
      circuits: { gohighlevel: closed, calltools: closed },
    };
    expect(unfinished(well)).toEqual([]);
    const circuits = { gohighlevel: closed, calltools: { state: 'open', reason: '503' } };
    const ill = { failed: 1, pending: 2, dead_letters: 3, outbox: { depth: 4 }, circuits };
    expect(unfinished(ill).map(({ found }) => found)).toEqual(['1', '2', '3', '4', 'open: 503']);
  });
});

test('the verdict is bad as soon as one scenario failed or one difference was found', () => {
  const row = { name: 'Edit', sent: '', answer: '', happened: '', ms: 1, ok: true };
  const difference = { what: 'dead letters waiting', expected: '0', found: '1' };
  expect(verdict([row], [], 20)).toMatchObject({
    ok: true,
    text: expect.stringContaining('exactly what the rules say'),
  });
  expect(verdict([row, { ...row, ok: false }], [], 20)).toMatchObject({ ok: false });
  expect(verdict([row], [difference], 20)).toMatchObject({ ok: false });
});
