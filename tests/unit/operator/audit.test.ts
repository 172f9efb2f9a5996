// What was done with the operator's token is on a list, where VIEWER_TOKEN is set: ids, no words of a request, in pages, for 90 days.

import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditEntry, Overview } from '../../../shared/api/status.ts';
import { INGEST_STATUS_HEADER, type IngestStatus } from '../../../shared/ingest-status.ts';
import { OPERATOR_ROUTES } from '../../../shared/operator-routes.ts';
import { cleanUp } from '../../../workers/consumer/cron/retention.ts';
import { checkIngest } from '../../../workers/consumer/doctor/state.ts';
import type { OperatorDeps } from '../../../workers/consumer/operator/deps.ts';
import { handleOperator } from '../../../workers/consumer/operator/routes.ts';
import {
  actionsOfContact,
  beginAction,
  endAction,
  listActions,
} from '../../../workers/consumer/store/operator-orders.ts';
import { aLetter, aRun, iso, keep, LOCATION, locationsOf, NOW } from '../../support/operator-harness.ts';
import { createStage, ID } from './forget-harness.ts';

const STATUS: IngestStatus = {
  ...{ locationIds: [LOCATION], apps: 0, hmac: true, workflow: true, calls: false },
  ...{ viewer: 'on', role: 'operator' },
};

let stage: Awaited<ReturnType<typeof createStage>>;
beforeEach(async () => {
  stage = await createStage();
});

async function ask(method: 'GET' | 'POST', path: string, { body, status = STATUS, deps = stage.deps }: Asking = {}) {
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const headers = status === null ? {} : { [INGEST_STATUS_HEADER]: JSON.stringify(status) };
  return handleOperator(new Request(`https://consumer.test${path}`, { ...init, headers }), deps);
}
interface Asking {
  body?: object;
  status?: IngestStatus | null;
  deps?: OperatorDeps;
}

const rows = () => stage.sqlite.rows('SELECT * FROM audit ORDER BY id');

