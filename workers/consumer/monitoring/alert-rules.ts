// What an operator is alerted to: pure functions of what D1 says. Every condition is a level, not an event: it stands, or it is over.

import { HOUR_MS, MINUTE_MS, spanOf } from '../../../shared/time.ts';
import type { Settings } from '../config/settings.ts';
import { troubleOf } from '../domain/circuit-text.ts';
import type { Condition } from '../domain/explanations.ts';
import type { Vendor } from '../domain/failure.ts';
import { REPAIRS } from '../domain/outcome.ts';
import type { AlertFacts, LetterCount, RunFacts } from '../store/alerts.ts';

/** A condition that stands. */
export interface Finding {
  condition: Condition;
  /** What was seen, in a few words. */
  seen: string;
  /** What it is about: another mark than the one told is news. */
  mark: string;
  /** The whole message, where it is more exact than what CONDITIONS says. */
  text?: string;
}

export type Limits = Pick<Settings, 'ALERT_DRIFT_OVER' | 'ALERT_QUIET_HOURS'>;

/** The outbox is drained each minute. */
const OLD_OUTBOX_MS = 5 * MINUTE_MS;
/** A night and some hours. */
const OLD_RUN_MS = 30 * HOUR_MS;
/** Refusals within the window of alert-store.ts: a stray request or two is nobody's business. */
const MANY_REFUSALS = 20;
/** Repairs that a webhook could have told of: not those of changes made in CallTools. */
const TOLD_OF = REPAIRS.filter((kind) => kind !== 'drifted');

/** What stands for the deployment as a whole. `fault`: of the settings, beyond a single location. */
export function findOverall(facts: AlertFacts, fault: string | null, now: number): Finding[] {
  const { outbox, refusals } = facts;
  const found: Finding[] = [];
  if (fault !== null) found.push({ condition: 'settings', seen: fault, mark: fault });
  if (outbox.oldestAt !== null && now - outbox.oldestAt > OLD_OUTBOX_MS)
    found.push({
      ...{ condition: 'outbox', mark: '' },
      seen: `${outbox.depth} wait, the oldest for ${spanOf(now - outbox.oldestAt)}.`,
    });
  if (refusals.refused >= MANY_REFUSALS)
    found.push({
      ...{ condition: 'signatures', mark: '' },
      seen:
        refusals.accepted === 0
          ? `${refusals.refused} in a row (${refusals.reason}), and none was accepted.`
          : `${refusals.refused} (${refusals.reason}), while ${refusals.accepted} were accepted.`,
    });
  return found.concat(deadLetters(facts, ''));
}

/** A location: what is wrong with its settings, and how many messages wait (null: the platform does not say). */
export interface Place {
  fault: string | null;
  limits: Limits;
  waiting: number | null;
}

/** What stands for one location; `fault` is what is wrong with its settings. */
export function findOf(
  locationId: string,
  facts: AlertFacts,
  { fault, limits, waiting }: Place,
  now: number,
): Finding[] {
  const found: Finding[] = [];
  if (fault !== null) found.push({ condition: 'settings', seen: fault, mark: fault });
  for (const one of facts.circuits.get(locationId) ?? []) {
    const trouble = troubleOf(one, { now, waiting });
    if (trouble === null) continue;
    const { vendor, kind, what, todo } = trouble;
    found.push({ condition: circuit(vendor), seen: what, mark: kind, text: `${what} ${todo}` });
  }
  const run = facts.runs.get(locationId);
  const judged = facts.judged.get(locationId);
  const begunAt = facts.begun.get(locationId) ?? now;
  if (judged) found.push(...ofRepairs(judged, { begunAt, heardAt: facts.heard.get(locationId) ?? null }, limits, now));
  if (run) found.push(...ofRun(run, begunAt, now));
  else if (now - begunAt > OLD_RUN_MS)
    found.push({ condition: 'backstop', seen: `The first was due ${spanOf(now - begunAt)} ago.`, mark: '' });
  return found.concat(deadLetters(facts, locationId));
}

function circuit(vendor: Vendor): Condition {
  return vendor === 'gohighlevel' ? 'circuit-gohighlevel' : 'circuit-calltools';
}

function ofRun({ id, state, error, completeAt }: RunFacts, begunAt: number, now: number): Finding[] {
  if (state === 'incomplete') return [{ condition: 'backstop', seen: error ?? 'The last run ended early.', mark: id }];
  const sinceMs = now - (completeAt ?? begunAt);
  if (sinceMs <= OLD_RUN_MS) return [];
  return [{ condition: 'backstop', seen: `The last was completed ${spanOf(sinceMs)} ago.`, mark: '' }];
}

/** What the last run that can be judged has put right: until the next one can be, its verdict stands. */
function ofRepairs(
  { id, finishedAt, repaired, notTheFirst }: RunFacts,
  { begunAt, heardAt }: { begunAt: number; heardAt: number | null },
  limits: Limits,
  now: number,
): Finding[] {
  // The first run finds everything missing.
  if (!notTheFirst) return [];
  const found: Finding[] = [];
  const sum = (kinds: readonly (typeof REPAIRS)[number][]) => kinds.reduce((total, kind) => total + repaired[kind], 0);
  if (sum(REPAIRS) > limits.ALERT_DRIFT_OVER) {
    const kinds = REPAIRS.filter((kind) => repaired[kind] > 0).map((kind) => `${repaired[kind]} ${kind}`);
    found.push({ condition: 'drift', seen: `${sum(REPAIRS)} repaired: ${kinds.join(', ')}.`, mark: id });
  }
  const silent = (heardAt ?? begunAt) < Math.min(now - limits.ALERT_QUIET_HOURS * HOUR_MS, finishedAt);
  if (silent && sum(TOLD_OF) > 0) {
    const last = heardAt === null ? 'None has ever arrived' : `The last arrived ${spanOf(now - heardAt)} ago`;
    found.push({ condition: 'webhooks', seen: `${last}; the last run found ${sum(TOLD_OF)} changes.`, mark: '' });
  }
  return found;
}

/** Grouped by reason, with how many are new since they were last told of; those of locations that are not ours count as nobody's. */
function deadLetters({ letters, failed, told }: AlertFacts, locationId: string): Finding[] {
  const waiting = letters.get(locationId) ?? [];
  const others = failed.get(locationId) ?? [];
  if (waiting.length + others.length === 0) return [];
  const fresh = waiting.some((one) => one.fresh > 0);
  const mark = told.find((row) => row.locationId === locationId && row.condition === 'dead-letters')?.mark ?? '';
  const whose = locationId === '' ? 'Of no location that the settings name: ' : '';
  const seen = [...waiting.map(counted), ...others.map(({ reason, n }) => `${n} ${reason} without a letter`)].join(
    ', ',
  );
  return [{ condition: 'dead-letters', seen: `${whose}${seen}.`, mark: fresh ? String(waiting[0]?.until) : mark }];
}

function counted({ reason, waiting, fresh }: LetterCount): string {
  if (fresh === 0) return `${waiting} ${reason} wait`;
  return fresh === waiting ? `${fresh} ${reason}` : `${fresh} ${reason} (${waiting} wait)`;
}
