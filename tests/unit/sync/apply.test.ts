// A batch's writes while an earlier claim died: what CallTools holds is not certain, and is treated so until it is.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { intercept, isPost } from '../../support/intercept.ts';

const SILENT = { silent: true };

/** One lead in the dialer. */
async function placed() {
  const stage = backstopStage();
  const [id = ''] = await stage.leads(1);
  stage.hint(id);
  await stage.work();
  const edit = async (changes: Parameters<typeof stage.ghl.editContact>[1]) => {
    await stage.ghl.editContact(id, changes, SILENT);
    stage.clock.at += 10_000;
    stage.hint(id);
  };
  return { stage, id, edit, row: rowOf(stage) };
}

/** Of the first lead's number. */
function rowOf({ sqlite }: BackstopStage) {
  const [known] = sqlite.rows('SELECT phone_hash FROM dialer');
  return (columns: string) => {
    const hash = known?.phone_hash ?? sqlite.rows('SELECT phone_hash FROM dialer')[0]?.phone_hash ?? '';
    return { ...sqlite.rows(`SELECT ${columns} FROM dialer WHERE phone_hash = ?1`, hash)[0] };
  };
}

/** A batch died over this number long ago, without a word. */
function dieOver({ sqlite }: BackstopStage): void {
  sqlite.rows('UPDATE dialer SET unsettled = 1, doubt_until = 0, lease_until = 1');
}

/** Bodies of the writes to contacts from now on. */
function writesOf({ callTools }: BackstopStage): Record<string, unknown>[] {
  const bodies: Record<string, unknown>[] = [];
  intercept(callTools, async (request) => {
    if (isPost(request) || request.method === 'PATCH') bodies.push(JSON.parse(await request.text()));
    return undefined;
  });
  return bodies;
}

describe('a CallTools contact that goes along to a new number', () => {
  test('and is certainly in its bucket is changed by one write', async () => {
    const { stage, edit } = await placed();
    const writes = writesOf(stage);
    await edit({ phone: phoneOf(1) });
    await stage.work();
    expect(writes).toMatchObject([{ mobile_phone_number: phoneOf(1) }]);
    expect(stage.dialed()).toEqual([phoneOf(1)]);
  });

  test.each<[string, (stage: BackstopStage) => unknown]>([
    ['an earlier claim died', dieOver],
    ['it is in no bucket', ({ sqlite }) => sqlite.rows('UPDATE dialer SET held = 0')],
    [
      'an earlier write may still take effect',
      ({ sqlite, clock }) => sqlite.rows('UPDATE dialer SET doubt_until = ?1', clock.at + 60_000),
    ],
  ])('gets its number first where %s: were it refused, the old one would be dialed', async (_, doubt) => {
    const { stage, edit } = await placed();
    doubt(stage);
    const writes = writesOf(stage);
    await edit({ phone: phoneOf(1) });
    await stage.step();
    expect(writes[0]).toMatchObject({ mobile_phone_number: phoneOf(1) });
    expect(writes[0]).not.toHaveProperty('add_buckets');
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(1)]);
  });
});

test.each<[string, (stage: BackstopStage) => unknown]>([
  ['an earlier claim died', dieOver],
  ['it is known to be in no bucket', ({ sqlite }) => sqlite.rows('UPDATE dialer SET held = 0')],
  ['it is certainly held', () => {}],
  ['its route changes too', ({ sqlite }) => sqlite.rows('UPDATE dialer SET placing = NULL')],
])('an old number is not dialed where %s and the new one does not take', async (_, doubt) => {
  const { stage, edit } = await placed();
  const [contact] = stage.callTools.contacts();
  stage.callTools.takeOutByHand(contact?.id ?? 0);
  doubt(stage);
  intercept(stage.callTools, withoutNumber);
  await edit({ phone: phoneOf(1) });
  await stage.work();
  expect(stage.callTools.contacts()).toMatchObject([{ phones: [phoneOf(0)], buckets: [] }]);
});

test('a number that was changed by hand in CallTools is not dialed where ours does not take', async () => {
  const { stage, edit } = await placed();
  const id = stage.callTools.contacts()[0]?.id ?? 0;
  stage.callTools.takeOutByHand(id);
  stage.callTools.editContactByHand(id, { mobile_phone_number: phoneOf(9) });
  intercept(stage.callTools, withoutNumber);
  await edit({ firstName: 'Nina' });
  await stage.work();
  expect(stage.callTools.contacts()).toMatchObject([{ phones: [phoneOf(9)], buckets: [] }]);
});