async function list(query = '') {
  const response = await ask('GET', `/api/v1/audit${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as { data: AuditEntry[]; next: string | null };
}

const ENTRY = {
  ...{ id: 1, at: iso(NOW), role: 'operator', outcome: 'done', location_id: LOCATION, contact_id: null },
  ...{ runs: [], letters: [] },
};

describe('an action is on the list with what it was about:', () => {
  test('a run that is started', async () => {
    await ask('POST', '/sync/trigger');
    expect(await list()).toEqual({
      success: true,
      data: [{ ...ENTRY, action: 'run.start', runs: ['run1'] }],
      next: null,
    });
  });

  test('runs of several locations, one of which could not be started', async () => {
    const locations = await locationsOf(['one', 'two']);
    const startRun: OperatorDeps['startRun'] = async (_by, { GHL_LOCATION_ID: id }) => {
      if (id === 'one') throw new Error('D1_ERROR');
      return { run: aRun({ id: `run-${id}` }), joined: false };
    };
    await ask('POST', '/sync/trigger', { deps: { ...stage.deps, locations, startRun } });
    expect((await list()).data).toEqual([{ ...ENTRY, action: 'run.start', location_id: null, runs: ['run-two'] }]);
  });

  test('what the brake held back', async () => {
    stage.sqlite.rows(
      `INSERT INTO new_placements (location_id, phone_hash, contact_id, run_id, state, at) VALUES (?1, 'p', 'c', 'run7', 'held', 1)`,
      LOCATION,
    );
    await ask('POST', '/sync/trigger?confirm=run7');
    expect((await list()).data).toEqual([{ ...ENTRY, action: 'brake.confirm', runs: ['run7'] }]);
  });

  test('a contact that is retried, and its letters', async () => {
    stage.contact('c1', { state: 'failed', reason: 'rejected' });
    stage.letter('d-1', 'c1');
    await ask('POST', '/contacts/c1/retry');
    expect((await list()).data).toEqual([{ ...ENTRY, action: 'contact.retry', contact_id: 'c1', letters: ['d-1'] }]);
  });

  test('a contact that cannot be placed again', async () => {
    stage.contact('c1', { state: 'kept_out', reason: 'route' });
    expect((await ask('POST', '/contacts/c1/place')).status).toBe(409);
    expect((await list()).data).toEqual([{ ...ENTRY, action: 'contact.place', contact_id: 'c1', outcome: 'refused' }]);
  });

  test('letters that are discarded', async () => {
    await keep(stage.deps.env.DB, aLetter({ id: 'd-1' }), aLetter({ id: 'd-2', contactId: 'c2' }));
    await ask('POST', '/dead-letters/discard', { body: { ids: ['d-1', 'd-2'] } });
    expect((await list()).data).toEqual([
      { ...ENTRY, action: 'letters.discard', location_id: null, letters: ['d-1', 'd-2'] },
    ]);
  });

  test.each([
    ['ok', 'c1'],
    ['skipped', null],
  ] as const)('a membership that is checked: %s', async (status, contact_id) => {
    const checks = [{ code: 'membership' as const, status, seen: '' }];
    const deps: OperatorDeps = { ...stage.deps, diagnose: async () => ({ locationId: LOCATION, checks }) };
    await ask('GET', '/doctor?contact=c1', { deps });
    expect((await list()).data).toEqual([{ ...ENTRY, action: 'membership.check', contact_id }]);
  });
});

test('what only reads is not on the list', async () => {
  for (const path of ['/api/v1/overview', '/sync/stats', '/doctor', '/metrics', '/dead-letters', '/contacts/c1'])
    await ask('GET', path);
  expect(rows()).toEqual([]);
});

test.each([null, { ...STATUS, viewer: 'off' as const }])(
  'without VIEWER_TOKEN nothing is stored: %j',
  async (status) => {
    expect((await ask('POST', '/sync/trigger', { status })).status).toBe(202);
    expect(rows()).toEqual([]);
  },
);

test('words of a request that nobody knows here are not stored', async () => {
  const phone = '13055550142';
  for (const act of ['forget', 'place', 'retry'])
    expect((await ask('POST', `/contacts/${phone}/${act}`)).status).toBe(404);
  await ask('POST', '/dead-letters/replay', { body: { ids: [phone, 'Per Qvist'] } });
  await ask('POST', `/sync/trigger?location=${phone}`);
  await ask('POST', `/sync/trigger?confirm=${phone}`);
  await ask('GET', `/doctor?contact=${phone}`);
  await ask('GET', `/doctor?contact=Qvist&location=${phone}`);
  expect(rows()).toHaveLength(8);
  expect(JSON.stringify(rows())).not.toMatch(/Qvist|13055550142/);
});

test('an action that cannot be written is not begun', async () => {
  stage.sqlite.rows('DROP TABLE audit');
  let started = 0;
  const startRun: OperatorDeps['startRun'] = async () => {
    started++;
    return { run: aRun(), joined: false };
  };
  const response = await ask('POST', '/sync/trigger', { deps: { ...stage.deps, startRun } });
  expect([response.status, started]).toEqual([503, 0]);
});

test('an action that fails says so, and one whose end cannot be written is done all the same', async () => {
  const startRun: OperatorDeps['startRun'] = async () => {
    throw new Error('D1_ERROR');
  };
  expect((await ask('POST', '/sync/trigger', { deps: { ...stage.deps, startRun } })).status).toBe(503);
  expect((await list()).data).toMatchObject([{ action: 'run.start', outcome: 'failed', runs: [] }]);
  stage.sqlite.rows(`CREATE TRIGGER no_end BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'no'); END`);
  expect((await ask('POST', '/sync/trigger')).status).toBe(202);
  expect((await list()).data[0]).toMatchObject({ action: 'run.start', outcome: 'unknown' });
  expect(stage.lines.join()).toContain('audit.failed');
});

test('the list is paged: each entry once, the newest first, also while others are added', async () => {
  const { DB } = stage.deps.env;
  for (let n = 0; n < 7; n++) await beginAction(DB, 'operator', `a${n}`, NOW + n);
  const first = await list('?limit=3');
  await beginAction(DB, 'operator', 'later', NOW + 9);
  const second = await list(`?limit=3&cursor=${first.next}`);
  const third = await list(`?limit=3&cursor=${second.next}`);
  const all = [first, second, third].flatMap(({ data }) => data.map(({ action }) => action));
  expect(all).toEqual(['a6', 'a5', 'a4', 'a3', 'a2', 'a1', 'a0']);
  expect([first.next, second.next, third.next]).toEqual(['5', '2', null]);
  expect((await list('?limit=8')).next).toBeNull();
});

test('no statement reads more of the list than it shows, changes or removes', async () => {
  const { DB } = stage.deps.env;
  const asked = new Set<string>();
  const prepare = (sql: string) => {
    asked.add(sql);
    return DB.prepare(sql);
  };
  const db = { ...DB, prepare } as typeof DB;
  await ask('POST', '/sync/trigger', { deps: { ...stage.deps, env: { ...stage.deps.env, DB: db } } });
  await listActions(db, null, 10);
  await actionsOfContact(db, { locationId: LOCATION, contactId: ID }, 10);
  await cleanUp({ env: { DB: db }, world: stage.deps.world, log: () => {} } as never);
  const ofList = [...asked].filter((sql) => /\baudit\b/.test(sql));
  expect(ofList).toHaveLength(5);
  const steps = ofList.flatMap((sql) =>
    stage.sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail)),
  );
  expect(steps.filter((step) => /^SCAN (audit|t)\b|TEMP/.test(step))).toEqual([]);
});

test('an action is kept for 90 days', async () => {
  const { DB } = stage.deps.env;
  const days = (n: number) => NOW - n * 86_400_000;
  for (const ago of [91, 89]) await beginAction(DB, 'operator', `${ago} days ago`, days(ago));
  await cleanUp({ env: { DB }, world: stage.deps.world, log: () => {} } as never);
  expect(rows()).toMatchObject([{ action: '89 days ago' }]);
});

describe('erasure', () => {
  test('the list keeps what was done, and no longer says to whom', async () => {
    const { DB } = stage.deps.env;
    const note = async (action: string, contactId: string | null, letters: string[], locationId = LOCATION) =>
      endAction(DB, await beginAction(DB, 'operator', action, NOW), 'done', {
        locationId,
        contactId,
        runs: [],
        letters,
      });
    stage.contact(ID);
    stage.letter('d-mine', ID);
    await note('contact.retry', ID, ['d-earlier']);
    await note('letters.replay', null, ['d-mine', 'd-other']);
    await note('contact.retry', 'other', ['d-other']);
    await note('contact.retry', ID, [], 'elsewhere');
    const response = await ask('POST', `/contacts/${ID}/forget`);
    expect(response.status).toBe(200);
    const kept = (await listActions(DB, null, 10)).map(({ action, contactId, letters }) => [
      action,
      contactId,
      letters,
    ]);
    expect(kept).toEqual([
      ['contact.forget', null, []],
      ['contact.retry', ID, []],
      ['contact.retry', 'other', ['d-other']],
      ['letters.replay', null, ['d-other']],
      ['contact.retry', null, []],
    ]);
  });

  test('a contact that is not forgotten stays on the list', async () => {
    stage.contact(ID, { lease_until: NOW + 1_000 });
    expect((await ask('POST', `/contacts/${ID}/forget`)).status).toBe(409);
    expect((await list()).data).toMatchObject([{ action: 'contact.forget', outcome: 'refused', contact_id: ID }]);
  });
});

test('the overview says who asks', async () => {
  for (const role of ['viewer', 'operator'] as const) {
    const { data } = (await (await ask('GET', '/api/v1/overview', { status: { ...STATUS, role } })).json()) as {
      data: Overview;
    };
    expect(data.role).toBe(role);
  }
});

test('the doctor names a VIEWER_TOKEN that is the ADMIN_TOKEN', () => {
  expect(checkIngest({ ...STATUS, viewer: 'same' }, LOCATION)).toMatchObject({
    status: 'failed',
    seen: expect.stringContaining('VIEWER_TOKEN is the same as ADMIN_TOKEN'),
  });
  expect(checkIngest(STATUS, LOCATION).status).toBe('ok');
});

test('docs/api.md names every action', () => {
  const docs = readFileSync('docs/api.md', 'utf8');
  const actions = OPERATOR_ROUTES.flatMap((route) => [
    ...(route.action === null ? [] : [route.action]),
    ...('actionWith' in route ? [route.actionWith.action] : []),
  ]);
  expect(actions.length).toBeGreaterThan(5);
  expect(actions.filter((action) => !docs.includes(`\`${action}\``))).toEqual([]);
});
