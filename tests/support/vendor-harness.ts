// The real vendor clients against the sandbox's vendors, in process and in virtual time.

import type { CallToolsSettings } from '../../sandbox/calltools/settings.ts';
import { createCallTools as createCallToolsVendor } from '../../sandbox/calltools.ts';
import type { GoHighLevelSettings } from '../../sandbox/gohighlevel/settings.ts';
import { createGoHighLevel as createGoHighLevelVendor } from '../../sandbox/gohighlevel.ts';
import type { World } from '../../workers/consumer/config/env.ts';
import { readSettings } from '../../workers/consumer/config/settings.ts';
import { createLookup } from '../../workers/consumer/dialer/find-by-phone.ts';
import { createMemberSearch } from '../../workers/consumer/dialer/find-in-buckets.ts';
import { createLabels, type Labels } from '../../workers/consumer/dialer/labels.ts';
import type { Desired, Dialer, Observed } from '../../workers/consumer/dialer/session.ts';
import { upsert } from '../../workers/consumer/dialer/upsert.ts';
import type { Wanted } from '../../workers/consumer/domain/decide.ts';
import { type Failure, VendorError } from '../../workers/consumer/domain/failure.ts';
import type { FieldValue } from '../../workers/consumer/domain/fields/field-map.ts';
import { planOf } from '../../workers/consumer/domain/fields/field-plan.ts';
import { phoneHash } from '../../workers/consumer/domain/phone.ts';
import type { LabelRow } from '../../workers/consumer/store/labels.ts';
import { createCallTools } from '../../workers/consumer/vendors/calltools.ts';
import { createGoHighLevel } from '../../workers/consumer/vendors/gohighlevel.ts';
import type { Http } from '../../workers/consumer/vendors/http.ts';
import { createRateLimiter, limited } from '../../workers/consumer/vendors/rate-limiter.ts';
import { RULES_FILE } from './rules.ts';
import { NOON, VirtualClock, worldOn } from './virtual-clock.ts';

export const LOCATION = 've9EPM428h8vShlRW1KT';
export const CONTACT = 'nmFmQEsNgz6AVpgLVUJ0';
export const PHONE = '+13055550142';
export const OTHER_PHONE = '+13055550143';
export const COLD = 'Cold Leads';
export const WARM = 'Warm Leads';

/** Ours is the last word on an answer: what a test puts between vendor and client. */
export type Meddle = (request: Request, handle: (request: Request) => Promise<Response>) => Promise<Response>;

interface ClientOptions {
  meddle?: Meddle;
  guard?: (http: Http) => Http;
  timeoutMs?: number;
  /** ms from now. */
  leaseMs?: number;
  baseUrl?: string;
}

const PLAIN: Meddle = (request, handle) => handle(request);

export function callToolsStage(account: Partial<CallToolsSettings> = {}, options: ClientOptions = {}) {
  const clock = new VirtualClock();
  const vendor = createCallToolsVendor({
    token: 'calltools-key',
    random: () => 0.4,
    settings: account,
    now: () => clock.at,
    wait: clock.sleep,
  });
  /** May be changed at any time. */
  const hooks = { meddle: options.meddle ?? PLAIN };
  const world = worldOn(clock, (request) => hooks.meddle(request, vendor.handle));
  const client = createCallTools({
    baseUrl: options.baseUrl ?? ENV.CALLTOOLS_BASE_URL,
    token: ENV.CALLTOOLS_API_KEY,
    world,
    timeoutMs: options.timeoutMs ?? 10_000,
    notAfter: clock.at + (options.leaseMs ?? 600_000),
    guard: options.guard ?? ((http) => http),
  });
  return { clock, vendor, hooks, world, client };
}

export interface Sent {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
}

export function goHighLevelStage(
  location: Partial<GoHighLevelSettings> = {},
  options: ClientOptions & { version?: string } = {},
) {
  const clock = new VirtualClock();
  const vendor = createGoHighLevelVendor({
    locationId: LOCATION,
    apiKey: ENV.GHL_API_KEY,
    random: sequence(),
    settings: { searchLagMs: 0, ...location },
    now: () => clock.at,
    wait: clock.sleep,
  });
  const hooks = { meddle: options.meddle ?? PLAIN };
  /** Requests as they left us. */
  const sent: Sent[] = [];
  const world = worldOn(clock, async (request) => {
    const { method, url, headers } = request;
    sent.push({ method, headers, url: new URL(url), body: await request.clone().text() });
    return hooks.meddle(request, vendor.handle);
  });
  const notAfter = clock.at + (options.leaseMs ?? 600_000);
  const limiter = createRateLimiter([], clock.at);
  const guard = options.guard ?? ((http: Http) => http);
  const client = createGoHighLevel({
    baseUrl: options.baseUrl ?? 'https://ghl.test',
    apiKey: ENV.GHL_API_KEY,
    locationId: LOCATION,
    world,
    version: options.version ?? '2021-07-28',
    timeoutMs: options.timeoutMs ?? 10_000,
    notAfter,
    guard: (http) => limited(guard(http), { vendor: 'gohighlevel', limiter, world, notAfter, isStopped: () => false }),
  });
  return { clock, vendor, hooks, world, client, sent };
}

