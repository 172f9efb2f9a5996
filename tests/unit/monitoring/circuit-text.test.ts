// A vendor in trouble: everybody who looks reads the same words, and they say what it is, what to check, and that nothing is lost.

import { describe, expect, test } from 'vitest';
import { show } from '../../../scripts/doctor/show.ts';
import { ALERT_DEFAULTS } from '../../../workers/consumer/config/settings.ts';
import { viewDiagnosis } from '../../../workers/consumer/doctor/diagnose.ts';
import { checkCircuits } from '../../../workers/consumer/doctor/state.ts';
import type { Circuit } from '../../../workers/consumer/domain/circuit.ts';
import { holdsUp, troubleOf } from '../../../workers/consumer/domain/circuit-text.ts';
import { changesOf } from '../../../workers/consumer/monitoring/alert-notifications.ts';
import { findOf } from '../../../workers/consumer/monitoring/alert-rules.ts';
import { judgeStatus } from '../../../workers/consumer/monitoring/status.ts';
import { viewStats } from '../../../workers/consumer/operator/stats-view.ts';
import type { AlertFacts } from '../../../workers/consumer/store/alerts.ts';
import { closed } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import { logCircuitChanges } from '../../../workers/consumer/vendors/outage.ts';

const NOW = Date.parse('2026-11-28T10:11:12.000Z');
const MINUTE = 60_000;

function circuit(changes: Partial<Circuit> = {}): Circuit {
  return { ...closed('calltools'), openedAt: NOW - 12 * MINUTE, probeAt: NOW + 20_000, ...changes };
}
const refused = circuit({ openKind: 'refused', openReason: 'GET /buckets/: 401 Invalid token.' });
const down = circuit({
  openKind: 'down',
  openReason: 'no contact gets through: PATCH /contacts/9011223/: 500 Server Error (500)',
});
const throttled = { ...closed('calltools'), throttledUntil: NOW + 90_000 };
const told = (one: Circuit, waiting: number | null = 37) => troubleOf(one, { now: NOW, waiting });

