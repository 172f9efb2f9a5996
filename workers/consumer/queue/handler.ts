// The queue handler, the only place that acks and retries: every message ends on its own, and nothing is thrown.

import type { MessageBatch, Message as QueueMessage } from '@cloudflare/workers-types';
import { forEachLimit } from '../../../shared/concurrency.ts';
import { errorText } from '../../../shared/harmless.ts';
import { type Message, parseMessage } from '../../../shared/messages.ts';
import { MINUTE_MS } from '../../../shared/time.ts';
import { handlePage } from '../backstop/page.ts';
import { writeResults } from '../calls/write.ts';
import { forLocation, type InvocationContext } from '../config/context.ts';
import { type Locations, readLocations } from '../config/locations.ts';
import type { Settings } from '../config/settings.ts';
import { drainDeadLetters, keepUnknownLocation } from '../dead-letters/keep.ts';
import { type Outcome, waiting } from '../domain/outcome.ts';
import { takeBack } from '../store/calls/writes.ts';
import { pauseRun } from '../store/runs.ts';
import type { Urgency } from '../vendors/rate-limiter.ts';
import { type ConnectionShare, PAGES_AT_ONCE, shareConnections } from './connections.ts';
import { handleContacts } from './contacts.ts';
import { ACK, type Disposition, dispositionOf, retryLater } from './disposition.ts';
import { handleHints } from './hints.ts';

/** Names as in wrangler.consumer.jsonc. */
const DEAD_LETTERS = 'contact-dead-letters';
const BACKSTOP = 'contact-backstop';

interface Delivery<Body = Message | null> {
  message: QueueMessage<unknown>;
  body: Body;
}
type Resend = Extract<Disposition, { kind: 'resend' }> & Pick<Delivery, 'message'>;
type Of<Kind extends Message['kind']> = Delivery<Extract<Message, { kind: Kind }>>;

/** Sends at once. */
const CONCURRENCY = 5;
/** Locations whose call hints are handled at once, beside the groups of contacts. */
const HINTED_AT_ONCE = 1;
/** When pages come back for which a batch has no room. The pages that it handles may take most of a minute. */
const POSTPONED_SECONDS = 15;
/** A write of whose end nothing is known. */
const BUSY: Outcome = { kind: 'busy', delaySeconds: 5, error: 'nothing is known of its end' };
/** Work whose settings are faulty waits this long before it looks again. */
const UNCONFIGURED_MS = MINUTE_MS;

/**
 * Handles one batch of any of the three queues. Locations and pages are worked on side by side, and the messages of each end with its
 * own work, so a vendor that hangs delays no other location. Never throws: a throw would deliver acked messages again.
 */
