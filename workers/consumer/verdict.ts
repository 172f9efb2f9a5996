// Healthy, degraded or stopped, and why: one judgement of a deployment for a person who looks for a second. Pure.

import type { Backlog } from './backlog.ts';
import type { BackstopTimes } from './dashboard-store.ts';
import { CHECKS } from './doctor-check.ts';
import { OLD_MESSAGE_MS, OLD_OUTBOX_MS, OLD_RUN_MS } from './doctor-state.ts';
import type { Counts } from './stats-store.ts';
import type { Health } from './stats-view.ts';

/** `stopped`: no contact is worked on. `degraded`: some work waits, or something asks for a person. */
export type Status = 'healthy' | 'degraded' | 'stopped';

/** `location_id` null: of all locations. `severity` stopped: of its location, or of all. */
export interface Cause {
  code: 'settings' | 'circuits' | 'queues' | 'outbox' | 'dead-letters' | 'backstop';
  severity: 'stopped' | 'degraded';
  location_id: string | null;
  what: string;
  what_to_do: string;
}

export interface Signs {
  /** Of the locations that are asked about. */
  health: Health[];
  counts: Counts;
  backlogs: Backlog[];
  backstop: BackstopTimes[];
  /** Dead letters that wait. */
  deadLetters: number;
  /** What is wrong with the settings beyond one location. */
  fault: string | null;
  /** Epoch ms. */
  now: number;
}

/** The causes, the worst first. */
export function judgeSigns(signs: Signs): { status: Status; causes: Cause[] } {
  const { health, fault } = signs;
  const causes = [
    ...(fault === null ? [] : [cause('settings', 'stopped', null, fault)]),
    ...health.flatMap(ofLocation),
    ...slowedDown(signs),
    ...leftBehind(signs),
    ...ofBackstop(signs),
  ].sort((a, b) => Number(b.severity === 'stopped') - Number(a.severity === 'stopped'));
  return { status: statusOf(causes, health), causes };
}

function statusOf(causes: Cause[], health: Health[]): Status {
  const stopped = causes.filter(({ severity }) => severity === 'stopped');
  const everyone = health.every(({ location }) => stopped.some(({ location_id }) => location_id === location.id));
  if (everyone || (stopped.length > 0 && health.length === 0)) return 'stopped';
  return causes.length > 0 ? 'degraded' : 'healthy';
}

function ofLocation({ location: { id }, fault, circuits }: Health): Cause[] {
  const open = circuits.filter(({ openReason }) => openReason !== null);
  return [
    ...(fault === null ? [] : [cause('settings', 'stopped', id, fault)]),
    ...open.map(({ vendor, openReason }) =>
      cause('circuits', 'stopped', id, `Work waits for ${NAMES[vendor]}: ${openReason}`),
    ),
  ];
}

const NAMES = { gohighlevel: 'GoHighLevel', calltools: 'CallTools' } as const;

function slowedDown({ health, now }: Signs): Cause[] {
  return health.flatMap(({ location: { id }, circuits }) =>
    circuits
      .filter(({ openReason, throttledUntil }) => openReason === null && throttledUntil > now)
      .map(({ vendor }) => cause('circuits', 'degraded', id, `${NAMES[vendor]} has asked us to slow down.`)),
  );
}

function leftBehind({ backlogs, counts, deadLetters, now }: Signs): Cause[] {
  const old = backlogs.filter(({ oldestAt }) => oldestAt !== null && now - oldestAt > OLD_MESSAGE_MS);
  const { outboxOldestAt, outboxDepth } = counts;
  return [
    ...old.map(({ queue }) => cause('queues', 'degraded', null, `The queue ${queue} is not being worked off.`)),
    ...(outboxOldestAt !== null && now - outboxOldestAt > OLD_OUTBOX_MS
      ? [cause('outbox', 'degraded', null, `${outboxDepth} messages wait in the outbox.`)]
      : []),
    ...(deadLetters > 0 ? [cause('dead-letters', 'degraded', null, `Dead letters that wait: ${deadLetters}.`)] : []),
  ];
}

function ofBackstop({ backstop, health, now }: Signs): Cause[] {
  return backstop.flatMap(({ locationId, lastCompleteAt }): Cause[] => {
    const lastRun = health.find(({ location }) => location.id === locationId)?.lastRun;
    if (lastRun?.state === 'incomplete')
      return [cause('backstop', 'degraded', locationId, `The last run is incomplete: ${lastRun.error ?? ''}`)];
    if (lastCompleteAt === null)
      return [cause('backstop', 'degraded', locationId, 'The whole contact list has not been compared yet.')];
    if (now - lastCompleteAt <= OLD_RUN_MS) return [];
    return [cause('backstop', 'degraded', locationId, 'The whole contact list was last compared over 30 hours ago.')];
  });
}

function cause(code: Cause['code'], severity: Cause['severity'], locationId: string | null, what: string): Cause {
  return { code, severity, location_id: locationId, what, what_to_do: CHECKS[code].todo };
}
