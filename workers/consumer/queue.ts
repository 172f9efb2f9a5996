// The queue handler, the only place that acks and retries: every message ends on its own, and nothing is thrown.

import type { MessageBatch, Message as QueueMessage } from '@cloudflare/workers-types';
import { type Message, parseMessage } from '../../shared/messages.ts';
import { handlePage } from './backstop-page.ts';
import type { Basis, Edge } from './basis.ts';
import { handleContacts } from './contact-messages.ts';
import { drainDeadLetters } from './dead-letters.ts';
import { type Fate, fateOf, later } from './fate.ts';
import { waiting } from './outcome.ts';
import { eachOf } from './pool.ts';
import { readSettings } from './settings.ts';

/** Names as in wrangler.consumer.jsonc. */
const DEAD_LETTERS = 'contact-dead-letters';
const BACKSTOP = 'contact-backstop';

interface Delivery<Body = Message | null> {
  message: QueueMessage<unknown>;
  body: Body;
}
type Of<Kind extends Message['kind']> = Delivery<Extract<Message, { kind: Kind }>>;
type Fates = Map<Delivery, Fate>;

/** Sends at once. */
const CONCURRENCY = 5;
/** How long work waits for faulty settings to be mended before it looks again. */
const UNCONFIGURED_MS = 60_000;

/** Handles one batch of any of the three queues. Never throws: a throw would deliver acked messages again. */
export async function handleBatch({ queue, messages }: MessageBatch<unknown>, edge: Edge): Promise<void> {
  const deliveries = messages.map((message): Delivery => ({ message, body: parseMessage(message.body) }));
  const alive = queue === DEAD_LETTERS ? [] : deliveries;
  const contacts = alive.filter((one): one is Of<'contact.changed'> => one.body?.kind === 'contact.changed');
  const pages = alive.filter((one): one is Of<'backstop.page'> => one.body?.kind === 'backstop.page');
  const rest = deliveries.filter(
    (one) => !(contacts as Delivery[]).includes(one) && !(pages as Delivery[]).includes(one),
  );

  const fates: Fates = new Map();
  await guarded(rest, fates, edge, () => drain(rest, fates, edge));
  await guarded([...contacts, ...pages], fates, edge, async () => {
    const basis = configured(edge);
    if (basis === null) return wait([...contacts, ...pages], fates, edge);
    // Pages may be read for most of a minute: contacts do not wait for them.
    await Promise.all([
      guarded(contacts, fates, edge, () => reconcileAll(contacts, fates, basis)),
      ...pages.map((page) => guarded([page], fates, edge, () => turn(page, fates, basis))),
    ]);
  });
  await carryOut(fates, queue, edge);
}

/** Whatever throws was not the messages' fault (D1 is down, say): they come back. */
async function guarded(
  group: Delivery[],
  fates: Fates,
  { world, log }: Edge,
  handle: () => Promise<void>,
): Promise<void> {
  if (group.length === 0) return;
  try {
    await handle();
  } catch (thrown) {
    log('queue.failed', { messages: group.length, error: thrown instanceof Error ? thrown.message : String(thrown) });
    for (const delivery of group) fates.set(delivery, later(delivery.message.attempts, world.random()));
  }
}

/** Null where a setting is faulty: the log names it. */
function configured(edge: Edge): Basis | null {
  try {
    return { ...edge, settings: readSettings(edge.env) };
  } catch (thrown) {
    edge.log('consumer.bad_setting', { error: thrown instanceof Error ? thrown.message : String(thrown) });
    return null;
  }
}

function wait(group: Delivery<Message>[], fates: Fates, { world }: Edge): void {
  for (const delivery of group) {
    const outcome = waiting({ ms: UNCONFIGURED_MS, why: 'a setting is faulty' }, world.random());
    fates.set(delivery, fateOf(outcome, delivery.body, delivery.message.attempts));
  }
}

async function reconcileAll(contacts: Of<'contact.changed'>[], fates: Fates, basis: Basis): Promise<void> {
  const ends = await handleContacts(
    contacts.map(({ message, body }) => ({ body, attempts: message.attempts })),
    basis,
  );
  for (const [index, fate] of ends.entries()) {
    const delivery = contacts[index];
    if (delivery) fates.set(delivery, fate);
  }
}

async function turn(page: Of<'backstop.page'>, fates: Fates, basis: Basis): Promise<void> {
  const { attempts } = page.message;
  fates.set(page, fateOf(await handlePage(page.body, attempts, basis), page.body, attempts));
}

/** Dead letters, and what this build cannot read, go to the table where a person sees them. */
async function drain(deliveries: Delivery[], fates: Fates, edge: Edge): Promise<void> {
  const messages = deliveries.map(({ message }) => message);
  for (const end of await drainDeadLetters(messages, edge)) {
    const delivery = deliveries.find(({ message }) => message.id === end.messageId);
    if (delivery) fates.set(delivery, end);
  }
}

async function carryOut(fates: Fates, queue: string, { env, log }: Edge): Promise<void> {
  const producer = queue === BACKSTOP ? env.BACKSTOP : env.EVENTS;
  await eachOf([...fates], CONCURRENCY, async ([{ message }, fate]) => {
    if (fate.kind === 'ack') return message.ack();
    const { delaySeconds } = fate;
    if (fate.kind === 'retry') return message.retry({ delaySeconds });
    try {
      await producer.send(fate.body, { delaySeconds });
      message.ack();
    } catch (thrown) {
      log('queue.send_failed', { error: String(thrown) });
      message.retry({ delaySeconds });
    }
  });
}
