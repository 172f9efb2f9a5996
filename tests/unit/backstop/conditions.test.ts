// Rules with conditions through the whole consumer: what changes with time or without a webhook is noticed in the night, and unchanged
// contacts cost no call.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
const DAY = 86_400_000;
const COLD = { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' };
const CONSENT = 'consent'.padEnd(20, '0');
const DATE = 'consentDate'.padEnd(20, '0');
const PERMITTED = { custom: { 'contact.consent_to_calls': ['yes'], 'contact.date_of_consent': { withinDays: 30 } } };

type Fields = Record<string, unknown>;

const staged = (rules: Fields) =>
  backstopStage({ env: { SYNC_RULES: JSON.stringify(rules), VERIFY_WITHIN_DAYS: '90' } });

/** YYYY-MM-DD, so many days ago. */
const ago = ({ clock }: BackstopStage, days: number) => new Date(clock.at - days * DAY).toISOString().slice(0, 10);

const consented = (date: string, consent: unknown = 'Yes') => ({
  customFields: [
    { id: CONSENT, value: consent },
    { id: DATE, value: date },
  ],
});

/** A contact of whom only the nightly list tells. */
async function lead(stage: BackstopStage, n: number, fields: Fields = {}): Promise<string> {
  const { id } = await stage.ghl.addContact({ phone: phoneOf(n), tags: ['cold lead'], ...fields }, SILENT);
  return id;
}

const reads = ({ ghl }: BackstopStage) => ghl.calls.count({ method: 'GET', path: '/contacts/' });

/** A night a day later: how many differed and so were read, and what was written. A contact of the dialer may be verified besides. */
async function night(stage: BackstopStage) {
  stage.clock.at += DAY;
  const writes = stage.writes();
  const { queued } = await stage.night();
  return { queued, written: stage.writes() - writes };
}
const QUIET = { queued: 0, written: 0 };

describe('what the night notices without a webhook', () => {
  test('consent that grows too old takes out, and nobody else is read', async () => {
    const stage = staged({ require: PERMITTED, routes: [COLD] });
    const old = await lead(stage, 0, consented(ago(stage, 28)));
    await lead(stage, 1, consented(ago(stage, 1)));
    await lead(stage, 2, consented(ago(stage, 90)));
    await stage.night();
    expect(stage.dialed().toSorted()).toEqual([phoneOf(0), phoneOf(1)]);
    expect(await night(stage)).toEqual(QUIET);
    expect(await night(stage)).toEqual(QUIET);
    expect(await night(stage)).toEqual({ queued: 1, written: 1 });
    expect(stage.dialed()).toEqual([phoneOf(1)]);
    expect(await stage.ask('GET', `/contacts/${old}`)).toMatchObject({
      state: 'kept_out',
      reason: 'not_permitted',
      condition: 'custom contact.date_of_consent',
      error: null,
      explanation: expect.stringContaining('The condition: custom contact.date_of_consent.'),
    });
    expect(await night(stage)).toEqual(QUIET);
  });

  test('a custom field that changes, in and out', async () => {
    const stage = staged({ require: PERMITTED, routes: [COLD] });
    const id = await lead(stage, 0, consented(ago(stage, 1), 'No'));
    await stage.night();
    expect(stage.dialed()).toEqual([]);
    await stage.ghl.editContact(id, consented(ago(stage, 1)), SILENT);
    expect(await night(stage)).toMatchObject({ queued: 1 });
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    await stage.ghl.editContact(id, consented(ago(stage, 1), 'YES'), SILENT);
    expect(await night(stage)).toEqual(QUIET);
    await stage.ghl.editContact(id, { customFields: [] }, SILENT);
    expect(await night(stage)).toEqual({ queued: 1, written: 1 });
    expect(stage.dialed()).toEqual([]);
  });

  test('a new contact that no route knows by its tags', async () => {
    const stage = staged({ routes: [{ name: 'google', source: ['Google'], bucket: 'Cold Leads' }] });
    await lead(stage, 0, { tags: [], source: 'google ' });
    await lead(stage, 1, { tags: [], source: 'partner' });
    await stage.night();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(reads(stage)).toBe(1);
    expect(await night(stage)).toEqual(QUIET);
  });

  test('a contact that is no longer new', async () => {
    const stage = staged({ routes: [{ name: 'new', addedWithinDays: 2, bucket: 'Cold Leads' }] });
    await lead(stage, 0);
    await stage.night();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    const nights = [await night(stage), await night(stage), await night(stage)];
    expect(nights).toEqual([QUIET, QUIET, { queued: 1, written: 1 }]);
    expect(stage.dialed()).toEqual([]);
  });
});

describe('a webhook with tags', () => {
  const snapshot = { tags: ['cold lead'], dnd: false };

  test('does not place by a route that asks for more, and has the contact read', async () => {
    const stage = staged({ routes: [{ ...COLD, state: ['FL'] }] });
    const ids = [await lead(stage, 0, { state: 'Texas' }), await lead(stage, 1, { state: 'florida' })];
    for (const id of ids) stage.hint(id, { eventType: 'ContactCreate', occurredAt: stage.clock.at, snapshot });
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(1)]);
  });

  test('that no route names reads a new contact where a route asks for something else', async () => {
    const stage = staged({ routes: [{ name: 'google', source: ['Google'], bucket: 'Cold Leads' }] });
    const id = await lead(stage, 0, { tags: [], source: 'Google' });
    stage.hint(id, { eventType: 'ContactCreate', occurredAt: stage.clock.at, snapshot: { tags: [], dnd: false } });
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('without the tag that everybody must have takes out at once, and a read that lags does not put back', async () => {
    const stage = staged({ require: { tags: ['consented'] }, routes: [COLD] });
    const id = await lead(stage, 0, { tags: ['cold lead', 'consented'] });
    await stage.night();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    stage.clock.at += DAY;
    stage.ghl.settings.readLagMs = 5000;
    await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
    stage.hint(id, { eventType: 'ContactTagUpdate', occurredAt: stage.clock.at, snapshot });
    await stage.step();
    expect(stage.dialed()).toEqual([]);
    await stage.work();
    expect(stage.dialed()).toEqual([]);
    expect(await stage.ask('GET', `/contacts/${id}`)).toMatchObject({ reason: 'not_permitted', condition: 'tags' });
  });
});

test('what is not permitted says which condition failed, in its history too', async () => {
  const stage = staged({ require: PERMITTED, routes: [COLD] });
  const id = await lead(stage, 0, consented(ago(stage, 1), 'No'));
  await stage.night();
  expect(stage.writes()).toBe(0);
  const story = await stage.ask('GET', `/contacts/${id}`);
  expect(story).toMatchObject({
    reason: 'not_permitted',
    condition: 'custom contact.consent_to_calls',
    route: 'cold',
    history: [{ reason: 'not_permitted' }],
  });
});

test('a reference to a field that the account does not have permits nobody', async () => {
  const stage = staged({ require: { custom: { 'contact.consnet': { exists: true } } }, routes: [COLD] });
  const id = await lead(stage, 0, consented(ago(stage, 1)));
  await stage.night();
  expect(stage.dialed()).toEqual([]);
  expect(await stage.ask('GET', `/contacts/${id}`)).toMatchObject({ reason: 'not_permitted' });
});

test('a value that cannot be read is doubt, and a later route does not place either', async () => {
  const partner = { name: 'partner', source: ['partner'], bucket: 'Warm Leads' };
  const stage = staged({ routes: [partner, COLD] });
  const id = await lead(stage, 0, { source: { odd: true } });
  await stage.night();
  expect(stage.callTools.contacts()).toEqual([]);
  expect(await stage.ask('GET', `/contacts/${id}`)).toMatchObject({ reason: 'rule_in_doubt', condition: 'source' });
});

test('of two contacts with one number, the permitted one is dialed', async () => {
  const stage = staged({ require: PERMITTED, routes: [COLD] });
  const [, no] = [await lead(stage, 0, consented(ago(stage, 1))), await lead(stage, 0, consented(ago(stage, 1), 'No'))];
  await stage.night();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(await stage.ask('GET', `/contacts/${no}`)).toMatchObject({ reason: 'not_permitted' });
  await stage.ghl.editContact(no, { tags: ['cold lead', 'dnd'] }, SILENT);
  await night(stage);
  expect(stage.dialed()).toEqual([]);
});