describe('what it is, since when, how many wait, that none is lost, and when it goes on', () => {
  test('refused: by whom, in its own words, and what to check', () => {
    expect(told(refused)).toEqual({
      kind: 'refused',
      vendor: 'calltools',
      says: 'Invalid token.',
      since: NOW - 12 * MINUTE,
      nextTryAt: NOW + 20_000,
      brief: 'CallTools refuses our key.',
      what:
        'CallTools refuses our calls (for 12 min, since 2026-11-28 09:59 UTC). It says: “Invalid token.” (GET /buckets/ → 401). ' +
        'About 37 contacts wait, and none is lost. The next try is in 20 s, at 10:11:32 UTC.',
      todo:
        'Check CALLTOOLS_API_KEY: the key was revoked, or is of another silo than CALLTOOLS_BASE_URL. ' +
        'The check-up says more. Once it is corrected, work goes on by itself within minutes.',
    });
  });

  test('down: nobody needs to act', () => {
    expect(told(down)).toMatchObject({
      kind: 'down',
      what: expect.stringMatching(
        /^CallTools is down \(for 12 min.*It says: “Server Error \(500\)” \(PATCH \/contacts\/9011223\/ → 500\)\./,
      ),
      todo: 'Nothing needs to be done: work goes on by itself. If it lasts, ask CallTools.',
    });
  });

  test('throttled: until when', () => {
    expect(told(throttled)).toMatchObject({
      kind: 'throttled',
      says: null,
      since: null,
      nextTryAt: NOW + 90_000,
      what: 'CallTools has asked us to slow down. About 37 contacts wait, and none is lost. The next try is in 1 min, at 10:12:42 UTC.',
    });
  });

  test('nothing where it is well, and an old throttle is over', () => {
    expect(told(closed('calltools'))).toBeNull();
    expect(told({ ...throttled, throttledUntil: NOW })).toBeNull();
  });

  test.each<[Partial<Circuit>, RegExp, RegExp]>([
    [
      {
        vendor: 'gohighlevel',
        openReason: 'POST /contacts/search: 403 The token does not have access to this location. Forbidden',
      },
      /GoHighLevel refuses.*“The token does not have access to this location\. Forbidden”/,
      /GHL_LOCATION_ID/,
    ],
    [
      { vendor: 'gohighlevel', openReason: 'POST /contacts/search: 401 Invalid JWT' },
      /“Invalid JWT”/,
      /Check GHL_API_KEY: the token was revoked/,
    ],
    [
      { openReason: 'GET /buckets/: 403 JSON of 2 characters' },
      /It gives no reason \(GET \/buckets\/ → 403\)/,
      /Check the role/,
    ],
    [
      { openReason: 'GET /buckets/: 404 Not Found (is CALLTOOLS_BASE_URL right?)' },
      /“Not Found”/,
      /^Check CALLTOOLS_BASE_URL\./,
    ],
    [{ openReason: 'GET /buckets/: 302' }, /gives no reason/, /^Check CALLTOOLS_BASE_URL\./],
    [{ openReason: 'something else' }, /“something else”/, /CALLTOOLS_BASE_URL/],
  ])('refused with %j: the setting is named', (changes, what, todo) => {
    expect(told(circuit({ openKind: 'refused', ...changes }))).toMatchObject({
      what: expect.stringMatching(what),
      todo: expect.stringMatching(todo),
    });
  });

  test.each<[number | null, string]>([
    [0, 'No contact is known to wait, and none is lost.'],
    [1, '1 contact waits, and is not lost.'],
    [null, 'Contacts wait, and none is lost.'],
  ])('%j messages wait', (waiting, text) => expect(told(refused, waiting)?.what).toContain(text));

  test('a time-out is no word of the vendor’s, and a try that is due has no time', () => {
    const late = circuit({
      openKind: 'down',
      openReason: 'GET /contacts/1/: no answer within 10000 ms',
      probeAt: NOW - 1,
    });
    expect(told(late)?.what).toMatch(
      /Seen: no answer within 10000 ms \(GET \/contacts\/1\/\)\..*The next try is due\.$/,
    );
  });
});

test.each([refused, down, throttled])('everybody says the same: $openKind', (one) => {
  const { what = '', todo = '' } = told(one) ?? {};
  const place = { id: 'one', name: null };
  const health = [{ location: place, circuits: [one], paces: new Map(), lastRun: null, written: [], fault: null }];
  const counts = {
    contacts: [],
    leftOut: [],
    fieldReports: new Map(),
    emptied: new Map(),
    lettersAlone: new Map(),
    waitingDeadLetters: new Map(),
    oldestDeadLetterAt: null,
    outboxDepth: 0,
    outboxOldestAt: null,
  };
  const backlogs = [
    { queue: 'contact-events', waiting: 30, oldestAt: NOW },
    { queue: 'contact-backstop', waiting: 7, oldestAt: NOW },
    { queue: 'contact-dead-letters', waiting: 5, oldestAt: NOW },
  ];
  const backstop = [{ locationId: 'one', lastCompleteAt: NOW, firstAt: NOW, nextAt: null }];

  const { causes } = judgeStatus({
    health,
    counts,
    backlogs,
    backstop,
    deadLetters: 0,
    failed: [],
    fault: null,
    now: NOW,
  });
  expect(causes).toMatchObject([{ code: 'circuits', what, what_to_do: todo }]);

  const stats = viewStats({ counts, health, everything: true, configurationError: null, waiting: 37, now: NOW });
  expect(stats.circuits.calltools?.trouble).toMatchObject({ what, what_to_do: todo, waiting: 37 });

  const check = checkCircuits([one], 37, NOW);
  expect(check).toMatchObject({ status: one === throttled ? 'warning' : 'failed', seen: what, todo });
  const report = viewDiagnosis({ locationId: 'one', checks: [check] });
  expect(show(report, 'here')).toContain(`to fix:    ${todo}`);

  if (one.openReason === null) return;
  const facts = {
    circuits: new Map([['one', [one]]]),
    letters: new Map(),
    failed: new Map(),
    runs: new Map(),
    repairs: new Map(),
    leftOut: new Map(),
    fieldReports: new Map(),
    emptied: new Map(),
    heard: new Map(),
    known: [],
  };
  const findings = findOf(
    'one',
    facts as unknown as AlertFacts,
    { fault: null, calls: null, held: [], limits: ALERT_DEFAULTS, written: [], waiting: 37 },
    NOW,
  );
  expect(changesOf('one', findings, [], NOW)[0]?.notification?.text).toBe(`${what} ${todo}`);

  const lines: object[] = [];
  logCircuitChanges([], [one], (event, fields) => lines.push({ event, ...fields }), NOW);
  expect(lines).toMatchObject([
    { event: 'circuit.opened', kind: one.openKind, todo, what: troubleOf(one, { now: NOW })?.what },
  ]);
});

test('an alert is sent again when what was an outage turns out to be a refusal', () => {
  const facts = (one: Circuit) =>
    ({
      circuits: new Map([['one', [one]]]),
      letters: new Map(),
      failed: new Map(),
      runs: new Map(),
      repairs: new Map(),
      leftOut: new Map(),
      fieldReports: new Map(),
      emptied: new Map(),
      heard: new Map(),
      known: [],
    }) as unknown as AlertFacts;
  const place = { fault: null, calls: null, held: [], limits: ALERT_DEFAULTS, written: [], waiting: null };
  const [first] = changesOf('one', findOf('one', facts(down), place, NOW), [], NOW);
  const rows = first?.notification ? [first.notification.row] : [];
  const later = NOW + 16 * MINUTE;
  expect(changesOf('one', findOf('one', facts(down), place, later), rows, later)[0]?.notification).toBeNull();
  expect(changesOf('one', findOf('one', facts(refused), place, later), rows, later)[0]?.notification).toMatchObject({
    kind: 'repeat',
  });
});

describe('what holds up work that is late', () => {
  const lateAt = NOW - 5 * MINUTE;

  test('is trouble that was there already when the work became late', () => {
    expect(holdsUp(refused, lateAt, NOW)).toBe('refused');
    expect(holdsUp({ ...down, openedAt: lateAt }, lateAt, NOW)).toBe('down');
    expect(holdsUp({ ...down, openedAt: lateAt + 1 }, lateAt, NOW)).toBeNull();
  });

  test('is a throttle whenever it began, since that is not known', () => {
    expect(holdsUp(throttled, lateAt, NOW)).toBe('throttled');
    expect(holdsUp(throttled, lateAt, throttled.throttledUntil)).toBeNull();
  });

  test('is nothing where the vendor works', () => {
    expect(holdsUp(closed('calltools'), lateAt, NOW)).toBeNull();
  });
});
