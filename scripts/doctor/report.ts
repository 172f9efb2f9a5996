// The doctor's answer, as GET /doctor gives it.

import * as v from 'valibot';
import { createCaller } from '../operator/call.ts';
import type { Options } from './options.ts';

const Check = v.object({
  code: v.string(),
  status: v.picklist(['ok', 'warning', 'failed', 'skipped']),
  seen: v.string(),
  what: v.optional(v.string()),
  todo: v.optional(v.string()),
  /** The check whose trouble it merely follows from. */
  follows_from: v.optional(v.string()),
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
export type Report = v.InferOutput<typeof Report>;

/** One report a location. */
const Reports = v.object({ ok: v.boolean(), reports: v.array(Report) });
export type Reports = v.InferOutput<typeof Reports>;

/** A vendor that hangs is waited for, call by call, and a membership is given half a minute. */
const TIMEOUT_MS = 150_000;

/** Throws a Sentence where the pipeline cannot be asked. */
export function askDoctor({ contact, location, ...address }: Options): Promise<Reports> {
  const asked = { ...(contact !== null && { contact }), ...(location !== null && { location }) };
  return createCaller(address)(Reports, `/doctor?${new URLSearchParams(asked)}`, { timeoutMs: TIMEOUT_MS });
}
