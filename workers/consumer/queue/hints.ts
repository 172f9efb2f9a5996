// CallTools told of calls: their record is read at once, and again after growing delays until it shows a row of that contact. All of this
// only hastens the poll of the cron, which finds every row anyway.

import type { CallsHint } from '../../../shared/messages.ts';
import { pollCalls } from '../calls/poll.ts';
import type { LocationContext } from '../config/context.ts';
import { type Hinted, readHinted } from '../store/calls/hinted.ts';
import { takeOut } from './contacts.ts';
import { ACK, type Disposition } from './disposition.ts';

/** A poll that ended so lately is not repeated at once. */
const GAP_MS = 5000;
/** The row may appear after the notice: an agent may pick the disposition once the call is over. */
const LOOK_FOR_MS = 120_000;
/** The same where it is not known whose row it is. */
const LOOK_FOR_ANY_MS = 15_000;
/** Pages of one poll; what they do not reach is left to the cron. */
const MAX_PAGES = 3;
/** Contacts that one poll takes out at once. */
const MAX_TAKEN = 25;

/**
 * The disposition of each hint, in their order; all are of one location. However many they are, they cause one poll. Where CALL_RESULTS is
 * not set they cost nothing. Throws where D1 fails.
 */
export async function handleHints(hints: readonly CallsHint[], context: LocationContext): Promise<Disposition[]> {
  const { env, world, settings } = context;
  const { calls, GHL_LOCATION_ID: locationId } = settings;
  if (calls === null) return hints.map(() => ACK);
  const before = await readHinted(env.DB, locationId, hints);
  if (!hints.some((hint) => isOpen(hint, before))) return hints.map(() => ACK);
  const now = world.now();
  const isRecent = (before.polledAt ?? 0) > now - GAP_MS;
  if (!isRecent) {
    const atOnce = { takeOut, most: MAX_TAKEN };
    await pollCalls({ rules: calls, now, maxPages: MAX_PAGES, early: true, atOnce }, context);
  }
  const after = isRecent ? before : await readHinted(env.DB, locationId, hints);

  const newest = new Map<number | null, CallsHint>();
  for (const hint of hints)
    if (hint.receivedAt >= (newest.get(hint.callToolsId)?.receivedAt ?? 0)) newest.set(hint.callToolsId, hint);
  return hints.map((hint) => {
    const body = newest.get(hint.callToolsId) ?? hint;
    const ageMs = world.now() - body.receivedAt;
    const isOver = ageMs > (hint.callToolsId === null ? LOOK_FOR_ANY_MS : LOOK_FOR_MS);
    if (isOver || !isOpen(hint, after)) return ACK;
    // Each time about as long as it has waited so far.
    return { kind: 'resend', body, delaySeconds: Math.ceil(Math.max(GAP_MS, ageMs) / 1000) };
  });
}

/** No row of that contact has been seen since. A poll that fails is tried again by the cron, and the first one is left to it. */
function isOpen({ callToolsId, receivedAt }: CallsHint, { isPolled, failure, seenAt }: Hinted): boolean {
  if (!isPolled || failure !== null) return false;
  return callToolsId === null || (seenAt.get(callToolsId) ?? 0) < receivedAt;
}
