// Healthy, degraded or stopped: what an operator sees first must be right.

import { expect, test } from 'vitest';
import { minutesAtMost, readBacklogs } from '../../../workers/consumer/monitoring/backlog.ts';
import { type Health, judgeStatus, type StatusInputs } from '../../../workers/consumer/monitoring/status.ts';

import type { Run } from '../../../workers/consumer/store/runs.ts';
import { closed } from '../../../workers/consumer/vendors/circuit-breaker.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CLOSED = closed('calltools');

function health(id: string, changes: Partial<Health> = {}): Health {
  return {
    location: { id, name: null },
    circuits: [CLOSED],
    paces: new Map(),
    lastRun: null,
    written: [],
    fault: null,
    ...changes,
  };
}
function statusOf(changes: Partial<StatusInputs> = {}) {
  const places = changes.health ?? [health('one')];
  return judgeStatus({
    health: places,
    counts: {
      contacts: [],
      leftOut: [],
      fieldReports: new Map(),
      lettersAlone: new Map(),
      waitingDeadLetters: new Map(),
      oldestDeadLetterAt: null,
      outboxDepth: 0,
      outboxOldestAt: null,
    },
    backlogs: [{ queue: 'contact-events', waiting: 3, oldestAt: NOW - MINUTE }],
    backstop: places.map(({ location }) => ran(location.id)),
    deadLetters: 0,
    failed: [],
    fault: null,
    now: NOW,
    ...changes,
  });
}
function ran(locationId: string, changes: Partial<StatusInputs['backstop'][number]> = {}) {
  return { locationId, firstAt: NOW - 40 * HOUR, lastCompleteAt: NOW - HOUR, nextAt: NOW + HOUR, ...changes };
}
const open = health('one', { circuits: [{ ...CLOSED, openReason: '401: Invalid token.' }] });

test('all is well: healthy, and nothing is said', () => {
  expect(statusOf()).toEqual({ status: 'healthy', causes: [] });
});

test('a vendor that work waits for stops the pipeline, and is named with its reason', () => {
  const { status, causes } = statusOf({ health: [open], deadLetters: 2 });
  expect(status).toBe('stopped');
  expect(causes[0]).toMatchObject({ code: 'circuits', severity: 'stopped', location_id: 'one' });
  expect(causes[0]?.what).toMatch(/^CallTools is down.* 401: Invalid token/);
});

test('of several locations one that is stopped degrades the whole; all of them stop it', () => {
  expect(statusOf({ health: [open, health('two')] }).status).toBe('degraded');
  expect(statusOf({ health: [open, health('two', { fault: 'no key' })] }).status).toBe('stopped');
});

test('without any location that can be read nothing runs', () => {
  expect(statusOf({ health: [], fault: 'GHL_LOCATION_ID is not set' })).toMatchObject({ status: 'stopped' });
});

test.each<[string, Partial<StatusInputs>, string]>([
  ['a dead letter', { deadLetters: 1 }, 'dead-letters'],
  [
    'a failed contact without one',
    { failed: [{ locationId: 'one', contactId: 'a', reason: 'rejected' }] },
    'dead-letters',
  ],
  ['a queue that stands', { backlogs: [{ queue: 'contact-events', waiting: 1, oldestAt: NOW - HOUR }] }, 'queues'],
  [
    'an outbox that does not empty',
    {
      counts: {
        contacts: [],
        leftOut: [],
        fieldReports: new Map(),
        lettersAlone: new Map(),
        waitingDeadLetters: new Map(),
        oldestDeadLetterAt: null,
        outboxDepth: 4,
        outboxOldestAt: NOW - HOUR,
      },
    },
    'outbox',
  ],
  [
    'a vendor’s wish to go slower',
    { health: [health('one', { circuits: [{ ...CLOSED, throttledUntil: NOW + 1 }] })] },
    'circuits',
  ],
  [
    'a run that was not completed',
    { health: [health('one', { lastRun: { state: 'incomplete', error: 'fewer contacts than there are' } as Run })] },
    'backstop',
  ],
  ['two nights without a run', { backstop: [ran('one', { lastCompleteAt: NOW - 31 * HOUR })] }, 'backstop'],
  ['no complete run in 30 hours', { backstop: [ran('one', { lastCompleteAt: null })] }, 'backstop'],
])('%s degrades it, and says what to do', (_, signs, code) => {
  const { status, causes } = statusOf(signs);
  expect(status).toBe('degraded');
  expect(causes.map((cause) => cause.code)).toEqual([code]);
  expect(causes[0]?.what_to_do).not.toBe('');
});

