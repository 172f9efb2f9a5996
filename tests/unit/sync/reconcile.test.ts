// A batch among others: what another one holds is waited for, and what was not committed is tried again.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, events, phoneOf } from '../../support/consumer-harness.ts';
import { intercept, isPost } from '../../support/intercept.ts';
import { LOCATION } from '../../support/vendor-harness.ts';

const SILENT = { silent: true };
const DAY = 86_400_000;
const SOON_MS = 5000;
/** Older than a read by more than clocks may differ. */
const LONG_AGO_MS = 60_000;

/** Leads with the same number, all of them settled. */
async function sharing(tags: string[][]) {
  const stage = backstopStage();
  const ids: string[] = [];
  for (const tag of tags) {
    const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: tag }, SILENT);
    ids.push(id);
    stage.hint(id);
    await stage.work();
  }
  stage.clock.at += 2 * LONG_AGO_MS;
  return { stage, ids: ids as [string, ...string[]] };
}

/** Another batch holds every number from now on, for a while. */
function holdPhones({ sqlite, clock }: BackstopStage): void {
  sqlite.rows(`UPDATE dialer SET lease_token = 'theirs', lease_until = ?1`, clock.at + SOON_MS);
}

/** Another batch, which thinks that ours is dead, takes every contact. */
function takeContacts({ sqlite, clock }: BackstopStage): void {
  sqlite.rows(`UPDATE contacts SET lease_token = 'theirs', lease_until = ?1`, clock.at + SOON_MS);
}

const rowsOf = ({ sqlite }: BackstopStage, sql: string) => sqlite.rows(sql).map((row) => ({ ...row }));
const waiting = ({ queues }: BackstopStage) => queues.events.length;
const hintOfOld = (stage: BackstopStage, id: string) => stage.hint(id, { receivedAt: stage.clock.at - LONG_AGO_MS });

describe('a number that another batch holds', () => {
  test('is not passed over: a contact that must keep it out waits, and then it is not dialed', async () => {
    const { stage, ids } = await sharing([['cold lead'], ['cold lead']]);
    await stage.ghl.editContact(ids[1] ?? '', { tags: ['customer'] }, SILENT);
    holdPhones(stage);
    stage.hint(ids[1] ?? '', { receivedAt: stage.clock.at + 1 });
    await stage.step();
    expect([waiting(stage), stage.dialed()]).toEqual([1, [phoneOf(0)]]);
    await stage.work();
    expect(stage.dialed()).toEqual([]);
  });

  test('and which a contact turns out to have: what was read of it counts only once it has taken effect', async () => {
    const { stage, ids } = await sharing([['cold lead'], ['newsletter']]);
    await stage.ghl.editContact(ids[1] ?? '', { tags: ['customer'] }, SILENT);
    holdPhones(stage);
    hintOfOld(stage, ids[1] ?? '');
    await stage.step();
    expect([waiting(stage), stage.dialed()]).toEqual([1, [phoneOf(0)]]);
    await stage.work();
    expect(stage.dialed()).toEqual([]);
  });

  test('costs the contact no attempt, and no entry in its history', async () => {
    const { stage, ids } = await sharing([['cold lead'], ['newsletter']]);
    const before = stage.sqlite.rows('SELECT attempts, history, read_at FROM contacts');
    await stage.ghl.editContact(ids[1] ?? '', { tags: ['customer'] }, SILENT);
    holdPhones(stage);
    stage.hint(ids[1] ?? '');
    await stage.step();
    expect(stage.sqlite.rows('SELECT attempts, history, read_at FROM contacts')).toEqual(before);
  });
});

describe('a batch that has lost its lease when it commits', () => {
  async function losing() {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hint(id);
    let taken = false;
    intercept(stage.callTools, (request) => {
      if (isPost(request) && !taken) takeContacts(stage);
      taken ||= isPost(request);
      return undefined;
    });
    await stage.step();
    return stage;
  }

  test('says nothing of the contact, and its message comes back', async () => {
    const stage = await losing();
    expect(rowsOf(stage, 'SELECT state, lease_token FROM contacts')).toEqual([
      { state: 'pending', lease_token: 'theirs' },
    ]);
    expect(events(stage, 'contact.placed')).toEqual([]);
    expect(events(stage, 'contact.busy')).toHaveLength(1);
    expect(waiting(stage)).toBe(1);
  });

  test('leaves its work to the next batch, which finds it done', async () => {
    const stage = await losing();
    await stage.work();
    expect(events(stage, 'contact.placed')).toHaveLength(1);
    expect(stage.callTools.contacts()).toMatchObject([{ phones: [phoneOf(0)], buckets: ['Cold Leads'] }]);
  });
});

