// GET /doctor: checks all that can be wrong, with the consumer's own settings and secrets, and says what it saw. It changes nothing,
// except the membership of a contact that the operator names.

import * as v from 'valibot';
import type { DoctorReport } from '../../../shared/api/status.ts';
import { errorText } from '../../../shared/harmless.ts';
import type { IngestStatus } from '../../../shared/ingest-status.ts';
import { Id } from '../../../shared/messages.ts';
import type { Env, World } from '../config/env.ts';
import { type Settings, writtenFields } from '../config/settings.ts';
import { CHECKS, type CheckCode } from '../domain/checks.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import { oddities } from '../domain/rules/oddities.ts';
import { readBacklogs, waitingIn } from '../monitoring/backlog.ts';
import { readState, type StateFacts } from '../store/doctor.ts';
import { problemsOf } from '../store/fields.ts';
import { checkCalls } from './calls.ts';
import { checkCallTools } from './calltools.ts';
import { type Check, failed, ok, type Status, skipped, warning } from './check.ts';
import { checkMapping } from './fields/mapping.ts';
import { traced } from './follows-from.ts';
import { checkGoHighLevel } from './gohighlevel.ts';
import { checkMembership } from './membership.ts';
import { checkOpportunities } from './opportunities.ts';
import {
  checkArea,
  checkBackstop,
  checkCircuits,
  checkDatabase,
  checkDeadLetters,
  checkIngest,
  checkOutbox,
  checkQueues,
  checkWebhooks,
} from './state.ts';

/** `GET /doctor`. */
export const DoctorQuery = v.strictObject({ contact: v.optional(Id), location: v.optional(Id) });

/** All checks of one location, in the order in which a person should fix what failed. */
export interface Diagnosis {
  locationId: string | null;
  checks: Check[];
}

/** A location, or the fault of its settings. */
export type Examinable = { id: string | null } & (
  | { kind: 'ready'; settings: Settings }
  | { kind: 'faulty'; fault: string }
);

interface Examined {
  env: Env;
  world: World;
  location: Examinable;
  /** GoHighLevel id of a contact that may be taken out of its bucket and put back. */
  contactId: string | null;
  /** What ingest says about its settings; null where the request did not come through ingest. */
  ingestStatus: IngestStatus | null;
}

/** For all vendor calls together: a person waits about two minutes for the answer. */
const VENDOR_BUDGET_MS = 90_000;

/** The checks of the deployment as a whole, then those of one location. Never throws. */
export async function diagnose(examined: Examined): Promise<Diagnosis> {
  const checks = [...(await examineDeployment(examined)), ...(await examineLocation(examined))];
  return { locationId: examined.location.id, checks: traced(checks) };
}

/** What all locations share. */
async function examineDeployment({ env, world }: Pick<Examined, 'env' | 'world'>): Promise<Check[]> {
  return [await checkDatabase(env.DB), await checkQueues(env, world.now())];
}

/** What belongs to one location. */
export async function examineLocation(examined: Examined): Promise<Check[]> {
  const { env, location, world } = examined;
  if (location.kind === 'faulty') {
    const unasked = WITH_SETTINGS.map((code) => skipped(code, 'Not asked: see settings.', 'settings'));
    return [failed('settings', location.fault), checkSecrets(location, env), ...unasked];
  }
  const { settings } = location;
  const { rules } = settings;
  const valid = ok(
    'settings',
    `Valid; ${rules.routes.length} routes: ${rules.routes.map(({ name }) => name).join(', ')}.`,
  );
  const state = await readState(env.DB, settings.GHL_LOCATION_ID, world.now()).catch(errorText);
  const vendors = await examineVendors(examined, settings, typeof state === 'string' ? null : state);
  const ingest = checkIngest(examined.ingestStatus, settings.GHL_LOCATION_ID);
  return [
    valid,
    checkRoutes(rules),
    ok('secrets', 'Both are set.'),
    ingest,
    ...vendors,
    ...(await ownState(examined, settings, state)),
  ];
}

function checkRoutes(rules: Rules): Check {
  const odd = oddities(rules).map((what) => `${what[0]?.toUpperCase()}${what.slice(1)}`);
  return odd.length === 0 ? ok('routes', 'Each can match somebody.') : warning('routes', odd.join(' '));
}

/** What cannot be asked without valid settings. */
const WITH_SETTINGS = (Object.keys(CHECKS) as CheckCode[]).filter(
  (code) => !['settings', 'secrets', 'database', 'queues'].includes(code),
);

