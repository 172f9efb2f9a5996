// Messages about contacts: reconciled together, logged one by one, and each given its disposition.

import { type ContactChanged, OPPORTUNITY_EVENTS } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import type { Settings } from '../config/settings.ts';
import { READ_AGAIN } from '../domain/looks.ts';
import { asksForOpportunities } from '../domain/rules/conditions.ts';
import { isHint } from '../domain/told.ts';

import { newestAt, type Work } from '../sync/coalesce.ts';
import { reconcile } from '../sync/reconcile.ts';
import type { Ended } from '../sync/work.ts';
import type { Urgency } from '../vendors/rate-limiter.ts';
import { ACK, type Disposition, dispositionOf, retryLater } from './disposition.ts';

/** A message about a contact, as the queue delivered it. */
export interface ContactDelivery {
  body: ContactChanged;
  /** Deliveries so far, this one included. */
  attempts: number;
}

/** The disposition of each delivery, in their order. All are about contacts of one location. Throws only where D1 fails. */
export async function handleContacts(
  deliveries: readonly ContactDelivery[],
  urgency: Urgency,
  context: LocationContext,
): Promise<Disposition[]> {
  const { world, settings } = context;
  const startedAt = world.now();
  const matters = deliveries.filter(({ body }) => mayMatter(body, settings));
  const ended = await reconcile(
    matters.map(({ body }) => body),
    urgency,
    context,
  );
  logAll(ended, world.now() - startedAt, context);
  const copies = new Map(ended.map((end) => [end, standIn(end.work)]));
  return deliveries.map((delivery) => {
    const { body, attempts } = delivery;
    if (!matters.includes(delivery)) return ACK;
    const end = ended.find(({ work }) => work.events.includes(body));
    const copy = end && copies.get(end);
    if (!copy) return retryLater(attempts, world.random());
    return dispositionOf(end.outcome, copy, attempts);
  });
}

/** Does at once what these messages ask for. Resolves to those that must come again. Throws where D1 fails. */
export async function takeOut(events: readonly ContactChanged[], context: LocationContext): Promise<ContactChanged[]> {
  const deliveries = events.map((body) => ({ body, attempts: 1 }));
  const dispositions = await handleContacts(deliveries, 'realtime', context);
  return events.filter((_, n) => dispositions[n]?.kind !== 'ack');
}

/** One message that stands for all of the work's messages. */
function standIn({ latest, events, told, noRuleMatches, searchHash, verify }: Work): ContactChanged {
  // A call asks for less than the others do: no read of the contact.
  const others = events.filter(({ source }) => source !== 'call');
  const asker =
    others.find((event) => !isHint(event) && event.eventType !== READ_AGAIN) ??
    // The rules may have changed when the copy comes: one about an opportunity may mean nothing then, and the others still do.
    others.find((event) => isHint(event) && !['ContactDelete', ...OPPORTUNITY_EVENTS].includes(event.eventType)) ??
    others.find((event) => isHint(event) && event.eventType !== 'ContactDelete');
  const { searchHash: _, ...hint } = asker ?? others.at(-1) ?? latest;
  return {
    ...hint,
    receivedAt: events[0].receivedAt,
    newestAt: Math.max(...events.map(newestAt)),
    snapshot: noRuleMatches ? latest.snapshot : null,
    ...(Object.keys(told).length > 0 && { told }),
    ...(searchHash !== null && { searchHash }),
    ...(verify && { verify }),
  };
}

/** What became of an opportunity matters only where a rule asks for it. Elsewhere its webhook costs nothing here. */
function mayMatter({ eventType }: ContactChanged, { rules }: Settings): boolean {
  return !OPPORTUNITY_EVENTS.includes(eventType) || asksForOpportunities(rules);
}

/** One line for each contact, and one for all that are skipped: Cloudflare bills more for what it adds to a line than for ours. */
function logAll(ended: readonly Ended[], ms: number, context: LocationContext): void {
  const skipped = ended.filter(({ outcome }) => outcome.kind === 'skipped');
  const single = skipped.length > 1 ? ended.filter((one) => !skipped.includes(one)) : ended;
  for (const one of single) logEnded(one, ms, context);
  if (skipped.length <= 1) return;
  context.log('contact.skipped', {
    outcome: 'skipped',
    contactId: skipped.map(({ work }) => work.contactId).join(' '),
    contacts: skipped.length,
    messages: skipped.reduce((sum, { work }) => sum + work.events.length, 0),
    ms,
  });
}

function logEnded({ work, outcome }: Ended, ms: number, { world, log }: LocationContext): void {
  const { contactId, latest, events } = work;
  const { kind, ...detail } = outcome;
  const what = outcome.kind === 'done' ? outcome.state : kind;
  log(`contact.${what}`, {
    outcome: what,
    contactId,
    eventId: latest.eventId,
    eventType: latest.eventType,
    source: latest.source,
    messages: events.length,
    runId: latest.runId,
    ...detail,
    ms,
    sinceReceivedMs: world.now() - events[0].receivedAt,
  });
}
