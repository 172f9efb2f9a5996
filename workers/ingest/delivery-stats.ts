// What only ingest knows and alerts need: that webhooks arrive, and that they are refused. Kept in the isolate and written rarely.

import type { World } from './env.ts';
import type { Decision, RequestContext } from './request.ts';
import type { Refusal } from './responses.ts';

type Context = { env: Pick<RequestContext['env'], 'DB'>; world: Pick<World, 'now' | 'after'> } & Pick<
  RequestContext,
  'waitUntil'
>;

/** Forged requests cost their sender nothing. However many come, an isolate writes no more often than this. */
const REFUSALS_EVERY_MS = 60_000;
const HEARD_EVERY_MS = 10 * 60_000;
/** After this long a D1 that hangs is no longer waited for. */
const WRITE_TIMEOUT_MS = 5_000;

/** The sender is not who it should be, or its secret or clock differs from ours. */
const UNPROVEN: ReadonlySet<Refusal['reason']> = new Set([
  'no_signature',
  'malformed_signature',
  'legacy_signature_off',
  'no_key',
  'wrong_signature',
  'stale',
  'future',
  'wrong_workflow_token',
  'wrong_calltools_token',
  'wrong_admin_token',
]);

/**
 * The returned function notes what became of a webhook or of a wrong operator token, after the answer. Counts are lower bounds: an isolate
 * that ends loses what it has not written, and it writes only together with a refusal. A failed write is missed by the alerts only.
 */
export function createDeliveryStats(): (decision: Decision, context: Context) => void {
  let count = { refused: 0, accepted: 0, since: 0 };
  let writtenAt = Number.NEGATIVE_INFINITY;
  /** By location; there are as many as the settings name. */
  const heardAt = new Map<string, number>();

  function noteAccepted(locationId: string | null, now: number, context: Context): void {
    // Webhooks accepted long before a refusal do not count towards it.
    if (count.refused === 0 && now - count.since >= REFUSALS_EVERY_MS) count = { refused: 0, accepted: 0, since: now };
    count.accepted++;
    if (locationId === null || now - (heardAt.get(locationId) ?? 0) < HEARD_EVERY_MS) return;
    heardAt.set(locationId, now);
    write(HEARD, [locationId, now], context);
  }

  function noteUnproven(reason: Refusal['reason'], now: number, context: Context): void {
    count.refused++;
    if (now - writtenAt < REFUSALS_EVERY_MS) return;
    write(REFUSED, [now - (now % 60_000), count.refused, count.accepted, reason], context);
    count = { refused: 0, accepted: 0, since: now };
    writtenAt = now;
  }

  return (decision, context) => {
    const now = context.world.now();
    if (decision.kind !== 'refused') noteAccepted(heardOf(decision), now, context);
    else if (UNPROVEN.has(decision.refusal.reason)) noteUnproven(decision.refusal.reason, now, context);
  };
}

/** The location of a webhook of GoHighLevel: alerts ask whether those have stopped. */
function heardOf(decision: Decision): string | null {
  const isHeard = decision.kind === 'queued' && decision.message.kind === 'contact.changed';
  return isHeard ? decision.message.locationId : null;
}

const HEARD = `INSERT INTO heard (location_id, webhook_at) VALUES (?1, ?2)
  ON CONFLICT (location_id) DO UPDATE SET webhook_at = max(webhook_at, excluded.webhook_at)`;

const REFUSED = `INSERT INTO refusals (minute, refused, accepted, reason) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (minute) DO UPDATE SET refused = refused + excluded.refused, accepted = accepted + excluded.accepted, reason = excluded.reason`;

function write(sql: string, values: (string | number)[], { env, world, waitUntil }: Context): void {
  const run = async () =>
    env.DB.prepare(sql)
      .bind(...values)
      .run();
  waitUntil(ended(run(), world));
}

/** Resolves when the write has succeeded, failed, or taken too long. */
function ended(writing: Promise<unknown>, world: Pick<World, 'after'>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = world.after(WRITE_TIMEOUT_MS, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    void writing.then(end, end);
  });
}
