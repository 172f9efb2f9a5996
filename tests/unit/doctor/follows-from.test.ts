// What merely follows from another finding is marked, stands behind it, and is not one more thing to fix.

import { describe, expect, test } from 'vitest';
import { show } from '../../../scripts/doctor/show.ts';
import { type Check, failed, ok, skipped, warning } from '../../../workers/consumer/doctor/check.ts';
import { viewDiagnosis } from '../../../workers/consumer/doctor/diagnose.ts';
import { traced } from '../../../workers/consumer/doctor/follows-from.ts';
import type { Circuit } from '../../../workers/consumer/domain/circuit.ts';
import { judgeStatus } from '../../../workers/consumer/monitoring/status.ts';
import { closed } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import { LOCATION } from '../../support/vendor-harness.ts';
import { HOUR, healthyStage } from './doctor-harness.ts';

const marks = (checks: Check[]) =>
  traced(checks).map(({ code, followsFrom }) => [code, ...(followsFrom ? [followsFrom] : [])]);

describe('the doctor', () => {
  test('with a revoked key names the key first, and everything that it brings with it behind it', async () => {
    const { stage, dana } = await healthyStage();
    const openedAt = stage.clock.at;
    stage.callTools.faults.plan({ do: { kind: 'status', status: 401, body: { detail: 'Invalid token.' } }, times: 99 });
    stage.sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, open_reason, open_kind, opened_at, updated_at)
       VALUES (?1, 'calltools', 'GET /buckets/: 401 Invalid token.', 'refused', ?2, 0)
       ON CONFLICT DO UPDATE SET open_reason = excluded.open_reason, open_kind = excluded.open_kind, opened_at = excluded.opened_at`,
      ...[LOCATION, openedAt],
    );
    stage.clock.advance(40 * HOUR);
    // The dead letters have a queue of their own, and wait for no vendor.
    const metrics = async () => ({ backlogCount: 3, backlogBytes: 9, oldestMessageTimestamp: new Date(openedAt) });
    stage.env.EVENTS = Object.assign(Object.create(stage.env.EVENTS), { metrics });
    const report = viewDiagnosis(await stage.diagnosis(dana));
    const codes = report.checks.map(({ code }) => code);
    const following = report.checks.filter((check) => check.follows_from === 'calltools-token').map(({ code }) => code);
    expect(following).toEqual(
      expect.arrayContaining(['queues', 'circuits', 'backstop', 'membership', 'calltools-bucket']),
    );
    for (const code of following) expect(codes.indexOf(code)).toBeGreaterThan(codes.indexOf('calltools-token'));
    expect(report.counts).toMatchObject({ failed: 2, following: 3 });
    const text = show(report, 'here');
    expect(text).toMatch(/\n1 failed, \d to look at, .* 3 more only follow from these\.$/);
    const one = show({ ...report, counts: { ...report.counts, following: 1 } }, 'here');
    expect(one).toMatch(/ 1 more only follows from these\.$/);
    expect(text).toMatch(/FAILED calltools-token\n.*\n.*\n +follows: +queues, circuits, backstop/);
    expect(text).not.toContain('FAILED circuits\n');
  });

  test('a queue that stood before the vendor was in trouble has a cause of its own', () => {
    const circuits = { ...failed('circuits', 'down'), since: 2000, vendors: ['calltools' as const] };
    expect(marks([{ ...warning('queues', 'old'), since: 1000 }, circuits])).toEqual([['queues'], ['circuits']]);
    expect(marks([{ ...warning('queues', 'old'), since: 3000 }, circuits])).toEqual([
      ['circuits'],
      ['queues', 'circuits'],
    ]);
  });

  test('a circuit of one vendor does not follow from the other’s key', () => {
    const circuits = { ...failed('circuits', 'down'), vendors: ['calltools' as const] };
    expect(marks([failed('ghl-token', 'x'), circuits])).toEqual([['ghl-token'], ['circuits']]);
    expect(marks([circuits, failed('calltools-rights', 'x')])).toEqual([
      ['calltools-rights'],
      ['circuits', 'calltools-rights'],
    ]);
  });

  test('settings that lack a secret follow from the secret, and what was not asked follows from it too', () => {
    const checks = [
      failed('settings', 'GHL_API_KEY is not set'),
      failed('secrets', 'Not set: GHL_API_KEY.'),
      skipped('ghl-host', 'Not asked', 'settings'),
    ];
    expect(marks(checks)).toEqual([['secrets'], ['settings', 'secrets'], ['ghl-host', 'secrets']]);
  });

  test('a search that the role may not make follows from the role; one that fails otherwise does not', () => {
    const rights = failed('calltools-rights', 'May not read: buckets.');
    expect(marks([rights, failed('calltools-phone-filter', '403'), failed('calltools-bucket', '403')])).toEqual([
      ['calltools-rights'],
      ['calltools-bucket', 'calltools-rights'],
      ['calltools-phone-filter'],
    ]);
  });

  test('a throttle explains a queue that stands, and no run that is late by a day', () => {
    const circuits = { ...warning('circuits', 'slow down'), vendors: ['calltools' as const] };
    const late = [
      { ...warning('queues', 'old'), since: 1000 },
      { ...warning('backstop', 'old'), since: 1000 },
    ];
    expect(marks([...late, circuits])).toEqual([['backstop'], ['circuits'], ['queues', 'circuits']]);
  });

  test('nothing follows from what is well', () => {
    expect(marks([ok('database', 'x'), skipped('outbox', 'Not known', 'database')])).toEqual([
      ['database'],
      ['outbox'],
    ]);
  });
});

describe('the overview', () => {
  const NOW = Date.parse('2026-11-20T12:00:00.000Z');
  const judge = (openedAt: number, oldestAt: number, lastCompleteAt: number, changes: Partial<Circuit> = {}) =>
    judgeStatus({
      health: [
        {
          location: { id: 'one', name: null },
          paces: new Map(),
          lastRun: null,
          written: [],
          fault: null,
          circuits: [
            { ...closed('calltools'), openKind: 'refused', openReason: 'GET /buckets/: 401', openedAt, ...changes },
          ],
        },
      ],
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
      backlogs: [{ queue: 'contact-events', waiting: 3, oldestAt }],
      backstop: [{ locationId: 'one', lastCompleteAt, firstAt: null, nextAt: null }],
      deadLetters: 2,
      failed: [],
      fault: null,
      now: NOW,
    }).causes.map(({ code, follows_from }) => [code, follows_from]);

  test('a queue and a run that stand because of a vendor are marked, behind their cause', () => {
    expect(judge(NOW - 40 * HOUR, NOW - 39 * HOUR, NOW - 41 * HOUR)).toEqual([
      ['circuits', null],
      ['queues', 'circuits'],
      ['backstop', 'circuits'],
      ['dead-letters', null],
    ]);
  });

  test('a throttle explains a queue that stands, and no run that is late by a day', () => {
    const slow = { openReason: null, openKind: null, openedAt: null, throttledUntil: NOW + 1000 };
    expect(judge(0, NOW - 39 * HOUR, NOW - 41 * HOUR, slow)).toEqual([
      ['circuits', null],
      ['queues', 'circuits'],
      ['dead-letters', null],
      ['backstop', null],
    ]);
  });

  test('what was late before is a cause of its own', () => {
    expect(judge(NOW - 1000, NOW - 39 * HOUR, NOW - 41 * HOUR)).toEqual([
      ['circuits', null],
      ['queues', null],
      ['dead-letters', null],
      ['backstop', null],
    ]);
  });
});
