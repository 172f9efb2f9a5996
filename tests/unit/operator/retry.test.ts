// A failed contact is never lost from sight: whatever became of its dead letter, the pipeline is not healthy, and the contact can be retried.

import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { Contact, Discarded } from '../../../shared/api/contacts.ts';
import type { Overview } from '../../../shared/api/status.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import { readLocations } from '../../../workers/consumer/config/locations.ts';
import { examineLocation } from '../../../workers/consumer/doctor/diagnose.ts';
import type { OperatorDeps } from '../../../workers/consumer/operator/deps.ts';
import { handleOperator } from '../../../workers/consumer/operator/routes.ts';
import { failedWithoutLetter, MAX_FAILED, namesOfFailed } from '../../../workers/consumer/store/operator-orders.ts';
import { NO_RULES_TRIED } from '../../support/rules.ts';
import { ENV, LOCATION } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { createStage as createAlertStage } from '../monitoring/alert-harness.ts';

const LOCATIONS = await readLocations({ ...ENV, GHL_LOCATION_ID: LOCATION });
const MINUTE = 60_000;

let sqlite: ReturnType<typeof openSqlite>;
let db: ReturnType<ReturnType<typeof openSqlite>['bind']>;
let sent: ContactChanged[];
let lines: Record<string, unknown>[];
beforeEach(() => {
  sqlite = openSqlite();
  db = sqlite.bind(async (act) => act());
  [sent, lines] = [[], []];
});

async function ask<T>(path: string, { body, queue = true }: { body?: object; queue?: boolean } = {}) {
  const deps: OperatorDeps = {
    env: {
      DB: db,
      BACKSTOP: { sendBatch: () => Promise.reject(new Error('nothing is sent')) },
      EVENTS: {
        async sendBatch(messages) {
          if (!queue) throw new Error('overloaded');
          for (const message of messages) sent.push(message.body as ContactChanged);
          return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
        },
      },
    },
    world: { now: () => NOON, newId: () => 'new' },
    log: (event, fields) => void lines.push({ event, ...fields }),
    locations: LOCATIONS,
    startRun: () => Promise.reject(new Error('no run is started')),
    diagnose: () => Promise.reject(new Error('nobody is examined')),
    preview: () => Promise.reject(new Error('nothing is read')),
    findByName: () => Promise.reject(new Error('nobody is asked')),
    ...NO_RULES_TRIED,
  };
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await handleOperator(new Request(`https://consumer.test${path}`, init), deps);
  const json = (await response.json()) as { data?: T; detail?: string };
  return { status: response.status, headers: response.headers, data: json.data as T, detail: json.detail ?? '' };
}

