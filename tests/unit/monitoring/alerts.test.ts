// What is an alert and what is none: each condition is sent once, with what to do, and again when it is over.

import { describe, expect, test } from 'vitest';
import { CONDITIONS, type Condition } from '../../../workers/consumer/domain/checks.ts';
import { LOCATION } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { createStage, DAY, HOUR, MINUTE, type Stage } from './alert-harness.ts';

/** What sets each condition up, what ends it, and what is said of it. */
const CASES: Record<Exclude<Condition, 'settings'>, [(stage: Stage) => void, (stage: Stage) => void, RegExp]> = {
  'circuit-calltools': [(s) => s.circuit('401: invalid token'), (s) => s.circuit(null), /401: invalid token/],
  'circuit-gohighlevel': [
    (s) => s.circuit('down: 502', 'gohighlevel'),
    (s) => s.circuit(null, 'gohighlevel'),
    /GoHighLevel is down.* down: 502/,
  ],
  'dead-letters': [
    (s) => s.letter('d-1'),
    (s) => void s.sqlite.rows(`UPDATE dead_letters SET status = 'resolved'`),
    /1 rejected\./,
  ],
  backstop: [
    (s) => s.run('run1', HOUR, { state: 'incomplete', error: 'GoHighLevel said 9 contacts and showed 5' }),
    (s) => s.run('run2', 0),
    /said 9 contacts and showed 5/,
  ],
  drift: [
    (s) => {
      s.run('run1', DAY);
      s.run('run2', HOUR, { missing: 20, drifted: 6 });
      s.heard(0);
    },
    (s) => s.run('run3', 0, { missing: 25 }),
    /26 repaired: 20 missing, 6 drifted/,
  ],
  brake: [
    (s) => s.held('p1', 'run1', 'p2', null),
    (s) => s.sqlite.rows('DELETE FROM new_placements'),
    /2 are held back since 2026-\d\d-\d\d \d\d:\d\d UTC so far\. To place them: npm run place -- --confirm run1 --location \w+ \(1\), npm run place -- --confirm 2026-\d\d-\d\dT\d\d --location \w+ \(1\)\./,
  ],
  'rules-emptied': [
    (s) => {
      s.sqlite.rows(
        `INSERT INTO rule_changes VALUES (?1, 'a', 'run1', 'Big', 40, 30), (?1, 'b', 'run1', 'Big', 20, 1)`,
        LOCATION,
      );
      s.sqlite.rows(
        `INSERT INTO rule_changes VALUES (?1, 'c', 'run1', 'Half', 60, 30), (?1, 'd', 'run1', 'Few', 50, 50)`,
        LOCATION,
      );
    },
    (s) => s.sqlite.rows('DELETE FROM rule_changes'),
    /Taken out so far: 31 of 60 in Big\./,
  ],
  signatures: [
    (s) => s.refusals(20, 0),
    (s) => void s.clock.advance(15 * MINUTE),
    /20 in a row \(wrong_signature\), and none was accepted/,
  ],
  webhooks: [
    (s) => {
      s.run('run1', DAY);
      s.run('run2', HOUR, { outdated: 1 });
      s.heard(25 * HOUR);
    },
    (s) => void s.heard(0),
    /The last arrived 25 h ago; the last run found 1 changes/,
  ],
  outbox: [
    (s) => void s.outbox('o1', 6 * MINUTE, HOUR),
    (s) => void s.sqlite.rows('DELETE FROM outbox'),
    /1 wait, the oldest for 7 min/,
  ],
  'left-out': [
    (s) => {
      s.leftOut('p1', ['email']);
      s.leftOut('p2', ['email', 'state']);
    },
    (s) => s.sqlite.rows('UPDATE dialer SET left_out = NULL'),
    /2 contacts were placed without: email \(2\), state \(1\)\./,
  ],
  'fields-not-kept': [
    (s) => {
      s.fieldReport('state', 'altered');
      s.fieldReport('personal_email_address', 'absent');
      s.fieldReport('no_longer_mapped', 'absent');
    },
    (s) => s.sqlite.rows('DELETE FROM field_reports'),
    /The account has no field personal_email_address\. Kept otherwise than sent, or not at all: state\./,
  ],
  'call-record': [
    (s) => s.poll({ polled_at: s.clock.at - 31 * MINUTE, failure: 'CallTools answered 403' }),
    (s) => s.poll({ polled_at: s.clock.at, failure: null }),
    /It was last read 3\d min ago\. CallTools answered 403/,
  ],
  'call-writes': [
    (s) => s.poll({ write_failure: 'GoHighLevel answered 401' }),
    (s) => s.poll({ write_failure: null }),
    /GoHighLevel answered 401/,
  ],
};

