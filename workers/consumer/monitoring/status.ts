// Healthy, degraded or stopped, and why: the state of a deployment at a glance. Pure.

import type { Status } from '../../../shared/api/status.ts';
import type { Cause as AnyCause } from '../../../shared/api/verdict.ts';
import type { Location } from '../config/locations.ts';
import { CHECKS, CONDITIONS } from '../domain/checks.ts';
import type { Circuit } from '../domain/circuit.ts';
import { holdsUp, type TroubleKind, troubleOf } from '../domain/circuit-text.ts';
import type { Vendor } from '../domain/failure.ts';
import type { CallHealth } from '../store/calls/counts.ts';
import type { RunFacts } from '../store/health.ts';
import { type FailedContact, namesOfFailed } from '../store/operator-orders.ts';
import type { Run } from '../store/runs.ts';
import { type Counts, pendingOf } from '../store/totals.ts';
import { type Backlog, waitingIn } from './backlog.ts';
import { judgeBackstop, judgeCalls, lateAt } from './judgement.ts';

type Code = 'settings' | 'circuits' | 'queues' | 'outbox' | 'dead-letters' | 'backstop' | 'call-record' | 'call-writes';
/** `location_id` null: it concerns all locations. `severity` stopped: the work of these locations is stopped. */
export type Cause = AnyCause & { code: Code };

/** The facts that the status is judged by. */
export interface StatusInputs {
  /** Of the locations that are asked about. */
  health: Health[];
  counts: Counts;
  backlogs: Backlog[];
  backstop: Pick<RunFacts, 'locationId' | 'lastCompleteAt' | 'firstAt' | 'nextAt'>[];
  /** Of the locations where CALL_RESULTS is set. */
  calls?: ReadonlyMap<string, CallHealth>;
  /** Dead letters that wait. */
  deadLetters: number;
  /** Failed contacts for which none waits. */
  failed: FailedContact[];
  /** What is wrong with the settings beyond one location. */
  fault: string | null;
  /** Epoch ms. */
  now: number;
}

/** The causes, the worst first; a cause that follows from another comes after it. */
export function judgeStatus(signs: StatusInputs): { status: Status; causes: Cause[] } {
  const { health, fault } = signs;
  const causes = [
    ...(fault === null ? [] : [cause('settings', fault, { severity: 'stopped' })]),
    ...health.flatMap((one) => ofLocation(one, signs)),
    ...leftBehind(signs),
    ...ofBackstop(signs),
    ...ofCalls(signs),
  ].sort((a, b) => Number(b.severity === 'stopped') - Number(a.severity === 'stopped'));
  return { status: statusOf(causes, health), causes: behindTheirCauses(causes) };
}

function behindTheirCauses(causes: Cause[]): Cause[] {
  const own = causes.filter(({ follows_from }) => follows_from === null);
  return own.flatMap((one) => {
    const isLast = own.findLast(({ code }) => code === one.code) === one;
    return isLast ? [one, ...causes.filter(({ follows_from }) => follows_from === one.code)] : [one];
  });
}

function statusOf(causes: Cause[], health: Health[]): Status {
  const stopped = causes.filter(({ severity }) => severity === 'stopped');
  const everyone = health.every(({ location }) => stopped.some(({ location_id }) => location_id === location.id));
  if (everyone || (stopped.length > 0 && health.length === 0)) return 'stopped';
  return causes.length > 0 ? 'degraded' : 'healthy';
}

/** Its settings, and what is wrong with its vendors. */
function ofLocation({ location: { id }, fault, circuits }: Health, { backlogs, counts, now }: StatusInputs): Cause[] {
  const troubles = circuits.flatMap(
    (circuit) => troubleOf(circuit, { now, waiting: waitingIn(backlogs, pendingOf(counts)) }) ?? [],
  );
  return [
    ...(fault === null ? [] : [cause('settings', fault, { severity: 'stopped', location_id: id })]),
    ...troubles.map(({ kind, what, todo, since }) =>
      cause('circuits', what, {
        severity: kind === 'throttled' ? 'degraded' : 'stopped',
        location_id: id,
        what_to_do: todo,
        since: iso(since),
        ...(kind === 'refused' && { next: REFUSED, action: CHECK_UP }),
      }),
    ),
  ];
}

