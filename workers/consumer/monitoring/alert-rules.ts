// Which conditions an operator is alerted to. Each is a level, not an event: it stands, or it does not. Pure.

import { HOUR_MS, spanOf } from '../../../shared/time.ts';
import type { Settings } from '../config/settings.ts';
import type { Condition } from '../domain/checks.ts';
import { troubleOf } from '../domain/circuit-text.ts';
import { explain } from '../domain/explanations.ts';
import type { Vendor } from '../domain/failure.ts';
import { REPAIRS } from '../domain/outcome.ts';
import type { AlertFacts, AlertRow, LetterCount, Repaired } from '../store/alerts.ts';
import type { HeldGroup } from '../store/brake/held.ts';
import type { Emptied } from '../store/brake/rule-changes.ts';
import type { CallHealth } from '../store/calls/counts.ts';
import { problemsOf, sumLeftOut } from '../store/fields.ts';
import type { RunFacts } from '../store/health.ts';
import { judgeBackstop, judgeCalls, lateAt } from './judgement.ts';

/** A condition that stands. */
export interface Finding {
  condition: Condition;
  /** What was seen, in a few words. */
  seen: string;
  /** What it is about. Another fingerprint than the one last notified means that the operator is notified again. */
  fingerprint: string;
  /** The whole message, where it is more exact than what CONDITIONS says. */
  text?: string;
}

/** The settings that say when to alert. */
export type Limits = Pick<Settings, 'ALERT_DRIFT_OVER' | 'ALERT_QUIET_HOURS'>;

/** Confirmations that a message spells out. */
const COMMANDS = 3;
/** Reasons of dead letters that a message explains. */
const EXPLAINED = 3;
/** Refusals within the window of store/alerts.ts. A stray request or two needs no alert. */
const MANY_REFUSALS = 20;
/** Repairs of changes that a webhook announces. Changes made in CallTools have none. */
const ANNOUNCED = REPAIRS.filter((kind) => kind !== 'drifted');

/** The conditions of the deployment as a whole. `fault`: of the settings, beyond a single location. `now` is epoch ms. */
export function findOverall(facts: AlertFacts, fault: string | null, now: number): Finding[] {
  const { outbox, refusals } = facts;
  const found: Finding[] = [];
  if (fault !== null) found.push({ condition: 'settings', seen: fault, fingerprint: fault });
  if (outbox.oldestAt !== null && lateAt('outbox', outbox.oldestAt, now) !== null)
    found.push({
      condition: 'outbox',
      fingerprint: '',
      seen: `${outbox.depth} wait, the oldest for ${spanOf(now - outbox.oldestAt)}.`,
    });
  if (refusals.refused >= MANY_REFUSALS)
    found.push({
      condition: 'signatures',
      fingerprint: '',
      seen:
        refusals.accepted === 0
          ? `${refusals.refused} in a row (${refusals.reason}), and none was accepted.`
          : `${refusals.refused} (${refusals.reason}), while ${refusals.accepted} were accepted.`,
    });
  return found.concat(deadLetters(facts, ''));
}

/**
 * `fault`: what is wrong with the location's settings. `calls`: null where CALL_RESULTS is not set. `held`: what the brake holds back. `written`: the fields that they write. `waiting`: about how many contacts wait; null
 * where that is not known.
 */
export interface Place {
  fault: string | null;
  calls: CallHealth | null;
  held: HeldGroup[];
  limits: Limits;
  written: string[];
  waiting: number | null;
}

/** The conditions of one location. */
export function findOf(
  locationId: string,
  facts: AlertFacts,
  { fault, calls, held, limits, written, waiting }: Place,
  now: number,
): Finding[] {
  const found: Finding[] = [];
  if (fault !== null) found.push({ condition: 'settings', seen: fault, fingerprint: fault });
  for (const one of facts.circuits.get(locationId) ?? []) {
    if (one.openReason === null) continue;
    const trouble = troubleOf(one, { now, waiting });
    if (trouble === null) continue;
    const { vendor, kind, what, todo } = trouble;
    found.push({ condition: circuit(vendor), seen: what, fingerprint: kind, text: `${what} ${todo}` });
  }
  const runs = facts.runs.get(locationId);
  const repairs = facts.repairs.get(locationId);
  // Where no run has been started yet, when the first is due.
  const begunAt = runs?.firstAt ?? runs?.nextAt ?? now;
  const heardAt = facts.heard.get(locationId) ?? null;
  if (repairs) found.push(...ofRepairs(repairs, { begunAt, heardAt }, limits, now));
  found.push(...ofRuns(runs, begunAt, now));
  return found.concat(
    ofBrake(held, locationId, facts.known),
    ofRuleChange(facts.emptied.get(locationId) ?? []),
    fields(facts, locationId, written, now),
    ofCalls(calls, now),
    deadLetters(facts, locationId),
  );
}

/** News only where something is held back that the last message did not name. */
function ofBrake(held: HeldGroup[], locationId: string, known: AlertRow[]): Finding[] {
  const [first] = held;
  if (first === undefined) return [];
  const before = known.find((row) => row.locationId === locationId && row.condition === 'brake' && row.notified);
  const named = before?.fingerprint.split(' ') ?? [];
  const keys = held.map(({ confirm }) => confirm);
  const total = held.reduce((sum, one) => sum + one.held, 0);
  const since = new Date(first.since).toISOString().slice(0, 16).replace('T', ' ');
  const commands = held
    .slice(0, COMMANDS)
    .map((one) => `npm run place -- --confirm ${one.confirm} --location ${locationId} (${one.held})`);
  const rest = held.length > COMMANDS ? `, and ${held.length - COMMANDS} more in GET /sync/stats` : '';
  return [
    {
      condition: 'brake',
      seen: `${total} are held back since ${since} UTC so far. To place them: ${commands.join(', ')}${rest}.`,
      fingerprint: keys.every((key) => named.includes(key)) ? named.join(' ') : keys.join(' '),
    },
  ];
}

