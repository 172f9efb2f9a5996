// What CallTools' error answers mean: a row that is gone, data that it refuses, or nothing certain. Facts: docs/vendors.md,
// CallTools: errors.

import * as v from 'valibot';
import { fail } from '../domain/failure.ts';
import type { Request } from './call.ts';
import { type Contact, type DialerContact, Duplicate, toDialerContact } from './calltools-schema.ts';
import type { Answer, ErrorAnswer, Meaning } from './http.ts';

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

/** Words of a vendor's own trouble. */
const TROUBLE =
  /\b(temporarily|unavailable|maintenance|try (again|later)|back soon|time[ds]?[- ]?out|internal (server )?error|server|database|overload(ed)?|busy|gateway|upstream|went wrong|unexpected error)\b/i;

/** Keys that speak of the answer as a whole, in any API. */
const GENERAL =
  /^(details?|errors?|messages?|msg|title|type|status|status_?code|code|reason|description|trace_?id|request_?id)$/i;

/** Whether the answer complains about fields, or about what was sent under their names. */
export function hasFieldErrors(json: unknown, sent: unknown = {}): boolean {
  return complaintsOf(json, sent).length > 0;
}

/**
 * The keys of `sent` that the answer complains about; none where it complains about anything else too. A field may be called by another
 * name than it was sent under (`email` for `personal_email_address`): then it is the one key that contains that name.
 */
export function refusedKeys(json: unknown, sent: object): string[] {
  const keys = complaintsOf(json, sent).map((name) => {
    const part = name.toLowerCase();
    const similar = name.length >= MIN_NAME ? Object.keys(sent).filter((key) => key.toLowerCase().includes(part)) : [];
    return Object.hasOwn(sent, name) ? name : similar.length === 1 ? similar[0] : undefined;
  });
  return keys.every((key) => key !== undefined) ? [...new Set(keys)] : [];
}

/** Shorter names are contained in too many others. */
const MIN_NAME = 3;

/**
 * Names of fields: `{"employment":["… is not a valid choice."]}`, or those in sentences (docs/vendors.md, CallTools: errors). A key that
 * was not sent counts too, unless it speaks of the vendor's own trouble: `{"maintenance":["Back soon"]}`.
 */
function complaintsOf(json: unknown, sent: unknown): string[] {
  // The container of a bad email's text is not known: the sentence names the field.
  if (typeof json === 'string') return namedIn(json);
  if (typeof json !== 'object' || json === null) return [];
  if (Array.isArray(json)) return json.flatMap((one) => complaintsOf(one, sent));
  return Object.entries(json).flatMap(([field, complaint]) => {
    if (Object.hasOwn(Object(sent), field)) return complaint !== null && complaint !== '' ? [field] : [];
    if (typeof complaint === 'string' || GENERAL.test(field)) return complaintsOf(complaint, sent);
    const sentences = sentencesIn(complaint);
    const named = sentences.map(namedIn);
    if (named.every((names) => names.length > 0)) return named.flat();
    const isTrouble = TROUBLE.test(field) || sentences.some((sentence) => TROUBLE.test(sentence));
    return isTrouble ? [] : [field];
  });
}

/** "… is a invalid email address for field email", in quotes or not. */
function namedIn(sentence: string): string[] {
  return [...sentence.matchAll(/\bfor field ['"“‘`]?(\w+)/g)].flatMap(([, name]) => name ?? []);
}

/** The texts of a complaint; none where it is no list of them, or holds no such list. */
function sentencesIn(complaint: unknown): string[] {
  if (Array.isArray(complaint)) return complaint.flatMap((one) => (typeof one === 'string' ? [one] : sentencesIn(one)));
  return typeof complaint === 'object' && complaint !== null ? Object.values(complaint).flatMap(sentencesIn) : [];
}

/** What an answer holds. `sent`: the body of the call. Throws VendorError for an error answer. */
export function read<T>(answer: Answer<T>, sent: object = {}): T {
  return answer.ok ? answer.data : refuseErrors(answer, sent);
}

/** Throws VendorError for an error answer. A complaint about bucket or tag ids means that ours are out of date. */
export function refuseErrors(
  answer: Pick<ErrorAnswer, 'status' | 'excerpt'> & { json?: unknown },
  sent: object,
): never {
  const { status, json, excerpt } = answer;
  const error = `CallTools answered ${status}: ${excerpt}`;
  // A page that is gone because rows have gone.
  if (status === 404) fail({ kind: 'transient', vendor: 'calltools', error });
  if (Object.keys(json ?? {}).some((field) => /^(add|remove)_(buckets|tags)$/.test(field)))
    fail({ kind: 'stale_labels', error });
  const fields = refusedKeys(json, sent);
  return fail({ kind: 'contact', code: 'rejected', error, ...(fields.length > 0 && { fields }) });
}

/** A contact of this id. Throws as `read` does. */
export function contactOf(answer: Answer<v.InferOutput<typeof Contact>>, sent?: object): DialerContact {
  return toDialerContact(read(answer, sent));
}
