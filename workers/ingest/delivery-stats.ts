// What only ingest knows and alerts need: that webhooks arrive, and that they are refused. Kept in the isolate and written rarely.

import type { Decision } from './decision.ts';
import type { Env, World } from './env.ts';
import type { Refusal } from './responses.ts';

interface Visit {
  env: Pick<Env, 'DB'>;
  world: Pick<World, 'now' | 'after'>;
  waitUntil(promise: Promise<unknown>): void;
}

/** Forged requests are free for whoever sends them: however many come, an isolate writes this often at most. */
const REFUSALS_EVERY_MS = 60_000;
const HEARD_EVERY_MS = 10 * 60_000;
/** A D1 that hangs is given up. */
const WRITE_TIMEOUT_MS = 5_000;

/** Refusals that say that a sender is not who it should be, or that its secret or clock is not ours. */
const UNPROVEN: ReadonlySet<Refusal['reason']> = new Set([
  ...(['no_signature', 'malformed_signature', 'legacy_signature_off', 'no_key', 'wrong_signature'] as const),
  ...(['stale', 'future', 'wrong_workflow_token', 'wrong_admin_token'] as const),
]);

/**
 * Notes what became of a webhook, after its answer, or of an operator's token that is not ours. Counts are lower bounds: what an isolate has refused since its last writing is lost
 * with it, and is written no sooner than with a later refusal. Writing that fails is only missed by the alerts.
 */
export function createTally(): (decision: Decision, visit: Visit) => void {
  let count = { refused: 0, accepted: 0, since: 0 };
  let writtenAt = Number.NEGATIVE_INFINITY;
  /** By location, which there are as many of as the settings name. */
  const heardAt = new Map<string, number>();

  return (decision, { env, world, waitUntil }) => {
    const now = world.now();
    const write = (sql: string, ...values: (string | number)[]) =>
      waitUntil(
        bounded(
          () =>
            env.DB.prepare(sql)
              .bind(...values)
              .run(),
          world,
        ),
      );

    if (decision.kind !== 'refused') {
      // Of long before a refusal is not meanwhile.
      if (count.refused === 0 && now - count.since >= REFUSALS_EVERY_MS)
        count = { refused: 0, accepted: 0, since: now };
      count.accepted++;
      const locationId = decision.kind === 'queued' ? decision.message.locationId : null;
      if (locationId !== null && now - (heardAt.get(locationId) ?? 0) >= HEARD_EVERY_MS) {
        heardAt.set(locationId, now);
        write(HEARD, locationId, now);
      }
    } else if (UNPROVEN.has(decision.refusal.reason)) {
      count.refused++;
      if (now - writtenAt >= REFUSALS_EVERY_MS) {
        write(REFUSED, now - (now % 60_000), count.refused, count.accepted, decision.refusal.reason);
        count = { refused: 0, accepted: 0, since: now };
        writtenAt = now;
      }
    }
  };
}

const HEARD = `INSERT INTO heard (location_id, webhook_at) VALUES (?1, ?2)
  ON CONFLICT (location_id) DO UPDATE SET webhook_at = max(webhook_at, excluded.webhook_at)`;

const REFUSED = `INSERT INTO refusals (minute, refused, accepted, reason) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (minute) DO UPDATE SET refused = refused + excluded.refused, accepted = accepted + excluded.accepted, reason = excluded.reason`;

/** Ends when the writing has, well or ill, or when it has taken too long. */
function bounded(write: () => Promise<unknown>, world: Pick<World, 'after'>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = world.after(WRITE_TIMEOUT_MS, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    void (async () => write())().then(end, end);
  });
}
