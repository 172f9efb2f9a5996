// One contact, bucket or number that CallTools refuses is blamed alone; a key that it refuses makes everybody wait.

import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../sandbox/faults.ts';
import { type BackstopStage, backstopStage, phoneOf, phones } from '../../support/consumer-harness.ts';

const FORBIDDEN: Fault = { kind: 'status', status: 403, body: { detail: 'You do not have permission.' } };
const REFUSALS: Fault[] = [
  FORBIDDEN,
  ...[401, 405, 406, 409, 410].map((status): Fault => ({ kind: 'status', status, body: { detail: 'No.' } })),
  { kind: 'login-redirect' },
  { kind: 'status', status: 404, html: true, body: 'Not Found' },
];

/** CallTools may have another reason than the contact. */
const isOdd = (fault: Fault) => fault.kind === 'status' && [404, 410].includes(fault.status);

const circuits = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT vendor, open_kind AS kind FROM circuits WHERE open_reason IS NOT NULL');
const letters = ({ sqlite }: BackstopStage) =>
  sqlite.rows(`SELECT contact_id AS id, reason FROM dead_letters WHERE status = 'waiting' ORDER BY contact_id`);

/** Three leads in the dialer; the first one's CallTools contact is `path`. */
async function placed() {
  const stage = backstopStage();
  const ids = await stage.leads(3);
  for (const id of ids) stage.hint(id);
  await stage.work();
  const [first] = stage.callTools.withPhone(phoneOf(0));
  stage.clock.advance(60_000);
  return { stage, ids, path: `/api/contacts/${first?.id}/` };
}

describe('one contact that CallTools refuses', () => {
  test.each(REFUSALS)('is failed at once, also one that must leave, and the others are served: %j', async (fault) => {
    const { stage, ids, path } = await placed();
    stage.callTools.faults.plan({ match: { path }, do: fault });
    for (const id of ids) {
      await stage.ghl.setDnd(id, { dnd: true }, { silent: true });
      stage.hint(id);
    }
    await stage.step();
    expect(circuits(stage)).toEqual([]);
    // Where the refusal is certain, it is taken out from the bucket's side.
    expect(stage.dialed()).toEqual(isOdd(fault) ? [phoneOf(0)] : []);
    expect(letters(stage)).toEqual([{ id: ids[0], reason: 'refused' }]);
    expect(stage.sqlite.rows(`SELECT contact_id FROM contacts WHERE state = 'failed'`)).toEqual([
      { contact_id: ids[0] },
    ]);
    stage.callTools.faults.clear();
    stage.hint(ids[0] ?? '', { source: 'replay' });
    await stage.work();
    expect([stage.dialed(), letters(stage)]).toEqual([[], []]);
  });

  test('two that are answered oddly are both blamed, though they are the newest and the oldest', async () => {
    const { stage, ids } = await placed();
    const odd = [phoneOf(0), phoneOf(2)];
    for (const phone of odd) {
      const [contact] = stage.callTools.withPhone(phone);
      const path = `/api/contacts/${contact?.id}/`;
      stage.callTools.faults.plan({
        match: { path },
        do: { kind: 'status', status: 404, html: true, body: 'Not Found' },
      });
    }
    for (const id of [ids[0] ?? '', ids[2] ?? '']) {
      await stage.ghl.setDnd(id, { dnd: true }, { silent: true });
      stage.hint(id);
    }
    await stage.step();
    expect(letters(stage).map(({ id }) => id)).toEqual([ids[0], ids[2]].sort());
    expect(circuits(stage)).toEqual([]);
  });

  test.each(REFUSALS)('so is one that is alone in its batch: %j', async (fault) => {
    const { stage, ids, path } = await placed();
    stage.callTools.faults.plan({ match: { path }, do: fault });
    await stage.ghl.setDnd(ids[0] ?? '', { dnd: true }, { silent: true });
    stage.hint(ids[0] ?? '');
    await stage.step();
    expect([letters(stage), circuits(stage)]).toEqual([[{ id: ids[0], reason: 'refused' }], []]);
  });
});

describe('what several share', () => {
  test('a bucket that may not be changed concerns those whom the first way did not move', async () => {
    const { stage, ids } = await placed();
    const bucket = stage.callTools.bucketNamed('Cold Leads')?.id;
    stage.callTools.faults.plan({ match: { path: `/api/buckets/${bucket}/`, method: 'PATCH' }, do: FORBIDDEN });
    stage.callTools.settings.bucketPatch = 'ignored';
    await stage.ghl.editContact(ids[0] ?? '', { tags: [] }, { silent: true });
    await stage.ghl.editContact(ids[1] ?? '', { firstName: 'Dana' }, { silent: true });
    stage.hint(ids[0] ?? '');
    stage.hint(ids[1] ?? '');
    await stage.step();
    expect([letters(stage), circuits(stage)]).toEqual([[{ id: ids[0], reason: 'refused' }], []]);
  });

  test('a bucket that may not be made concerns those who belong there', async () => {
    const stage = backstopStage();
    const [one = ''] = await stage.leads(1);
    stage.callTools.faults.plan({ match: { path: '/api/buckets/', method: 'POST' }, do: FORBIDDEN });
    stage.hint(one);
    await stage.step();
    expect([letters(stage), circuits(stage)]).toEqual([[{ id: one, reason: 'refused' }], []]);
  });

  test('a list of buckets that is refused now and then is tried again, and blames nobody at once', async () => {
    const stage = backstopStage();
    const [one = ''] = await stage.leads(1);
    stage.callTools.faults.plan({ times: 1, match: { path: '/api/buckets/' }, do: FORBIDDEN });
    stage.hint(one);
    await stage.work();
    expect([stage.dialed(), letters(stage), circuits(stage)]).toEqual([phones(1), [], []]);
  });
});

describe('a key that CallTools refuses', () => {
  test.each([FORBIDDEN, { kind: 'login-redirect' } as const])(
    'opens the circuit as refused after two contacts, and nobody’s attempts are used up: %j',
    async (fault) => {
      const { stage } = await placed();
      const ids = await stage.leads(25, 3);
      stage.callTools.faults.plan({ do: fault });
      stage.callTools.calls.clear();
      for (const id of ids) stage.hint(id);
      await stage.step();
      expect(circuits(stage)).toEqual([{ vendor: 'calltools', kind: 'refused' }]);
      expect(stage.callTools.calls.count()).toBeLessThanOrEqual(8);
      expect([letters(stage), stage.queues.events.length]).toEqual([[], 25]);
      stage.callTools.faults.clear();
      await stage.work();
      expect([stage.dialed().length, letters(stage), circuits(stage)]).toEqual([28, [], []]);
    },
  );

  test('a role that may not read contacts at all is a broken set-up too, though it may read the buckets', async () => {
    const { stage } = await placed();
    const ids = await stage.leads(2, 3);
    stage.callTools.faults.plan({ match: { path: '/api/contacts/' }, do: FORBIDDEN });
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect([letters(stage), circuits(stage)]).toEqual([[], [{ vendor: 'calltools', kind: 'refused' }]]);
  });

  test('the labels of a run that are refused open nothing', async () => {
    const { stage } = await placed();
    stage.clock.advance(24 * 3_600_000);
    stage.callTools.faults.plan({ times: 1, match: { path: '/api/buckets/' }, do: FORBIDDEN });
    expect(await stage.night()).toMatchObject({ state: 'complete' });
    expect(circuits(stage)).toEqual([]);
  });
});