/** Each bucket is named once. */
function ofRuleChange(emptied: Emptied[]): Finding[] {
  if (emptied.length === 0) return [];
  const out = emptied.map(({ bucket, placed, withdrawn }) => `${withdrawn} of ${placed} in ${bucket}`);
  const fingerprint = JSON.stringify(emptied.map(({ bucket }) => bucket));
  return [{ condition: 'rules-emptied', seen: `Taken out so far: ${out.join(', ')}.`, fingerprint }];
}

function ofCalls(calls: CallHealth | null, now: number): Finding[] {
  return judgeCalls(calls, now).map(({ code, seen }) => ({ condition: code, seen, fingerprint: '' }));
}

function circuit(vendor: Vendor): Condition {
  return vendor === 'gohighlevel' ? 'circuit-gohighlevel' : 'circuit-calltools';
}

/** Only runs that are over count: one that goes on says nothing yet. */
function ofRuns(runs: RunFacts | undefined, begunAt: number, now: number): Finding[] {
  const last = runs?.lastOver ?? null;
  const lastCompleteAt = runs?.lastCompleteAt ?? null;
  const fault = judgeBackstop(last && { ...last, finishedAt: null }, lastCompleteAt, now);
  const found = (seen: string, fingerprint = ''): Finding[] => [{ condition: 'backstop', seen, fingerprint }];
  switch (fault?.kind) {
    case 'incomplete':
      return found(last?.error ?? 'The last run ended early.', last?.id);
    case 'late':
      return found(`The last was completed ${spanOf(now - (lastCompleteAt ?? now))} ago.`);
    case 'never':
      if (lateAt('backstop', begunAt, now) === null) return [];
      return found(`The first was due ${spanOf(now - begunAt)} ago.`);
    case undefined:
      return [];
  }
}

/** What the last run has repaired. Its finding stands until the next run can be judged. */
function ofRepairs(
  { id, finishedAt, repaired, notTheFirst }: Repaired,
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
    found.push({ condition: 'drift', seen: `${sum(REPAIRS)} repaired: ${kinds.join(', ')}.`, fingerprint: id });
  }
  const silent = (heardAt ?? begunAt) < Math.min(now - limits.ALERT_QUIET_HOURS * HOUR_MS, finishedAt);
  if (silent && sum(ANNOUNCED) > 0) {
    const last = heardAt === null ? 'None has ever arrived' : `The last arrived ${spanOf(now - heardAt)} ago`;
    found.push({
      condition: 'webhooks',
      seen: `${last}; the last run found ${sum(ANNOUNCED)} changes.`,
      fingerprint: '',
    });
  }
  return found;
}

/** Each field is reported once, however many contacts it concerns. */
function fields(
  { leftOut, fieldReports, known }: AlertFacts,
  locationId: string,
  written: string[],
  now: number,
): Finding[] {
  const lacking = sumLeftOut(leftOut.get(locationId) ?? []);
  const { absent, altered } = problemsOf(fieldReports.get(locationId) ?? [], written, now);
  /** Another one only where there is a field of which the operator was not notified. */
  const fingerprint = (condition: Condition, names: string[]) => {
    const before = known.find((row) => row.locationId === locationId && row.condition === condition && row.notified);
    return [...new Set([...(before?.fingerprint.split(' ') ?? []), ...names])].sort().join(' ');
  };
  const found = (condition: Condition, names: string[], seen: string): Finding[] =>
    names.length === 0 ? [] : [{ condition, seen, fingerprint: fingerprint(condition, names) }];
  const refused = Object.entries(lacking.fields).map(([field, n]) => `${field} (${n})`);
  const which = [
    ...(absent.length > 0 ? [`The account has no field ${absent.join(', ')}.`] : []),
    ...(altered.length > 0 ? [`Kept otherwise than sent, or not at all: ${altered.join(', ')}.`] : []),
  ];
  const were = lacking.contacts === 1 ? '1 contact was' : `${lacking.contacts} contacts were`;
  const missing = `${were} placed without: ${refused.join(', ')}.`;
  return [
    ...found('left-out', Object.keys(lacking.fields), missing),
    ...found('fields-not-kept', [...absent, ...altered], which.join(' ')),
  ];
}

/** By reason, with how many are new since the last notification. '' stands for all locations that the settings do not name. */
function deadLetters({ letters, failed, known }: AlertFacts, locationId: string): Finding[] {
  const waiting = letters.get(locationId) ?? [];
  const others = failed.get(locationId) ?? [];
  if (waiting.length + others.length === 0) return [];
  const fresh = waiting.some((one) => one.fresh > 0);
  const before = known.find((row) => row.locationId === locationId && row.condition === 'dead-letters');
  const whose = locationId === '' ? 'Of no location that the settings name: ' : '';
  const list = [...waiting.map(counted), ...others.map(({ reason, n }) => `${n} ${reason} without a letter`)];
  return [
    {
      condition: 'dead-letters',
      seen: `${whose}${list.join(', ')}. ${waiting.slice(0, EXPLAINED).map(explained).join(' ')}`.trim(),
      fingerprint: fresh ? String(waiting[0]?.until) : (before?.fingerprint ?? ''),
    },
  ];
}

/** The reason in words. */
function explained({ reason }: LetterCount): string {
  return `${reason}: ${explain(reason).what}`;
}

function counted({ reason, waiting, fresh }: LetterCount): string {
  if (fresh === 0) return `${waiting} ${reason} wait`;
  return fresh === waiting ? `${fresh} ${reason}` : `${fresh} ${reason} (${waiting} wait)`;
}