function contact(id: string, state = 'failed', reason = 'rejected', locationId = LOCATION) {
  sqlite.rows(
    'INSERT INTO contacts (location_id, contact_id, state, reason, wish, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?5)',
    ...[locationId, id, state, reason, NOON - MINUTE],
  );
}
function letter(id: string, contactId: string, status = 'waiting', replayable = 1) {
  sqlite.rows(
    `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at, status)
     VALUES (?1, ?2, ?3, 'rejected', 'refused', '{}', ?4, 1, ?5, ?5, ?6)`,
    ...[id, LOCATION, contactId, replayable, NOON - MINUTE, status],
  );
}
const statusOf = (id: string) => sqlite.rows('SELECT status FROM dead_letters WHERE id = ?1', id)[0]?.status;
/** One run is complete, so that nothing else is amiss. */
const wellOtherwise = () =>
  sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at, finished_at, settled_at) VALUES ('r', ?1, 'cron', 'complete', ?2, ?2, ?2, ?2)`,
    ...[LOCATION, NOON - MINUTE],
  );

/** How a letter of a failed contact may end without the contact. */
const ENDS: [string, string | null][] = [
  ['was discarded', 'discarded'],
  ['was resolved by mistake', 'resolved'],
  ['was replayed, and the message got lost', 'replayed'],
  ['is not there', null],
];

describe.each(ENDS)('a failed contact whose letter %s', (_how, status) => {
  beforeEach(() => {
    wellOtherwise();
    contact('lead1');
    if (status !== null) letter('d-1', 'lead1', status);
  });

  test('degrades the overview, which names it and says what to do', async () => {
    const { data } = await ask<Overview>('/api/v1/overview');
    expect(data.status).toBe('degraded');
    expect(data.causes).toMatchObject([
      {
        code: 'dead-letters',
        severity: 'degraded',
        what: 'Failed contacts that nothing retries: 1 (lead1 rejected).',
        what_to_do: expect.stringMatching(/^Retry each on its page\./),
        action: { label: 'See who it is', path: '/contacts/lead1' },
      },
    ]);
  });

  test('is a warning of the doctor', async () => {
    const location = LOCATIONS.all[0];
    if (location?.kind !== 'ready') throw new Error('no location');
    const world = { now: () => NOON, newId: () => 'new', fetch: () => Promise.reject(new Error('cut off')) };
    const env = { ...ENV, DB: db } as never;
    const checks = await examineLocation({ env, world: world as never, location, contactId: null, ingestStatus: null });
    expect(checks.find(({ code }) => code === 'dead-letters')).toEqual({
      code: 'dead-letters',
      status: 'warning',
      seen: 'Failed contacts without a dead letter: 1 rejected.',
    });
  });

  test('has a story that says how to retry or forget it', async () => {
    const { data } = await ask<Contact>('/contacts/lead1');
    expect(data.what_to_do).toMatch(
      /No dead letter waits for it any more.*npm run replay -- --contact ID.*npm run forget/,
    );
  });

  test('can be retried: it is read afresh', async () => {
    const { status: answered, data } = await ask('/contacts/lead1/retry', { body: {} });
    expect(answered).toBe(202);
    expect(data).toEqual({
      contact_id: 'lead1',
      location_id: LOCATION,
      outcome: 'retried',
      dead_letters: [],
      note: expect.stringContaining('GET /contacts/lead1'),
    });
    expect(sent).toEqual([
      {
        v: 1,
        kind: 'contact.changed',
        locationId: LOCATION,
        contactId: 'lead1',
        eventType: 'Replay',
        source: 'operator',
        eventId: 'new',
        occurredAt: null,
        receivedAt: NOON,
        snapshot: null,
      },
    ]);
    expect(lines).toEqual([{ event: 'contact.retried', locationId: LOCATION, contactId: 'lead1', reason: 'rejected' }]);
  });
});

describe('a retry', () => {
  test('of a contact whose letters wait replays these', async () => {
    contact('lead1');
    letter('d-1', 'lead1');
    letter('d-2', 'lead1');
    letter('d-structure', 'lead1', 'waiting', 0);
    letter('d-other', 'lead2');
    expect(
      (await ask<{ dead_letters: string[] }>('/contacts/lead1/retry', { body: {} })).data.dead_letters.sort(),
    ).toEqual(['d-1', 'd-2']);
    expect(['d-1', 'd-2', 'd-structure', 'd-other'].map(statusOf)).toEqual([
      'replayed',
      'replayed',
      'waiting',
      'waiting',
    ]);
    expect(sent).toMatchObject([{ source: 'replay' }]);
  });

  test('that the queue does not take changes nothing, and says to send it again', async () => {
    contact('lead1');
    letter('d-1', 'lead1');
    const { status, detail, headers } = await ask('/contacts/lead1/retry', { body: {}, queue: false });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(detail).toContain('send this again');
    expect(statusOf('d-1')).toBe('waiting');
  });

  test.each([
    ['placed', /has not failed.*POST \/sync\/trigger/],
    ['kept_out', /has not failed.*POST \/sync\/trigger/],
    ['pending', /work is not done yet/],
  ])('of a contact that is %s is refused, and says what to do instead', async (state, detail) => {
    contact('lead1', state, state);
    const answer = await ask('/contacts/lead1/retry', { body: {} });
    expect(answer.status).toBe(409);
    expect(answer.detail).toMatch(detail);
    expect(sent).toEqual([]);
  });

  test('of a contact of which only a letter is known replays it, and of one whose letter is settled is refused', async () => {
    letter('d-1', 'lead1');
    letter('d-2', 'lead2', 'discarded');
    expect((await ask('/contacts/lead1/retry', { body: {} })).status).toBe(202);
    expect((await ask('/contacts/lead2/retry', { body: {} })).status).toBe(409);
  });
});

describe('a discard', () => {
  test('says which contacts are still failed, and how to retry or forget them', async () => {
    wellOtherwise();
    contact('lead1');
    contact('lead2', 'placed', 'placed');
    contact('lead3');
    letter('d-1', 'lead1');
    letter('d-2', 'lead2');
    letter('d-3', 'lead3');
    letter('d-3b', 'lead3');
    const { data } = await ask<Discarded>('/dead-letters/discard', { body: { ids: ['d-1', 'd-2', 'd-3', 'x'] } });
    // A letter of lead3 still waits.
    expect(data.still_failed).toEqual([{ contact_id: 'lead1', location_id: LOCATION, reason: 'rejected' }]);
    expect(data.note).toMatch(
      /^Still failed: 1 \(lead1 rejected\)\. .*npm run replay -- --contact ID.*npm run forget -- ID/,
    );
    await ask('/dead-letters/discard', { body: { ids: ['d-3b'] } });
    expect((await ask<Overview>('/api/v1/overview')).data).toMatchObject({
      status: 'degraded',
      totals: { dead_letters: 0 },
    });
  });

  test('after which nobody is failed has nothing to add', async () => {
    contact('lead1', 'placed', 'placed');
    letter('d-1', 'lead1');
    expect((await ask<Discarded>('/dead-letters/discard', { body: { ids: ['d-1'] } })).data).toEqual({
      outcomes: [{ id: 'd-1', outcome: 'discarded' }],
      still_failed: [],
      note: null,
    });
  });
});

test('no failed contact: healthy, and no extra statement', async () => {
  wellOtherwise();
  contact('lead1', 'placed', 'placed');
  let statements = 0;
  const counted = sqlite.bind(async (act) => {
    statements++;
    return act();
  });
  const plain = db;
  db = counted;
  expect((await ask<Overview>('/api/v1/overview')).data).toMatchObject({ status: 'healthy', causes: [] });
  const healthy = statements;
  db = plain;
  contact('lead2');
  statements = 0;
  db = sqlite.bind(async (act) => {
    statements++;
    return act();
  });
  expect((await ask<Overview>('/api/v1/overview')).data.status).toBe('degraded');
  expect(statements).toBe(healthy + 1);
});

test('many are counted, and the first are named', async () => {
  for (let n = 0; n <= MAX_FAILED + 5; n++) contact(`lead${n}`);
  const failed = await failedWithoutLetter(db, [LOCATION]);
  expect(namesOfFailed(failed)).toMatch(/^more than 100 \(lead0 rejected, (lead\w+ rejected, ){4}…\)$/);
  expect(namesOfFailed(failed.slice(0, 6))).toMatch(/^6 \(.*, …\)$/);
});

test('a location that the settings do not name is nobody’s to look after', async () => {
  contact('lead1', 'failed', 'rejected', 'former');
  expect(await failedWithoutLetter(db, [LOCATION])).toEqual([]);
});

test('alerts: the condition stands while a contact is failed, and is over once none is', async () => {
  const stage = createAlertStage();
  stage.run('r', 0);
  stage.sqlite.rows(
    `INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at) VALUES (?1, 'lead1', 'failed', 'rejected', 0, 0)`,
    LOCATION,
  );
  stage.letter('lead1');
  expect((await stage.minute()).join()).toContain('1 rejected');
  stage.sqlite.rows(`UPDATE dead_letters SET status = 'discarded'`);
  expect(await stage.minute()).toEqual([]);
  stage.sqlite.rows(`UPDATE contacts SET state = 'placed'`);
  const texts = [await stage.minute(), await stage.minute(5 * MINUTE), await stage.minute(30 * MINUTE)].flat().join();
  expect(texts).toContain('No dead letter waits, and no contact is failed.');
});

test('alerts: a failed contact that never had a letter raises one', async () => {
  const stage = createAlertStage();
  stage.run('r', 0);
  stage.sqlite.rows(
    `INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at) VALUES (?1, 'lead1', 'failed', 'exhausted', 0, 0)`,
    LOCATION,
  );
  expect((await stage.minute()).join()).toContain('1 exhausted without a letter');
});
