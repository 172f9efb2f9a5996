// The latest work on a contact, as its row remembers it for a person: one short entry for each, about 2 KB in all.

import * as v from 'valibot';

const ms = v.optional(v.number());
const End = v.object({
  /** Epoch ms. */
  at: v.number(),
  /** See `Outcome`. */
  outcome: v.string(),
  /** The contact's reason after it. */
  reason: v.string(),
  /** Of the latest message that asked for it. */
  eventId: v.string(),
  source: v.string(),
  /** How long before `at` the first message that asked for it had arrived. Entries of earlier versions lack this and what follows. */
  received: ms,
  /** How long before `at` reading began; absent where GoHighLevel was not read. */
  read: ms,
  /** How long before `at` it was decided. */
  decided: ms,
  /** CallTools was written to. */
  wrote: v.optional(v.literal(1)),
  /** Which try it was, where it was not the first. */
  tries: ms,
  /** What made the route match, in the words of the rules (see becauseOf). Only the latest work that took effect has it. */
  because: v.optional(v.string()),
});
const History = v.pipe(v.string(), v.parseJson(), v.array(End));

/** How one piece of work on a contact ended. */
export type WorkEnd = v.InferOutput<typeof End>;

/** Entries that are kept. */
const MAX_ENDS = 10;

/** What was worked on. Times are epoch ms. */
interface Worked {
  row: { history: string; attempts: number };
  work: { latest: Pick<WorkEnd, 'eventId' | 'source'>; events: readonly [{ receivedAt: number }, ...unknown[]] };
  decision: { reason: string; because?: string } | null;
  decidedAt?: number;
}

/**
 * The history (JSON) after this work: one more entry before the others. Work that waits gets none, because an outage would push out
 * everything else.
 */
export function historyAfter(
  { row, work, decision, decidedAt }: Worked,
  {
    at,
    outcome,
    reason,
    readAt,
    wrote,
  }: Pick<WorkEnd, 'at' | 'outcome' | 'reason'> & { readAt: number | null; wrote: boolean },
): string {
  if (outcome === 'wait' || outcome === 'busy') return row.history;
  const isDone = outcome === 'done';
  const before = (time: number | null | undefined) => (typeof time === 'number' ? Math.max(0, at - time) : undefined);
  const end: WorkEnd = {
    ...{ at, outcome, reason, eventId: work.latest.eventId, source: work.latest.source },
    received: before(work.events[0].receivedAt),
    read: before(readAt),
    decided: before(readAt === null ? null : decidedAt),
    wrote: wrote ? 1 : undefined,
    tries: row.attempts > 0 ? row.attempts + 1 : undefined,
    because: isDone && reason === decision?.reason ? decision.because : undefined,
  };
  const earlier = JSON.parse(row.history) as Partial<WorkEnd>[];
  const kept = isDone ? earlier.map(({ because: _, ...rest }) => rest) : earlier;
  return JSON.stringify([end, ...kept].slice(0, MAX_ENDS));
}

/** Newest first. Where an entry has another form, as of a newer version, nothing is guessed: none is shown. */
export function endsOf(history: string): WorkEnd[] {
  const parsed = v.safeParse(History, history);
  return parsed.success ? parsed.output : [];
}
