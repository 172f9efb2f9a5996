// Which webhooks ingest accepts. It tells the consumer with each operator request, so that the doctor can compare both workers' settings.

import * as v from 'valibot';

/** A header of each request that ingest passes on. */
export const INGEST_STATUS_HEADER = 'x-ingest-status';

const IngestStatus = v.object({
  /** GoHighLevel locations whose webhooks are accepted. */
  locationIds: v.array(v.string()),
  /** Marketplace apps whose webhooks are accepted; 0 = all apps. */
  apps: v.number(),
  /** A secret is set for senders that sign with HMAC. */
  hmac: v.boolean(),
  /** A token is set for workflow actions. */
  workflow: v.boolean(),
  /** A token is set for CallTools' notices of calls. An earlier ingest does not say. */
  calls: v.optional(v.boolean(), false),
});
/** What ingest reports of its settings. */
export type IngestStatus = v.InferOutput<typeof IngestStatus>;

/** Null where the header is missing or has no known form. */
export function readIngestStatus(headers: Headers): IngestStatus | null {
  try {
    const parsed = v.safeParse(IngestStatus, JSON.parse(headers.get(INGEST_STATUS_HEADER) ?? ''));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