export async function handleBatch(
  { queue, messages }: MessageBatch<unknown>,
  context: InvocationContext,
): Promise<void> {
  const deliveries = messages.map((message): Delivery => ({ message, body: parseMessage(message.body) }));
  const alive = queue === DEAD_LETTERS ? [] : deliveries;
  const contacts = alive.filter((one): one is Of<'contact.changed'> => one.body?.kind === 'contact.changed');
  const pages = alive.filter((one): one is Of<'backstop.page'> => one.body?.kind === 'backstop.page');
  const hints = alive.filter((one): one is Of<'calls.hint'> => one.body?.kind === 'calls.hint');
  const writes = alive.filter((one): one is Of<'call.write'> => one.body?.kind === 'call.write');
  const known = new Set<Delivery>([...contacts, ...pages, ...writes, ...hints]);
  const rest = deliveries.filter((one) => !known.has(one));
  const end = <One extends Delivery>(group: One[], handle: (group: One[]) => Promise<Disposition[]>) =>
    endAll(group, queue, context, handle);

  const locations = await readLocations(context.env);
  const groups = [...Map.groupBy(contacts, ({ body }) => body.locationId)];
  const hinted = [...Map.groupBy(hints, ({ body }) => body.locationId)];
  const writeGroups = [...Map.groupBy(writes, ({ body }) => body.locationId)];
  const here = { ...context, shared: locations.all.length > 1 };
  const pagesNow = pages.slice(0, PAGES_AT_ONCE);
  const connections = shareConnections(groups.length + hinted.length + writeGroups.length, pagesNow.length);
  const urgency: Urgency = queue === BACKSTOP ? 'bulk' : 'realtime';
  await Promise.all([
    end(rest, (group) => drain(group, context)),
    forEachLimit(groups, connections.groupsAtOnce, async ([id, group]) => {
      const share = connections.group();
      await end(group, () => reconcileAll(group, urgency, placeOf(id, locations, context), withShare(here, share)));
      share.end();
    }),
    forEachLimit(hinted, HINTED_AT_ONCE, async ([id, group]) => {
      const share = connections.group();
      await end(group, () => hastenPoll(group, placeOf(id, locations, context), withShare(here, share)));
      share.end();
    }),
    forEachLimit(writeGroups, connections.groupsAtOnce, async ([id, group]) => {
      const share = connections.group();
      await end(group, () => writeBack(group, placeOf(id, locations, context), withShare(here, share)));
      share.end();
    }),
    forEachLimit(pagesNow, PAGES_AT_ONCE, async (page) => {
      const share = connections.page();
      const place = placeOf(page.body.locationId, locations, context);
      // A page among real-time events wakes its run. Only this one is handled here; the next page goes through the backstop's queue.
      const bounds = { budgetMs: urgency === 'bulk' ? undefined : 0, runs: pagesNow.length };
      await end([page], () => continueRun(page, place, withShare(here, share), bounds));
      share.end();
    }),
    end(pages.slice(PAGES_AT_ONCE), (group) => postpone(group, context)),
  ]);
}

/** Handles a group and ends its messages. If handling throws, something of ours failed, such as D1: the messages come back. */
async function endAll<One extends Delivery>(
  group: One[],
  queue: string,
  context: InvocationContext,
  handle: (group: One[]) => Promise<Disposition[]>,
): Promise<void> {
  if (group.length === 0) return;
  const { world, log } = context;
  let dispositions: Disposition[];
  try {
    dispositions = await handle(group);
  } catch (thrown) {
    const error = errorText(thrown);
    log('queue.failed', { locationId: locationIn(group), messages: group.length, error });
    dispositions = group.map(({ message }) => retryLater(message.attempts, world.random()));
  }
  await carryOut(group, dispositions, queue, context);
}

/** The location that a message names. `faulty`: it may be ours, once a setting is fixed. `unknown`: no setting names it. */
type Place = { kind: 'ready'; settings: Settings } | { kind: 'faulty' | 'unknown' };

/** Logs the setting that is faulty. */
function placeOf(id: string, { all, fault }: Locations, { log }: InvocationContext): Place {
  const location = all.find((one) => one.id === id);
  if (location?.kind === 'ready') return location;
  const error = location?.fault ?? fault;
  if (error === null) return { kind: 'unknown' };
  log('consumer.bad_setting', { locationId: id, error });
  return { kind: 'faulty' };
}

function withShare(context: InvocationContext, { connect }: ConnectionShare): InvocationContext {
  return { ...context, world: { ...context.world, connect } };
}

function wait(group: Delivery<Message>[], { world }: InvocationContext): Disposition[] {
  return group.map(({ body, message }) =>
    dispositionOf(waiting({ ms: UNCONFIGURED_MS, why: 'a setting is faulty' }, world.random()), body, message.attempts),
  );
}

async function reconcileAll(
  contacts: Of<'contact.changed'>[],
  urgency: Urgency,
  place: Place,
  context: InvocationContext,
): Promise<Disposition[]> {
  if (place.kind === 'faulty') return wait(contacts, context);
  if (place.kind === 'ready') {
    const work = contacts.map(({ message, body }) => ({ body, attempts: message.attempts }));
    return handleContacts(work, urgency, forLocation(context, place.settings));
  }
  await keepUnknownLocation(
    contacts.map(({ body }) => body),
    context,
  );
  return contacts.map(() => ACK);
}

/** A hint only hastens what the cron does: where it cannot, it is over. */
async function hastenPoll(hints: Of<'calls.hint'>[], place: Place, context: InvocationContext): Promise<Disposition[]> {
  if (place.kind !== 'ready') return hints.map(() => ACK);
  return handleHints(
    hints.map(({ body }) => body),
    forLocation(context, place.settings),
  );
}