function leftBehind({ backlogs, counts, deadLetters, failed, health, now }: StatusInputs): Cause[] {
  const old = backlogs.flatMap(({ queue, oldestAt }) => {
    const late = lateAt('queue', oldestAt, now);
    return late === null ? [] : [{ queue, oldestAt, late }];
  });
  const { outboxOldestAt, outboxDepth, oldestDeadLetterAt } = counts;
  return [
    ...old.map(({ queue, oldestAt, late }) => {
      const from = queue === 'contact-dead-letters' ? null : heldUpBy(health, late, now);
      const what = `The queue ${queue} is not being processed.`;
      return cause('queues', what, { since: iso(oldestAt), follows_from: from });
    }),
    ...(lateAt('outbox', outboxOldestAt, now) === null
      ? []
      : [cause('outbox', `${outboxDepth} messages wait in the outbox.`, { since: iso(outboxOldestAt) })]),
    ...(deadLetters > 0
      ? [cause('dead-letters', `${failuresOf(deadLetters)} for a decision.`, { since: iso(oldestDeadLetterAt) })]
      : []),
    ...(failed.length > 0 ? [withoutLetter(failed)] : []),
  ];
}

function failuresOf(n: number): string {
  return n === 1 ? '1 failure waits' : `${n.toLocaleString('en-US')} failures wait`;
}

function withoutLetter(failed: FailedContact[]): Cause {
  const [first] = failed;
  const path = failed.length === 1 && first ? `/contacts/${first.contactId}` : '/contacts?state=failed';
  return cause('dead-letters', `Failed contacts that nothing retries: ${namesOfFailed(failed)}.`, {
    what_to_do:
      'Retry each on its page. To give a person up, delete the contact in GoHighLevel, then forget it on that page.',
    action: { label: 'See who it is', path },
  });
}

function ofBackstop({ backstop, health, now }: StatusInputs): Cause[] {
  return backstop.flatMap(({ locationId, lastCompleteAt, firstAt, nextAt }): Cause[] => {
    const own = health.filter(({ location }) => location.id === locationId);
    const lastRun = own[0]?.lastRun ?? null;
    const fault = judgeBackstop(lastRun, lastCompleteAt, now);
    if (fault === null) return [];
    // A new deployment has none yet: that is no fault before the first should have ended.
    const begunAt = firstAt ?? nextAt;
    if (fault.kind === 'never' && lateAt('backstop', begunAt, now) === null) return [];
    const from = fault.since === null ? null : heldUpBy(own, fault.since, now, ['refused', 'down']);
    const what = {
      incomplete: `The last sync is incomplete: ${lastRun?.error ?? 'it ended early'}`,
      never: 'The whole contact list has not been compared yet.',
      late: 'The whole contact list was last compared over 30 hours ago.',
    };
    const since = { incomplete: lastRun?.finishedAt ?? null, never: begunAt, late: lastCompleteAt };
    return [
      cause('backstop', what[fault.kind], {
        location_id: locationId,
        since: iso(since[fault.kind]),
        follows_from: from,
      }),
    ];
  });
}

/** The same conditions as those of the alerts. Only the vendor that is asked can hold it up. */
function ofCalls({ calls, health, now }: StatusInputs): Cause[] {
  return [...(calls ?? [])].flatMap(([locationId, one]) =>
    judgeCalls(one, now).map(({ code, seen, since, lateAt }) => {
      const asked: Vendor = code === 'call-record' ? 'calltools' : 'gohighlevel';
      const own = health.filter(({ location }) => location.id === locationId);
      const its = own.map((all) => ({ ...all, circuits: all.circuits.filter(({ vendor }) => vendor === asked) }));
      return cause(code, `${CONDITIONS[code].what} ${seen}`, {
        location_id: locationId,
        since: iso(since),
        follows_from: heldUpBy(its, lateAt, now),
      });
    }),
  );
}