describe.each(Object.entries(CASES))('%s', (condition, [begin, end, seen]) => {
  const { what, todo, resolved } = CONDITIONS[condition as Condition];

  test('is sent once, with what was seen and what to do, and again when it is over', async () => {
    const stage = createStage({
      MAX_NEW_PLACEMENTS: '1',
      ...(condition.startsWith('call-') && { CALL_RESULTS: '{}' }),
    });
    stage.poll({ polled_at: stage.clock.at });
    expect(await stage.minute()).toEqual([]);
    begin(stage);
    const [sent = '', ...more] = await stage.minute();
    expect(more).toEqual([]);
    expect(sent).toMatch(seen);
    // A vendor's trouble has words of its own, those of the dashboard and the doctor: circuit-text.test.ts.
    const own = condition.startsWith('circuit-');
    expect(sent).toContain(own ? 'ALERT: ' : `ALERT: ${what.replaceAll('>', '&gt;')}`);
    // What was seen is a sentence of its own, also in a vendor's words.
    expect(sent).toContain(own ? '. Nothing needs to be done' : `. ${todo.replaceAll('>', '&gt;')}`);
    for (let n = 0; n < 5; n++) expect(await stage.minute()).toEqual([]);
    end(stage);
    expect(await stage.minute()).toEqual([expect.stringContaining(`OVER: ${resolved}`)]);
    expect(await stage.minute()).toEqual([]);
  });
});

describe('that nothing has ever been compared is sent', () => {
  test.each<[string, (stage: Stage) => void]>([
    [
      'a first run that does not end',
      (s) => s.run('run1', 0, { state: 'running', finished_at: null, settled_at: null }),
    ],
    [
      'a schedule by which no run starts',
      (s) => s.sqlite.rows('INSERT INTO schedules VALUES (?1, ?2, ?3)', LOCATION, '[120]', s.clock.at),
    ],
  ])('after 30 hours: %s', async (_what, begin) => {
    // Of a faulty location the cron neither starts a run nor ends one.
    const stage = createStage({ CALLTOOLS_BASE_URL: 'nonsense' });
    begin(stage);
    expect(await stage.minute(29 * HOUR)).toEqual([expect.not.stringContaining(CONDITIONS.backstop.what)]);
    expect(await stage.minute(2 * HOUR)).toEqual([
      expect.stringMatching(/not been completed.*The first was due 31 h ago/),
    ]);
  });
});

test('a faulty setting is named, for its location, whose other alerts go on', async () => {
  const stage = createStage({ CALLTOOLS_BASE_URL: 'nonsense' });
  stage.circuit('down');
  const [text = ''] = await stage.minute();
  expect(text).toMatch(/A setting or a rule is faulty.* CALLTOOLS_BASE_URL must be a URL/);
  expect(text).toContain('CallTools is down');
});

describe('what the last run has repaired stands until the contacts of the next are done', () => {
  test('too much of it: a run whose contacts wait has not had little to repair', async () => {
    const stage = createStage();
    stage.run('run1', 2 * DAY);
    stage.run('run2', DAY, { missing: 40 });
    stage.heard(0);
    expect(await stage.minute()).toEqual([expect.stringContaining('ALERT: The last run had to repair')]);
    stage.run('run3', 0, { settled_at: null });
    stage.queued('run3');
    for (let n = 0; n < 30; n++) expect(await stage.minute()).toEqual([]);
    stage.sqlite.rows(`UPDATE runs SET missing = 30, settled_at = ?1 WHERE id = 'run3'`, stage.clock.at);
    expect(await stage.minute()).toEqual([expect.stringMatching(/STILL: The last run had to repair.*30 repaired/)]);
  });

  test('changes that no webhook announced: a run whose contacts wait has not found none', async () => {
    const stage = createStage();
    stage.run('run1', 2 * DAY);
    stage.run('run2', DAY, { outdated: 3 });
    stage.heard(30 * HOUR);
    expect(await stage.minute()).toEqual([expect.stringContaining('ALERT: Webhooks have stopped')]);
    stage.run('run3', 0, { settled_at: null });
    stage.queued('run3');
    for (let n = 0; n < 3; n++) expect(await stage.minute()).toEqual([]);
    stage.sqlite.rows(`UPDATE runs SET settled_at = ?1 WHERE id = 'run3'`, stage.clock.at);
    // Nobody knows of a webhook that has come.
    expect(await stage.minute()).toEqual([expect.stringMatching(/OVER: .*, or the last run found no change/)]);
  });

  test('a run whose contacts take more than two hours is judged by what it has done so far', async () => {
    const stage = createStage();
    stage.run('run1', DAY);
    stage.run('run2', 0, { missing: 100, settled_at: null });
    stage.queued('run2');
    stage.heard(0);
    expect(await stage.minute(2 * HOUR)).toEqual([]);
    expect(await stage.minute()).toEqual([expect.stringContaining('100 repaired')]);
  });
});