/** Writes to GoHighLevel that calls have caused. Those of a location that no setting names wait in D1 until one does. */
async function writeBack(writes: Of<'call.write'>[], place: Place, context: InvocationContext): Promise<Disposition[]> {
  if (place.kind === 'faulty') return wait(writes, context);
  if (place.kind === 'ready') {
    const work = writes.map(({ message, body }) => ({ body, attempts: message.attempts }));
    const outcomes = await writeResults(work, forLocation(context, place.settings));
    return work.map(({ body, attempts }, index) => dispositionOf(outcomes[index] ?? BUSY, body, attempts));
  }
  const bodies = writes.map(({ body }) => body);
  await takeBack(context.env.DB, bodies[0]?.locationId ?? '', bodies, context.world.now());
  return writes.map(() => ACK);
}

async function continueRun(
  page: Of<'backstop.page'>,
  place: Place,
  context: InvocationContext,
  bounds: { budgetMs: number | undefined; runs: number },
): Promise<Disposition[]> {
  const { body, message } = page;
  const { locationId, runId } = body;
  if (place.kind === 'faulty') return wait([page], context);
  if (place.kind === 'ready') {
    const outcome = await handlePage(body, message.attempts, forLocation(context, place.settings), bounds);
    return [dispositionOf(outcome, body, message.attempts)];
  }
  context.log('backstop.stray', { locationId, runId, error: 'the settings do not name this location' });
  return [ACK];
}

/** Sends pages back for which the batch has no room. Their runs are noted as paused, so that they do not count as stalled. */
function postpone(pages: Of<'backstop.page'>[], { env, world }: InvocationContext): Promise<Disposition[]> {
  return Promise.all(
    pages.map(async ({ body }): Promise<Disposition> => {
      await pauseRun(env.DB, { id: body.runId, page: body.page }, world.now() + POSTPONED_SECONDS * 1000);
      return { kind: 'resend', body, delaySeconds: POSTPONED_SECONDS };
    }),
  );
}

/** Keeps dead letters, and messages that this build cannot read, in the table where a person sees them. */
async function drain(deliveries: Delivery[], context: InvocationContext): Promise<Disposition[]> {
  const ends = await drainDeadLetters(
    deliveries.map(({ message }) => message),
    context,
  );
  return deliveries.map(
    ({ message }) =>
      ends.find(({ messageId }) => messageId === message.id) ?? retryLater(message.attempts, context.world.random()),
  );
}

/** Carries out `dispositions`, which are in the order of the deliveries. */
async function carryOut(
  deliveries: Delivery[],
  dispositions: Disposition[],
  queue: string,
  { env, world, log }: InvocationContext,
): Promise<void> {
  const producer = queue === BACKSTOP ? env.BACKSTOP : env.EVENTS;
  const resends: Resend[] = [];
  deliveries.forEach(({ message }, index) => {
    const disposition = dispositions[index] ?? retryLater(message.attempts, world.random());
    if (disposition.kind === 'ack') message.ack();
    else if (disposition.kind === 'retry') message.retry({ delaySeconds: disposition.delaySeconds });
    else resends.push({ message, ...disposition });
  });
  // Messages about one contact share one copy: it is sent once, and they all end with it.
  const copies = [...Map.groupBy(resends, ({ body }) => body)];
  await forEachLimit(copies, CONCURRENCY, async ([body, group]) => {
    const delaySeconds = Math.min(...group.map((resend) => resend.delaySeconds));
    try {
      await producer.send(body, { delaySeconds });
      for (const { message } of group) message.ack();
    } catch (thrown) {
      log('queue.send_failed', { locationId: body.locationId, error: errorText(thrown) });
      for (const { message } of group) message.retry({ delaySeconds });
    }
  });
}

/** The location that they all name. */
function locationIn(group: Delivery[]): string | null | undefined {
  const [first, ...others] = new Set(group.map(({ body }) => body?.locationId));
  return others.length > 0 ? undefined : first;
}