/** What D1 remembers of labels, in memory. */
export function labelMemory(world: Pick<World, 'now'>) {
  const rows = new Map<string, LabelRow>();
  const leases = new Map<string, number>();
  const key = ({ kind, name }: Pick<LabelRow, 'kind' | 'name'>) => `${kind}:${name}`;
  return {
    rows,
    leases,
    save: async (changed: LabelRow[]) => {
      for (const row of changed) {
        rows.set(key(row), row);
        // A label that is still missing may be in the making: only its id ends the lease.
        if (row.callToolsId !== null) leases.delete(key(row));
      }
    },
    lease: async (kind: LabelRow['kind'], name: string, until: number) => {
      if ((leases.get(key({ kind, name })) ?? 0) > world.now()) return false;
      leases.set(key({ kind, name }), until);
      return true;
    },
  };
}

interface DialerOptions extends ClientOptions {
  env?: Record<string, unknown>;
  managed?: { buckets: string[]; tags: string[] };
}

/** All that `upsert` needs, on one CallTools account. */
export function dialerStage(account: Partial<CallToolsSettings> = {}, options: DialerOptions = {}) {
  const stage = callToolsStage(account, options);
  const settings = readSettings({ ...ENV, ...options.env });
  const memory = labelMemory(stage.world);
  const unsupported = new Set<string>();
  const managed = options.managed ?? { buckets: [COLD, WARM], tags: [] };
  const freshLabels = (): Labels =>
    createLabels({
      callTools: stage.client,
      managed,
      world: stage.world,
      rows: [...memory.rows.values()],
      save: memory.save,
      lease: memory.lease,
    });
  const dialer: Dialer = {
    callTools: stage.client,
    settings,
    plan: planOf(settings.fields, []),
    labels: freshLabels(),
    numbers: { known: () => [], seen: new Map() },
    echoes: new Map(),
    members: createMemberSearch(stage.client, settings, () => stage.clock.at),
    lookup: createLookup({
      callTools: stage.client,
      country: settings.DEFAULT_COUNTRY,
      mode: settings.CALLTOOLS_PHONE_LOOKUP,
      unsupported,
      remember: async () => {},
    }),
  };
  return Object.assign(stage, { dialer, settings, memory, unsupported, freshLabels });
}

/** A full configuration. */
export const ENV = {
  GHL_LOCATION_ID: LOCATION,
  GHL_API_KEY: 'pit-1',
  CALLTOOLS_BASE_URL: 'https://east-1.calltools.test',
  CALLTOOLS_API_KEY: 'calltools-key',
  rulesFile: RULES_FILE,
};

export function place(
  bucket = COLD,
  changes: Partial<{ tag: string; email: string; phone: string; fields: Record<string, FieldValue | null> }> = {},
): Wanted {
  return {
    kind: 'place',
    bucket,
    tag: changes.tag ?? null,
    person: {
      contactId: CONTACT,
      phone: changes.phone ?? PHONE,
      fields: { first_name: 'Dana', last_name: 'Reyes', ...changes.fields },
      ...(changes.email !== undefined && { email: changes.email }),
    },
  };
}

export const OUT: Wanted = { kind: 'out', doNotContact: false };
export const DNC: Wanted = { kind: 'out', doNotContact: true };

/** What is known of a person outside the dialer, apart from the id. */
export const GONE = { mayBeInBucket: false, moved: false, doNotContact: false, placing: null };

/** A target nothing is remembered of; its hash fits its number, or `PHONE` where that is no longer known. */
export async function target(wanted: Wanted, changes: Partial<Desired> = {}): Promise<Desired> {
  const e164 = changes.e164 === undefined ? (wanted.kind === 'place' ? wanted.person.phone : PHONE) : changes.e164;
  return {
    wanted,
    callToolsId: null,
    inDoubt: false,
    previousContactId: null,
    placing: null,
    previousPlacing: null,
    route: wanted.kind === 'place' ? 'cold' : null,
    now: NOON,
    phoneHash: await phoneHash(LOCATION, e164 ?? PHONE),
    ...changes,
    e164,
  };
}

export function observed(changes: Partial<Observed> = {}): Observed {
  return { callToolsId: null, mayBeInBucket: false, moved: false, doNotContact: false, placing: null, ...changes };
}

type DialerStage = ReturnType<typeof dialerStage>;

/** One upsert of which nothing is remembered but `changes`; what it knows in the end. Rejects as `upsert` does. */
export async function apply(
  { dialer }: DialerStage,
  wanted: Wanted,
  changes: Partial<Desired> = {},
  known: Partial<Observed> = {},
): Promise<Observed> {
  const so = observed({ callToolsId: changes.callToolsId ?? null, ...known });
  await upsert(await target(wanted, changes), dialer, so);
  return so;
}

/** The same where it must fail: the failure, and how far it came. */
export async function applyFailing(
  { dialer }: DialerStage,
  wanted: Wanted,
  changes: Partial<Desired> = {},
  known: Partial<Observed> = {},
): Promise<{ failure: Failure; observed: Observed }> {
  const so = observed({ callToolsId: changes.callToolsId ?? null, ...known });
  return { failure: await failureOf(upsert(await target(wanted, changes), dialer, so)), observed: so };
}

/** The failure that a promise rejects with; an unexpected success or error fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    if (error instanceof VendorError) return error.failure;
    throw error;
  }
  throw new Error('expected a VendorError, but it succeeded');
}

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

/** Numbers that differ, the same in each run. */
export function sequence(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
