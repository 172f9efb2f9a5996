// What ingest tells the consumer with each operator request: who asks, and which webhooks it accepts, so that the doctor can compare both
// workers' settings.

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
  /** Whether VIEWER_TOKEN is set; `same`: it is the ADMIN_TOKEN, which then may only read. */
  viewer: v.optional(v.picklist(['off', 'on', 'same']), 'off'),
  /** Who asks. An earlier ingest lets in nobody but operators. */
  role: v.optional(v.picklist(['operator', 'viewer']), 'operator'),
});
/** What ingest reports. */
export type IngestStatus = v.InferOutput<typeof IngestStatus>;
/** Who asks: an operator (ADMIN_TOKEN) may act, a viewer (VIEWER_TOKEN) may only read. */
export type Role = IngestStatus['role'];

/** Null where the header is missing or has no known form. */
export function readIngestStatus(headers: Headers): IngestStatus | null {
  try {
    const parsed = v.safeParse(IngestStatus, JSON.parse(headers.get(INGEST_STATUS_HEADER) ?? ''));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
