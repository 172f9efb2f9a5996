// Which webhooks ingest takes, told to the consumer along with an operator's request: the doctor compares both workers' settings.

import * as v from 'valibot';

/** Of each request that ingest passes on. */
export const INGEST_STATUS_HEADER = 'x-ingest-doors';

const IngestStatus = v.object({
  /** GoHighLevel locations whose webhooks are taken. */
  locationIds: v.array(v.string()),
  /** Marketplace apps whose webhooks are taken; 0 = of any app. */
  apps: v.number(),
  /** A secret is set for senders that sign with HMAC. */
  hmac: v.boolean(),
  /** A token is set for workflow actions. */
  workflow: v.boolean(),
});
export type IngestStatus = v.InferOutput<typeof IngestStatus>;

/** Null where there are none, or they are of no known form. */
export function readIngestStatus(headers: Headers): IngestStatus | null {
  try {
    const parsed = v.safeParse(IngestStatus, JSON.parse(headers.get(INGEST_STATUS_HEADER) ?? ''));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
