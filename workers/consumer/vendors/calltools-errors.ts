// What CallTools' error answers mean: a row that is gone, data that it refuses, or nothing certain. Facts: docs/vendors.md,
// CallTools: errors.

import * as v from 'valibot';
import type { Request } from './call.ts';
import { Duplicate } from './calltools-schema.ts';
import type { ErrorAnswer, Meaning } from './http.ts';

/** What a 400, 404, 409, 410 or 422 means. */
export function meaningOf(call: Request, { status, json }: ErrorAnswer): Meaning {
  if (call.method === 'POST' && v.is(Duplicate, json)) return 'answer';
  if (status === 409) return 'refused';
  if (status === 410) return isDetail(call) ? 'odd' : 'refused';
  if (status !== 404) return hasFieldErrors(json, call.body) || refusesFilter(call, json) ? 'answer' : 'transient';
  // A later page is gone when rows have gone.
  if (/[?&]page=/.test(call.path)) return saysGone(json) || saysNoPage(json) ? 'answer' : 'transient';
  if (!isDetail(call)) return 'refused';
  return saysGone(json) ? 'answer' : 'odd';
}

/** The setting that may be wrong: a collection is always there. */
export function hintFor(call: Request, { status }: ErrorAnswer): string | null {
  return status === 404 && !isDetail(call) ? 'is CALLTOOLS_BASE_URL right?' : null;
}

/** `/contacts/12/`: one row by its id. */
function isDetail({ path }: Request): boolean {
  return /^\/\w+\/\d+\//.test(path);
}

/**
 * Django REST framework's words for a row that is not there (docs/vendors.md, CallTools: errors); a proxy or a broken deployment has
 * others.
 */
function saysGone(json: unknown): boolean {
  return /^(not found|no [\w ]+ matches the given query)\.?$/i.test(detailOf(json).trim());
}

function saysNoPage(json: unknown): boolean {
  return /^invalid page\b/i.test(detailOf(json));
}

/** `{"detail":"Invalid uuid filter"}`: it will not look for this value. */
function refusesFilter({ method }: Request, json: unknown): boolean {
  return method === 'GET' && /^invalid [\w ]+ filter\b/i.test(detailOf(json));
}

function detailOf(json: unknown): string {
  const detail = (json as { detail?: unknown } | null | undefined)?.detail;
  return typeof detail === 'string' ? detail : '';
}

/** Keys that speak of the answer as a whole, in any API. */
const GENERAL =
  /^(details?|errors?|messages?|msg|title|type|status|status_?code|code|reason|description|trace_?id|request_?id)$/i;

/**
 * Complaints about fields: `{"employment":["… is not a valid choice."]}` (docs/vendors.md, CallTools: errors), or about what was
 * sent under that name.
 */
export function hasFieldErrors(json: unknown, sent: unknown = {}): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  return Object.entries(json).some(([field, complaint]) => {
    if (Object.hasOwn(Object(sent), field)) return complaint !== null && complaint !== '';
    if (!GENERAL.test(field)) return isComplaint(complaint);
    // The container of a bad email's text is not known: the sentence names the field.
    return typeof complaint === 'string' ? /\bfor field \w/.test(complaint) : hasFieldErrors(complaint, sent);
  });
}

function isComplaint(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((one) => typeof one === 'string' || isComplaint(one));
  return typeof value === 'object' && value !== null && Object.values(value).some(isComplaint);
}
