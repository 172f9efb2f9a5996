// Healthy, degraded or stopped, and why: the state of a deployment at a glance. Pure.

import type { Location } from '../config/locations.ts';
import { CHECKS } from '../domain/checks.ts';
import type { Circuit } from '../domain/circuit.ts';
import { holdsUp, type TroubleKind, troubleOf } from '../domain/circuit-text.ts';
import type { Vendor } from '../domain/failure.ts';
import type { RunFacts } from '../store/health.ts';
import { type FailedContact, namesOfFailed } from '../store/operator-orders.ts';
import type { Run } from '../store/runs.ts';
import { type Counts, pendingOf } from '../store/totals.ts';
import { type Backlog, waitingIn } from './backlog.ts';
import { judgeBackstop, lateAt } from './judgement.ts';

/** `stopped`: no contact is processed. `degraded`: some work waits, or a person must act. */
export type Status = 'healthy' | 'degraded' | 'stopped';

/** `location_id` null: it concerns all locations. `severity` stopped: the work of these locations is stopped. */
export interface Cause {
  code: 'settings' | 'circuits' | 'queues' | 'outbox' | 'dead-letters' | 'backstop';
  severity: 'stopped' | 'degraded';
  location_id: string | null;
  what: string;
  what_to_do: string;
  /** The cause that this one only follows from. */
  follows_from: Cause['code'] | null;
}

/** The facts that the status is judged by. */
export interface StatusInputs {
  /** Of the locations that are asked about. */
  health: Health[];
  counts: Counts;
  backlogs: Backlog[];
  backstop: Pick<RunFacts, 'locationId' | 'lastCompleteAt'>[];
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
    ...(fault === null ? [] : [cause('settings', 'stopped', null, fault)]),
    ...health.flatMap((one) => ofLocation(one, signs)),
    ...leftBehind(signs),
    ...ofBackstop(signs),
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
    ...(fault === null ? [] : [cause('settings', 'stopped', id, fault)]),
    ...troubles.map(({ kind, what, todo }) => ({
      ...cause('circuits', kind === 'throttled' ? 'degraded' : 'stopped', id, what),
      what_to_do: todo,
    })),
  ];
}

function leftBehind({ backlogs, counts, deadLetters, failed, health, now }: StatusInputs): Cause[] {
  const old = backlogs.flatMap(({ queue, oldestAt }) => {
    const since = lateAt('queue', oldestAt, now);
    return since === null ? [] : [{ queue, since }];
  });
  const { outboxOldestAt, outboxDepth } = counts;
  return [
    ...old.map(({ queue, since }) => {
      const from = queue === 'contact-dead-letters' ? null : heldUpBy(health, since, now);
      return cause('queues', 'degraded', null, `The queue ${queue} is not being processed.`, from);
    }),
    ...(lateAt('outbox', outboxOldestAt, now) === null
      ? []
      : [cause('outbox', 'degraded', null, `${outboxDepth} messages wait in the outbox.`)]),
    ...(deadLetters > 0 ? [cause('dead-letters', 'degraded', null, `Dead letters that wait: ${deadLetters}.`)] : []),
    ...(failed.length > 0
      ? [cause('dead-letters', 'degraded', null, `Failed contacts without a dead letter: ${namesOfFailed(failed)}.`)]
      : []),
  ];
}

function ofBackstop({ backstop, health, now }: StatusInputs): Cause[] {
  return backstop.flatMap(({ locationId, lastCompleteAt }): Cause[] => {
    const own = health.filter(({ location }) => location.id === locationId);
    const lastRun = own[0]?.lastRun ?? null;
    const fault = judgeBackstop(lastRun, lastCompleteAt, now);
    if (fault === null) return [];
    const from = fault.since === null ? null : heldUpBy(own, fault.since, now, ['refused', 'down']);
    const what = {
      incomplete: `The last run is incomplete: ${lastRun?.error ?? ''}`,
      never: 'The whole contact list has not been compared yet.',
      late: 'The whole contact list was last compared over 30 hours ago.',
    };
    return [cause('backstop', 'degraded', locationId, what[fault.kind], from)];
  });
}

/** What held up the work when it became late (`lateAt`, epoch ms): a fault of the settings, or a vendor in trouble. */
function heldUpBy(
  health: Health[],
  lateAt: number,
  now: number,
  kinds: readonly TroubleKind[] = ['refused', 'down', 'throttled'],
): Cause['code'] | null {
  if (health.some(({ fault }) => fault !== null)) return 'settings';
  const found = health.flatMap(({ circuits }) => circuits.map((circuit) => holdsUp(circuit, lateAt, now)));
  // A throttle passes within minutes: a run that is late by a day is late because of something else.
  return found.some((kind) => kind !== null && kinds.includes(kind)) ? 'circuits' : null;
}

function cause(
  code: Cause['code'],
  severity: Cause['severity'],
  locationId: string | null,
  what: string,
  from: Cause['code'] | null = null,
): Cause {
  const what_to_do = from === null ? CHECKS[code].todo : `Nothing: it passes once its cause is fixed (${from}).`;
  return { code, severity, location_id: locationId, what, what_to_do, follows_from: from };
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
