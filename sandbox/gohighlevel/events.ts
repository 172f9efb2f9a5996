// Which webhooks a change of a contact causes, and the bodies of webhooks (docs/vendors.md, GoHighLevel: webhooks).

import { randomId, randomUuid, type World } from '../world.ts';
import type { GhlContact } from './contact.ts';
import type { OpportunityEventType } from './opportunities/opportunity.ts';
import { showInWebhook } from './show.ts';

/** The five contact events; there is none for a merge (docs/vendors.md, GoHighLevel: webhooks). */
export type EventType = 'ContactCreate' | 'ContactUpdate' | 'ContactTagUpdate' | 'ContactDelete' | 'ContactDndUpdate';

/** A webhook’s body. */
export type Event = Record<string, unknown> & { type: EventType | OpportunityEventType; webhookId: string };

/** One edit can cause several events (docs/vendors.md, GoHighLevel: webhooks); an edit that changes nothing causes none. */
export function eventsOf(before: GhlContact | null, after: GhlContact | null): EventType[] {
  if (!after) return before ? ['ContactDelete'] : [];
  if (!before)
    return [
      'ContactCreate',
      ...(after.tags.length > 0 ? (['ContactTagUpdate'] as const) : []),
      ...dndEvent(null, after),
    ];
  const events: EventType[] = [];
  if (otherFields(before) !== otherFields(after)) events.push('ContactUpdate');
  if (JSON.stringify(before.tags) !== JSON.stringify(after.tags)) events.push('ContactTagUpdate');
  return [...events, ...dndEvent(before, after)];
}

function dndEvent(before: GhlContact | null, after: GhlContact): EventType[] {
  const dnd = (contact: GhlContact | null) => JSON.stringify([contact?.dnd ?? false, contact?.dndSettings ?? {}]);
  return dnd(before) === dnd(after) ? [] : ['ContactDndUpdate'];
}

function otherFields({
  tags: _tags,
  dnd: _dnd,
  dndSettings: _channels,
  dateUpdated: _updated,
  ...rest
}: GhlContact): string {
  return JSON.stringify(rest);
}

/** Writes the body of an event with these fields. */
export type EventWriter = (type: Event['type'], fields: Record<string, unknown>) => Event;

/**
 * Writes event bodies: flat, without a `data` wrapper (docs/vendors.md, GoHighLevel: webhooks). One app and version id for the life
 * of the sandbox.
 */
export function createEventWriter({ now, random }: World, locationId: string, appId: string): EventWriter {
  const versionId = appId;
  return (type, fields) => ({
    type,
    locationId,
    versionId,
    appId,
    ...fields,
    timestamp: new Date(now()).toISOString(),
    webhookId: randomUuid(random),
  });
}

/** The fields of an event about a contact. */
export function contactFields(type: EventType, contact: GhlContact, { now, random }: World): Record<string, unknown> {
  return {
    id: contact.id,
    ...showInWebhook(contact),
    ...(type === 'ContactDndUpdate' && { dndSettings: channels(contact, random, now()) }),
  };
}

/** Only this event has the channels, now and then with one that is not documented: RCS (3, issue #264). */
function channels({ dndSettings }: GhlContact, random: () => number, now: number): Record<string, unknown> {
  if (random() < 0.5) return dndSettings;
  const message = `Updated by 'Sandbox ${randomId(random, 4)}' at ${new Date(now).toISOString()}`;
  return { ...dndSettings, RCS: { status: 'inactive', message, code: '103' } };
}