describe('each field is reported once', () => {
  test('more contacts without it, or fewer fields, are no news; another field is', async () => {
    const stage = createStage();
    stage.leftOut('p1', ['email', 'state']);
    expect(await stage.minute()).toEqual([
      expect.stringContaining('1 contact was placed without: email (1), state (1)'),
    ]);
    stage.leftOut('p2', ['email']);
    expect(await stage.minute(HOUR)).toEqual([]);
    stage.sqlite.rows(`DELETE FROM dialer WHERE phone_hash = 'p1'`);
    expect(await stage.minute(HOUR)).toEqual([]);
    stage.leftOut('p3', ['state']);
    expect(await stage.minute(HOUR)).toEqual([]);
    stage.leftOut('p4', ['city']);
    expect(await stage.minute(HOUR)).toEqual([
      expect.stringMatching(/STILL.*without: city \(1\), email \(1\), state \(1\)/),
    ]);
  });

  test('a field that the account does not have, until it has', async () => {
    const stage = createStage();
    stage.fieldReport('state', 'absent');
    expect(await stage.minute()).toEqual([expect.stringContaining('The account has no field state.')]);
    expect(await stage.minute(HOUR)).toEqual([]);
    stage.sqlite.rows('UPDATE field_reports SET added_at = ?1', stage.clock.at);
    expect(await stage.minute(HOUR)).toEqual([expect.stringContaining('OVER: CallTools keeps the fields')]);
  });
});

describe('what is no alert', () => {
  test.each<[string, (stage: Stage) => void]>([
    ['a few refusals', (s) => s.refusals(19, 0)],
    ['the first run, which finds everything missing', (s) => s.run('run1', HOUR, { missing: 1000 })],
    [
      'a first run that took longer than a day, before webhooks were connected',
      (s) => s.run('run1', HOUR, { missing: 1000, started_at: s.clock.at - 40 * HOUR }),
    ],
    [
      'a run that has repaired as many as is allowed',
      (s) => {
        s.run('run1', DAY);
        s.run('run2', HOUR, { missing: 25 });
        s.heard(0);
      },
    ],
    [
      'a run whose contacts are still being worked on',
      (s) => {
        s.run('run1', DAY);
        s.run('run2', HOUR, { missing: 100, settled_at: null });
        s.heard(0);
      },
    ],
    [
      'a quiet day on which nothing changed',
      (s) => {
        s.run('run1', DAY);
        s.run('run2', HOUR, { drifted: 2 });
        s.heard(3 * DAY);
      },
    ],
    [
      'changes found while webhooks arrive',
      (s) => {
        s.run('run1', DAY);
        s.run('run2', HOUR, { missing: 5 });
        s.heard(23 * HOUR);
      },
    ],
    ['an outbox that fills and empties', (s) => void s.outbox('o1', 4 * MINUTE)],
    ['a circuit of a location that is not ours', (s) => s.circuit('down', 'calltools', 'elsewhere')],
  ])('%s', async (_what, begin) => {
    const stage = createStage();
    begin(stage);
    expect(await stage.minute()).toEqual([]);
  });
});

test.each([
  ['the last try did not fail', { polled_at: 0, failure: null }],
  ['a try failed only now', { polled_at: NOON, failure: 'CallTools answered 503' }],
])('a record of calls raises no alert where %s', async (_, row) => {
  const stage = createStage({ CALL_RESULTS: '{}' });
  stage.poll(row);
  expect(await stage.minute()).toEqual([]);
});
