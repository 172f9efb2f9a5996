// Fresh leads at a steady rate, each timed from its webhook until the dialer holds it.

import { setTimeout as sleep } from 'node:timers/promises';
import { BUCKET } from '../../../sandbox/observe/sight.ts';
import { type Crowd, until } from '../crowd.ts';

interface Options {
  perSecond: number;
  /** Asked before each lead; false ends the stream. */
  goOn(): boolean;
}

/** How often CallTools is looked at: the figures are at most this much too high. */
const LOOK_MS = 5;

/**
 * GoHighLevel gains a contact with the route's tag, and sends its webhooks; milliseconds from then until CallTools has the contact in
 * its bucket, in order of creation. Arrivals are spread at random about the rate, so that they do not keep step with the queue's batches.
 */
export async function freshLeads({ pipeline, freshPhone }: Crowd, { perSecond, goOn }: Options): Promise<number[]> {
  const { ghl, callTools } = pipeline.sandbox;
  const waiting = new Map<string, { at: number; n: number }>();
  const took: number[] = [];
  const look = setInterval(() => {
    for (const [phone, { at, n }] of waiting) {
      if (!callTools.withPhone(phone).some(({ buckets }) => buckets.includes(BUCKET))) continue;
      took[n] = performance.now() - at;
      waiting.delete(phone);
    }
  }, LOOK_MS);
  try {
    const started = performance.now();
    for (let n = 0; goOn(); n++) {
      const phone = freshPhone();
      waiting.set(phone, { at: performance.now(), n });
      await ghl.addContact({ firstName: 'Fresh', lastName: `Lead${n}`, phone, tags: ['cold lead'] });
      const due = started + (1000 * (n + 1 + Math.random())) / perSecond;
      await sleep(Math.max(0, due - performance.now()));
    }
    await until(() => waiting.size === 0);
    return took;
  } finally {
    clearInterval(look);
  }
}