test('an old number does not stay in the dialer where the new one does not take', async () => {
  const { stage, edit } = await placed();
  intercept(stage.callTools, withoutNumber);
  await edit({ phone: phoneOf(1) });
  await stage.work();
  expect(stage.callTools.contacts()).toMatchObject([{ phones: [phoneOf(0)], buckets: [] }]);
});

/** CallTools takes the write, and drops the number in it. */
async function withoutNumber(request: Request, handle: (request: Request) => Promise<Response>) {
  if (request.method !== 'PATCH') return undefined;
  const { mobile_phone_number: _, ...rest } = JSON.parse(await request.text()) as Record<string, unknown>;
  const { url, method, headers } = request;
  return handle(new Request(url, { method, headers, body: JSON.stringify(rest) }));
}

describe('a number over which a batch died', () => {
  test('may be in a bucket until it was looked at, also where that fails', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hint(id);
    stage.callTools.faults.plan({ match: { method: 'POST' }, times: 1, do: { kind: 'throttle', seconds: 60 } });
    await stage.step();
    stage.sqlite.rows('UPDATE dialer SET unsettled = 1, held = 0, lease_until = 1');
    stage.sqlite.rows('DELETE FROM circuits');
    stage.callTools.faults.plan({ match: { method: 'GET' }, times: 9, do: { kind: 'html500' } });
    stage.hint(id);
    stage.clock.at += 1;
    await stage.deliver('events', stage.queues.events.slice(-1));
    expect(rowOf(stage)('held, fingerprint, unsettled')).toEqual({ held: 1, fingerprint: null, unsettled: 0 });
  });

  test('is written anew, whatever was remembered of it', async () => {
    const { stage, id, row } = await placed();
    const { fingerprint } = row('fingerprint');
    dieOver(stage);
    const writes = writesOf(stage);
    stage.hint(id, { source: 'replay' });
    await stage.work();
    expect(writes).toHaveLength(1);
    expect(row('fingerprint, unsettled')).toEqual({ fingerprint, unsettled: 0 });
  });

  test('is not written where every claim was committed', async () => {
    const { stage, id } = await placed();
    const writes = writesOf(stage);
    stage.hint(id, { source: 'replay' });
    await stage.work();
    expect(writes).toEqual([]);
  });
});

describe('a write without an answer', () => {
  test('is in doubt for a minute: what CallTools holds counts as not known, and as dialed', async () => {
    const { stage, edit, row } = await placed();
    stage.callTools.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind: 'hang' } });
    await edit({ tags: ['customer'] });
    await stage.step();
    const { doubt_until, ...rest } = row('held, fingerprint, doubt_until');
    expect(rest).toEqual({ held: 1, fingerprint: null });
    expect(Number(doubt_until) - stage.clock.at).toBe(60_000);
  });

  test('that is followed by one with an answer is in doubt all the same, and is looked at again', async () => {
    const { stage, edit, row } = await placed();
    stage.callTools.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind: 'hang' } });
    await edit({ firstName: 'Another' });
    await stage.step();
    const doubtUntil = Number(row('doubt_until').doubt_until);
    await stage.work();
    expect(stage.clock.at).toBeGreaterThan(doubtUntil);
    expect(row('fingerprint IS NOT NULL AS known')).toEqual({ known: 1 });
    expect(row('doubt_until').doubt_until).toBeLessThanOrEqual(stage.clock.at);
  });
});

test('a doubt that ends at this moment is over', async () => {
  const { stage, edit, row } = await placed();
  await edit({ firstName: 'Another' });
  stage.sqlite.rows('UPDATE dialer SET doubt_until = ?1', stage.clock.at);
  await stage.step();
  expect(row('fingerprint IS NOT NULL AS known')).toEqual({ known: 1 });
});

test('withdrawals begin first, of several writes at once', async () => {
  const stage = backstopStage();
  const ids = await stage.leads(8);
  for (const id of ids) stage.hint(id);
  await stage.work();
  // Numbers come in the order of their hashes.
  const last = stage.sqlite.rows('SELECT contact_id FROM dialer ORDER BY phone_hash DESC LIMIT 2');
  const goes = last.map(({ contact_id }) => String(contact_id));
  for (const id of ids)
    await stage.ghl.editContact(id, goes.includes(id) ? { tags: ['customer'] } : { firstName: 'Another' }, SILENT);
  stage.clock.at += 10_000;
  const writes = writesOf(stage);
  for (const id of ids) stage.hint(id);
  await stage.step();
  const places = writes.map((body) => 'first_name' in body);
  expect(places).toHaveLength(8);
  // Four at once: the slower of them may be overtaken, but not by all.
  expect(places.slice(-2)).toEqual([true, true]);
});
