// The doctor's answer, as GET /doctor gives it.

import * as v from 'valibot';
import type * as api from '../../shared/api/status.ts';
import type { Address } from '../operator/address.ts';
import { createCaller } from '../operator/call.ts';

const Check = v.object({
  code: v.string(),
  status: v.picklist(['ok', 'warning', 'failed', 'skipped']),
  seen: v.string(),
  what: v.exactOptional(v.string()),
  todo: v.exactOptional(v.string()),
  follows_from: v.exactOptional(v.string()),
});
const Report = v.object({
  ok: v.boolean(),
  location_id: v.nullable(v.string()),
  counts: v.object({
    ok: v.number(),
    warning: v.number(),
    failed: v.number(),
    skipped: v.number(),
    following: v.optional(v.number(), 0),
  }),
  checks: v.array(Check),
});
const Doctor: v.GenericSchema<unknown, api.Doctor> = v.object({ ok: v.boolean(), reports: v.array(Report) });

/** The doctor waits for each call of a vendor that hangs, and half a minute for a membership. */
const TIMEOUT_MS = 150_000;

/** One report a location; `contact` is one whose membership may be tried. `send` makes the request. Throws a Sentence where the pipeline cannot be asked. */
export function askDoctor(
  address: Address,
  { contact, location }: { contact?: string | undefined; location?: string | undefined },
  send: typeof fetch = fetch,
): Promise<api.Doctor> {
  const query = new URLSearchParams();
  if (contact !== undefined) query.set('contact', contact);
  if (location !== undefined) query.set('location', location);
  return createCaller(address, send)(Doctor, `/doctor?${query}`, { timeoutMs: TIMEOUT_MS });
}