describe('a contact that cannot be read', () => {
  async function unread(answer: Response) {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hooks.contact = async () => answer;
    stage.hint(id);
    await stage.step();
    return { ...stage.sqlite.rows('SELECT state, attempts, read_at, lease_token FROM contacts')[0] };
  }

  test('for a moment has used up an attempt, and is not held', async () => {
    expect(await unread(new Response('oops', { status: 500 }))).toEqual({
      state: 'pending',
      attempts: 1,
      read_at: null,
      lease_token: null,
    });
  });

  test('since GoHighLevel asks to slow down has used up none, and is not held', async () => {
    const throttled = new Response('{}', { status: 429, headers: { 'retry-after': '90' } });
    expect(await unread(throttled)).toEqual({ state: 'pending', attempts: 0, read_at: null, lease_token: null });
  });
});

describe('a contact that cannot be done', () => {
  test('has failed, and a dead letter says so to a person', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    const refusal = { kind: 'status', status: 400, body: { city: ['is not a valid choice'] } } as const;
    stage.callTools.faults.plan({ match: { method: 'POST', path: '/api/contacts/' }, do: refusal });
    stage.hint(id);
    await stage.work();
    expect(rowsOf(stage, 'SELECT state, reason, lease_token FROM contacts')).toEqual([
      { state: 'failed', reason: 'rejected', lease_token: null },
    ]);
    expect(rowsOf(stage, 'SELECT contact_id, reason, status FROM dead_letters')).toEqual([
      { contact_id: id, reason: 'rejected', status: 'waiting' },
    ]);
  });

  test('since it cannot even be read, has failed as well', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, attempts, created_at, updated_at) VALUES (?1, ?2, 7, 0, 0)`,
      LOCATION,
      id,
    );
    stage.hooks.contact = async () => new Response('oops', { status: 500 });
    stage.hint(id);
    await stage.step();
    expect(rowsOf(stage, 'SELECT state, reason, attempts, lease_token FROM contacts')).toEqual([
      { state: 'failed', reason: 'exhausted', attempts: 0, lease_token: null },
    ]);
    expect(rowsOf(stage, 'SELECT reason, attempts, status FROM dead_letters')).toEqual([
      { reason: 'exhausted', attempts: 8, status: 'waiting' },
    ]);
  });
});

test('a contact that has no say leaves no trace of its number', async () => {
  const stage = backstopStage();
  const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['newsletter'] }, SILENT);
  stage.hint(id);
  await stage.work();
  expect(rowsOf(stage, 'SELECT state, phone_hash FROM contacts')).toEqual([{ state: 'kept_out', phone_hash: null }]);
  expect(rowsOf(stage, 'SELECT phone_hash FROM dialer')).toEqual([]);
});

test('the number is also taken out of a bucket that another batch has just created', async () => {
  const stage = backstopStage();
  // A withdrawal has found that CallTools has no bucket of ours yet.
  const { id: first } = await stage.ghl.addContact({ phone: phoneOf(5), tags: ['customer'] }, SILENT);
  stage.hint(first);
  await stage.work();
  const { id: customer } = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['customer'] }, SILENT);
  const [lead = ''] = await stage.leads(1);
  for (const id of [customer, lead]) stage.hint(id);
  const [ofCustomer, ofLead] = stage.queues.events;
  if (!ofCustomer || !ofLead) throw new Error('two hints');
  stage.hooks.database = async (sql) => {
    if (!sql.startsWith('INSERT INTO dialer')) return;
    stage.hooks.database = async () => {};
    await stage.deliver('events', [ofLead]);
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  };
  await stage.deliver('events', [ofCustomer]);
  expect(stage.dialed()).toEqual([]);
});

test('a row that hides DND stays settled when its contact is read without it: no run asks again', async () => {
  const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '2' }, ghl: { searchHidesCallDnd: true } });
  const [id = ''] = await stage.leads(1);
  await stage.night();
  await stage.ghl.setDnd(id, { call: 'active' }, SILENT);
  stage.clock.at += DAY;
  expect(await stage.night()).toMatchObject({ queued: 0, verified: 1 });
  stage.clock.at += DAY;
  expect(await stage.night()).toMatchObject({ queued: 0 });
});

test('of two contacts that turn out to have one number each counts, though both are new to it', async () => {
  const stage = backstopStage();
  const [lead, customer] = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'];
  await stage.ghl.addContact({ id: lead, phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
  await stage.ghl.addContact({ id: customer, phone: phoneOf(0), tags: ['customer'] }, SILENT);
  for (const id of [lead, customer]) stage.hint(id);
  await stage.step();
  expect(stage.dialed()).toEqual([]);
  expect(stage.writes()).toBe(0);
});

test('of a batch for which a vendor’s limit does not suffice no more is read than the limit allows, and the rest comes back', async () => {
  const stage = backstopStage();
  const ids = await stage.leads(10);
  stage.sqlite.rows(
    `INSERT INTO paces (location_id, vendor, learned_rate, learned_at) VALUES (?1, 'gohighlevel', 0.0002, ?2)`,
    LOCATION,
    stage.clock.at,
  );
  for (const id of ids) stage.hint(id);
  await stage.step();
  const reads = stage.ghl.calls.count({ method: 'GET' });
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThan(5);
  expect(waiting(stage)).toBe(10 - reads);
  await stage.work();
  expect(stage.dialed()).toHaveLength(10);
});
