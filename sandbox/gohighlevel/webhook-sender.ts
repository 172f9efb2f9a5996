// GoHighLevel's webhooks: written, kept as deliveries, and sent in the background.

import type { WebhookTarget } from '../webhooks.ts';
import type { World } from '../world.ts';
import type { GhlContact } from './contact.ts';
import { type Delivery, deliver, deliveryOf } from './delivery.ts';
import { contactFields, createEventWriter, type Event, type EventType } from './events.ts';
import type { OpportunityEventType } from './opportunities/opportunity.ts';
import type { GoHighLevelSettings } from './settings.ts';

/** Sends webhooks. */
export type WebhookSender = ReturnType<typeof createWebhookSender>;

interface Options {
  settings: GoHighLevelSettings;
  world: World;
  locationId: string;
  appId: string;
  target: WebhookTarget | undefined;
}

/** Sends an app’s webhooks, with GoHighLevel’s delays and retries. */
export function createWebhookSender({ settings, world, locationId, appId, target: first }: Options) {
  const write = createEventWriter(world, locationId, appId);
  const deliveries: Delivery[] = [];
  const underWay = new Set<Promise<void>>();
  let target = first;

  function send(type: Event['type'], fields: Record<string, unknown>, contactId: string): void {
    if (!target) return;
    const delivery = deliveryOf(settings.reshape(write(type, fields), 'webhook') as Event, contactId);
    deliveries.push(delivery);
    const work = deliver(delivery, target, world).finally(() => underWay.delete(work));
    underWay.add(work);
  }

  return {
    deliveries,

    /** Sends a webhook about the contact, if webhooks go anywhere. */
    send: (type: EventType, contact: GhlContact) => send(type, contactFields(type, contact, world), contact.id),

    /** Sends a webhook about an opportunity of the contact `contactId`. */
    sendFields: (type: OpportunityEventType, fields: Record<string, unknown> & { contactId: string }) =>
      send(type, fields, fields.contactId),

    sendTo(next: WebhookTarget | undefined): void {
      target = next;
    },

    async resend(webhookId: string): Promise<Delivery> {
      const delivery = deliveries.find((one) => one.webhookId === webhookId);
      if (!delivery) throw new Error(`the sandbox's GoHighLevel has sent no webhook ${webhookId}`);
      if (target) await deliver(delivery, { ...target, retry: { attempts: 1, baseMs: 0 } }, world);
      return delivery;
    },

    async settled(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
