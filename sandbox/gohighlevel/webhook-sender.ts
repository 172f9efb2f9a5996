// GoHighLevel's webhooks: written, kept as deliveries, and sent in the background.

import type { WebhookTarget } from '../webhooks.ts';
import type { World } from '../world.ts';
import type { GhlContact } from './contact.ts';
import { type Delivery, deliver, deliveryOf } from './delivery.ts';
import { createEventWriter, type Event, type EventType } from './events.ts';
import type { GoHighLevelSettings } from './settings.ts';

/** Sends webhooks. */
export type WebhookSender = ReturnType<typeof createWebhookSender>;

interface Options {
  settings: GoHighLevelSettings;
  world: World;
  appId: string;
  target: WebhookTarget | undefined;
}

/** Sends an app’s webhooks, with GoHighLevel’s delays and retries. */
export function createWebhookSender({ settings, world, appId, target: first }: Options) {
  const write = createEventWriter(world, appId);
  const deliveries: Delivery[] = [];
  const underWay = new Set<Promise<void>>();
  let target = first;

  return {
    deliveries,

    /** Sends a webhook about the contact, if webhooks go anywhere. */
    send(type: EventType, contact: GhlContact): void {
      if (!target) return;
      const delivery = deliveryOf(settings.reshape(write(type, contact), 'webhook') as Event);
      deliveries.push(delivery);
      const work = deliver(delivery, target, world).finally(() => underWay.delete(work));
      underWay.add(work);
    },

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