const calls = (changes: object = {}) =>
  new Map([['one', { polledAt: NOW - HOUR, failure: null, writeFailure: null, ...changes }]]);
const DENIED = 'GET /historicalcalldispositions/: 403';

test.each([
  ['is read', {}],
  ['could not be read, but was a moment ago', { failure: DENIED, polledAt: NOW - 29 * MINUTE }],
  ['was read long ago, and nothing failed', { polledAt: NOW - 31 * HOUR }],
])('a record of calls that %s is well', (_, changes) => {
  expect(statusOf({ calls: calls(changes) })).toEqual({ status: 'healthy', causes: [] });
});

test.each([
  ['for an hour', NOW - HOUR, 'It was last read 60 min ago.', '2026-11-20T11:00:00.000Z'],
  ['from the start', null, 'It was never read.', null],
])('a record of calls that cannot be read %s degrades it', (_, polledAt, last, since) => {
  expect(statusOf({ calls: calls({ failure: DENIED, polledAt }) })).toMatchObject({
    status: 'degraded',
    causes: [
      {
        code: 'call-record',
        severity: 'degraded',
        location_id: 'one',
        what: `CallTools’ record of calls cannot be read: who says no now is still dialed. Nothing is lost. ${last} ${DENIED}`,
        since,
        follows_from: null,
        action: { path: '/check-up' },
      },
    ],
  });
});

test('writes of calls that GoHighLevel does not take degrade it', () => {
  const writeFailure = 'the token has no scope contacts.write';
  expect(statusOf({ calls: calls({ writeFailure }) })).toMatchObject({
    status: 'degraded',
    causes: [
      {
        code: 'call-writes',
        what: `GoHighLevel takes no writes that calls cause. They wait, and none is lost. ${writeFailure}`,
        action: { path: '/check-up' },
      },
    ],
  });
});

test('a record that cannot be read because CallTools is down follows from that, and writes to GoHighLevel do not', () => {
  const since = { openedAt: NOW - 2 * HOUR };
  const down = health('one', { circuits: [{ ...CLOSED, openReason: '503: down', ...since }] });
  const { status, causes } = statusOf({ health: [down], calls: calls({ failure: DENIED, writeFailure: 'no scope' }) });
  expect(status).toBe('stopped');
  expect(causes.map(({ code, follows_from }) => [code, follows_from])).toEqual([
    ['circuits', null],
    ['call-record', 'circuits'],
    ['call-writes', null],
  ]);
});

test('a queue that cannot be asked is not known, not empty', async () => {
  const backlogs = await readBacklogs({
    EVENTS: {},
    BACKSTOP: { metrics: () => Promise.reject(new Error('not here')) },
    DEAD_LETTERS: {
      metrics: async () => ({ backlogCount: 2, backlogBytes: 10, oldestMessageTimestamp: new Date(NOW) }),
    },
  });
  expect(backlogs).toEqual([
    { queue: 'contact-events', waiting: null, oldestAt: null },
    { queue: 'contact-backstop', waiting: null, oldestAt: null },
    { queue: 'contact-dead-letters', waiting: 2, oldestAt: NOW },
  ]);
});

test('how long a queue takes is shown at the vendor’s pace: 10,000 webhooks 20 minutes, and nothing where it is not known', () => {
  expect(minutesAtMost({ queue: 'contact-events', waiting: 10_000 })).toBe(19);
  expect(minutesAtMost({ queue: 'contact-backstop', waiting: 50_000 })).toBe(94);
  expect(minutesAtMost({ queue: 'contact-events', waiting: 0 })).toBe(0);
  expect(minutesAtMost({ queue: 'contact-events', waiting: null })).toBeNull();
  expect(minutesAtMost({ queue: 'contact-dead-letters', waiting: 5 })).toBeNull();
});
