// Delivers webhooks as GoHighLevel does: any answer but 2xx is tried again, later and later, with the same bytes (docs/vendors.md,
// GoHighLevel: deliveries and retries).

import type { WebhookTarget } from '../webhooks.ts';
import type { World } from '../world.ts';
import type { Event } from './events.ts';

/** A webhook that was sent, and how it went. */
export interface Delivery {
  webhookId: string;
  type: string;
  contactId: string;
  /** Of the last try; 0 while there was no answer. */
  status: number;
  attempts: number;
  /** The signed bytes, as text. */
  body: string;
}

/**
 * Up to 12 retries after the first try, "from seconds to minutes" (docs/vendors.md, GoHighLevel: deliveries and retries; base and
 * cap are not published).
 */
const DEFAULT_RETRY = { attempts: 13, baseMs: 1000 };
const MAX_WAIT_MS = 600_000;

/** Runs until it is delivered or given up; never rejects. */
export async function deliver(delivery: Delivery, target: WebhookTarget, { random, wait }: World): Promise<void> {
  const { attempts, baseMs } = target.retry ?? DEFAULT_RETRY;
  const bytes = new TextEncoder().encode(delivery.body);
  const headers = { 'content-type': 'application/json', ...(await target.sign(bytes)) };
  try {
    for (let tries = 0; tries < attempts; tries++) {
      if (tries > 0) await wait(Math.min(MAX_WAIT_MS, baseMs * 2 ** (tries - 1)) * (0.75 + random() / 2));
      delivery.attempts += 1;
      delivery.status = await post(target, bytes, headers);
      if (delivery.status >= 200 && delivery.status < 300) return;
    }
  } catch {
    // The sandbox closed while a retry was waiting.
  }
}

/** A delivery of this event that has not been tried. */
export function deliveryOf(event: Event, contactId: string): Delivery {
  const { webhookId, type } = event;
  return { webhookId, type, contactId, status: 0, attempts: 0, body: JSON.stringify(event) };
}

/**
 * The status, or 0 when the connection failed. A redirect is a failure, not followed (docs/vendors.md, GoHighLevel: deliveries and
 * retries).
 */
async function post(
  { url, fetch: send = fetch }: WebhookTarget,
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<number> {
  try {
    const response = await send(url, { method: 'POST', headers, body, redirect: 'manual' });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