/** What held up the work when it became late (`lateAt`, epoch ms): a fault of the settings, or a vendor in trouble. */
function heldUpBy(
  health: Health[],
  lateAt: number,
  now: number,
  kinds: readonly TroubleKind[] = ['refused', 'down', 'throttled'],
): Code | null {
  if (health.some(({ fault }) => fault !== null)) return 'settings';
  const found = health.flatMap(({ circuits }) => circuits.map((circuit) => holdsUp(circuit, lateAt, now)));
  // A throttle passes within minutes: a run that is late by a day is late because of something else.
  return found.some((kind) => kind !== null && kinds.includes(kind)) ? 'circuits' : null;
}

/** It degrades all locations unless `more` says otherwise. */
function cause(code: Code, what: string, more: Partial<Cause> = {}): Cause {
  const own = more.follows_from == null ? ADVICE[code] : followsFrom(more.follows_from);
  return { code, severity: 'degraded', location_id: null, what, since: null, follows_from: null, ...own, ...more };
}

type Advice = Pick<Cause, 'what_to_do' | 'next' | 'action'>;

function followsFrom(code: string): Advice {
  return {
    what_to_do: `Nothing: it passes once its cause is fixed (${code}).`,
    next: 'It passes by itself once its cause is fixed.',
    action: null,
  };
}

const CHECK_UP = { label: 'Open the check-up', path: '/check-up' };
const REFUSED = 'It is tried again every few minutes, but nothing changes until a person corrects it.';

/** What the dashboard says about each cause of its own. The doctor's own texts are for a terminal. */
const ADVICE: Record<Code, Advice> = {
  settings: {
    what_to_do: CHECKS.settings.todo,
    next: 'Nothing happens until a person corrects it. Then work goes on by itself within minutes.',
    action: CHECK_UP,
  },
  circuits: {
    what_to_do: CHECKS.circuits.todo,
    next: 'It is tried again by itself, and then work goes on.',
    action: null,
  },
  queues: {
    what_to_do:
      'The check-up says more. If it finds nothing, look in the consumer’s log, and deploy both workers again.',
    next: 'Cloudflare delivers the messages again by itself. None is lost.',
    action: CHECK_UP,
  },
  outbox: { what_to_do: CHECKS.outbox.todo, next: 'They are sent again every minute. None is lost.', action: CHECK_UP },
  'dead-letters': {
    what_to_do: 'Read why each has failed, and correct that. Then retry it, or discard it.',
    next: 'Nothing happens until a person retries or discards them.',
    action: { label: 'See what failed', path: '/failed' },
  },
  backstop: {
    what_to_do: 'Start a sync, and see how it ends. If none starts by itself at night, deploy the consumer again.',
    next: 'The next sync starts by itself at night.',
    action: { label: 'Go to the syncs', path: '/syncs' },
  },
  'call-record': {
    what_to_do: CHECKS['call-record'].todo,
    next: 'It is tried again every minute, and read on from where it stopped.',
    action: CHECK_UP,
  },
  'call-writes': {
    what_to_do: CONDITIONS['call-writes'].todo,
    next: 'A few writes are tried each minute, and all are done once one succeeds.',
    action: CHECK_UP,
  },
};

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** What is known of a location's vendors and runs. */
export interface Health {
  location: Pick<Location, 'id' | 'name'>;
  circuits: Circuit[];
  /** Calls a second to vendors that are called more slowly since they throttled us. */
  paces: ReadonlyMap<Vendor, number>;
  lastRun: Run | null;
  /** The optional fields that its settings write; none where those are faulty. */
  written: string[];
  /** What is wrong with its settings; null when nothing is. */
  fault: string | null;
}
