// Which webhooks ingest takes, told to the consumer along with an operator's request: the doctor compares both workers' settings.

import * as v from 'valibot';

/** Of each request that ingest passes on. */
export const DOORS_HEADER = 'x-ingest-doors';

const Doors = v.object({
  /** GoHighLevel locations whose webhooks are taken. */
  locationIds: v.array(v.string()),
  /** Marketplace apps whose webhooks are taken; 0 = of any app. */
  apps: v.number(),
  /** A secret is set for senders that sign with HMAC. */
  hmac: v.boolean(),
  /** A token is set for workflow actions. */
  workflow: v.boolean(),
});
export type Doors = v.InferOutput<typeof Doors>;

/** Null where there are none, or they are of no known form. */
export function readDoors(headers: Headers): Doors | null {
  try {
    const parsed = v.safeParse(Doors, JSON.parse(headers.get(DOORS_HEADER) ?? ''));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