/** Names all missing secrets: reading the settings stops at the first fault. A location of LOCATIONS has secrets of its own, and its fault names them. */
function checkSecrets({ id }: Examinable, { GHL_LOCATION_ID, GHL_API_KEY, CALLTOOLS_API_KEY }: Env): Check {
  if (id !== null && id !== GHL_LOCATION_ID?.trim()) return skipped('secrets', 'Not asked: see settings.', 'settings');
  const missing = Object.entries({ GHL_API_KEY, CALLTOOLS_API_KEY }).flatMap(([name, value]) =>
    value?.trim() ? [] : [name],
  );
  return missing.length === 0 ? ok('secrets', 'Both are set.') : failed('secrets', `Not set: ${missing.join(', ')}.`);
}

async function examineVendors(
  { env, world, contactId, ingestStatus }: Examined,
  settings: Settings,
  state: StateFacts | null,
): Promise<Check[]> {
  const notAfter = world.now() + VENDOR_BUDGET_MS;
  // Both at once: a vendor that hangs does not delay the other.
  const [{ checks: ofGhl, ghl }, { checks, callTools, buckets, fields }] = await Promise.all([
    checkGoHighLevel(settings, world, notAfter),
    checkCallTools(settings, world, notAfter, state?.callToolsId ?? null),
  ]);
  const problems = problemsOf(state?.fieldReports ?? [], writtenFields(settings), world.now());
  const mapping = await checkMapping({ settings, ghl, callTools, fields, problems }, [...ofGhl, ...checks]);
  const opportunities = await checkOpportunities(settings, ghl, ofGhl);
  const cause = checks.find(({ status }) => status === 'failed')?.code;
  const acceptsHooks = ingestStatus?.calls ?? null;
  const ofCalls = await checkCalls({ db: env.DB, world, settings, callTools, acceptsHooks, cause });
  const able = contactId !== null && callTools !== null && buckets !== null;
  const membership = able
    ? await checkMembership(contactId, { db: env.DB, events: env.EVENTS, settings, world, callTools, buckets })
    : contactId === null
      ? skipped('membership', 'No contact was named (--contact).')
      : skipped('membership', 'Not tried: CallTools is not well.', cause);
  return [...ofGhl, ...checks, ...mapping, opportunities, ...ofCalls, membership];
}

async function ownState({ env, world }: Examined, settings: Settings, state: StateFacts | string): Promise<Check[]> {
  const now = world.now();
  const codes: CheckCode[] = ['outbox', 'webhooks', 'dead-letters', 'circuits', 'backstop', 'fields-area'];
  if (typeof state === 'string') return codes.map((code) => skipped(code, `Not known: ${state}`, 'database'));
  const { health, deadLetters, pending, area } = state;
  const id = settings.GHL_LOCATION_ID;
  return [
    checkOutbox(health.outbox, now),
    checkWebhooks(health.heard.get(id) ?? null, now),
    checkDeadLetters(deadLetters, health.failed.get(id) ?? []),
    checkCircuits(health.circuits.get(id) ?? [], waitingIn(await readBacklogs(env), pending), now),
    checkBackstop(health.runs.get(id) ?? { lastCompleteAt: null, last: null }, now),
    checkArea(area),
  ];
}

/**
 * The answer: `ok` is false where something failed. Checks that are not well come with `what` should be and what `todo`. `following`
 * counts the failed and warning checks that only follow from another: nothing needs to be done about them.
 */
export function viewDiagnosis({ locationId, checks }: Diagnosis): DoctorReport {
  const count = (status: Status) => checks.filter((check) => check.status === status).length;
  return {
    ok: count('failed') === 0,
    location_id: locationId,
    counts: {
      ok: count('ok'),
      warning: count('warning'),
      failed: count('failed'),
      skipped: count('skipped'),
      following: checks.filter((check) => isUnwell(check) && check.followsFrom !== undefined).length,
    },
    checks: checks.map((check) => ({
      code: check.code,
      status: check.status,
      seen: check.seen,
      ...(check.followsFrom !== undefined && { follows_from: check.followsFrom }),
      ...(isUnwell(check) && { ...CHECKS[check.code], ...(check.todo !== undefined && { todo: check.todo }) }),
    })),
  };
}

function isUnwell({ status }: Check): boolean {
  return status === 'warning' || status === 'failed';
}
