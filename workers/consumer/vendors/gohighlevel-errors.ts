// What GoHighLevel's error answers mean: a contact that is gone, data that it refuses, or nothing certain. Facts: docs/vendors.md,
// GoHighLevel: errors.

import type { Meaning } from './http.ts';

interface ErrorAnswer {
  status: number;
  /** Undefined where the body was not JSON. */
  json: unknown;
}

/** What a 400, 404, 409, 410 or 422 means. Errors of the list are the list's own. */
export function meaningOf(about: 'record' | 'list', error: ErrorAnswer): Meaning {
  const { status } = error;
  if (status === 409 || ofVersion(error)) return 'refused';
  if (about === 'list') return status === 404 || status === 410 ? 'refused' : 'transient';
  return saysGone(error) || hasFieldErrors(error) ? 'answer' : 'odd';
}

/** `Invalid API version segment` (docs/vendors.md, GoHighLevel: contacts API): every call is answered so. */
function ofVersion({ json }: ErrorAnswer): boolean {
  return /\bversion\b/i.test(messagesOf(json).join(' '));
}

/**
 * True for the forms that are known for one contact: 400 or 404, and a message that says of a contact that it was not found. That
 * a missing contact is told this way is itself inferred, so a message that merely holds the words proves nothing.
 */
export function saysGone({ status, json }: ErrorAnswer): boolean {
  return (status === 400 || status === 404) && messagesOf(json).some((message) => GONE.test(message.trim()));
}

const WHICH = String.raw`(?:(?:\s+(?:with|for|having))?(?:\s+(?:the|this|given))*\s+id\b(?:[\s:=]+(?!is\b|was\b|could\b|not\b|does)[\w-]+)?|\s+[\w-]{16,})?`;
const MISSING = String.raw`(?:(?:is|was|could)\s+)?not\s+(?:be\s+)?found|does\s*n(?:o|['’])t\s+exist|no\s+longer\s+exists|(?:was|has\s+been|is)\s+deleted`;
const WHERE = String.raw`(?:\s+(?:in|for|with)\s+(?:this\s+|the\s+|given\s+)?(?:location|sub-?account|id)(?:\s+[\w-]+)?|\s*:\s*[\w-]+)?`;
const GONE = new RegExp(
  `^(?:no\\s+such\\s+contact|no\\s+contact\\s+found|(?:the\\s+|this\\s+|requested\\s+)*contact${WHICH}\\s+(?:${MISSING})${WHERE})[.!]?$`,
  'i',
);

/** The token has no scope for the call (docs/vendors.md, GoHighLevel: errors). */
export function lacksScope({ status, json }: ErrorAnswer): boolean {
  return (status === 401 || status === 403) && /\bscopes?\b/i.test(messagesOf(json).join(' '));
}

/** Words of the validator's complaints. A sentence without them may be the vendor's own trouble. */
const OF_DATA = /\b(must|should|property|(in)?valid|required|empty|undefined|null|exists?|allowed|expected|format)\b/i;

/** The validator's complaints about the id or the data come as a list. */
export function hasFieldErrors({ status, json }: ErrorAnswer): boolean {
  const message = (json as { message?: unknown } | null | undefined)?.message;
  const isList = (status === 400 || status === 422) && Array.isArray(message);
  return isList && messagesOf(json).some((one) => OF_DATA.test(one));
}

/** The setting that may be wrong. */
export function hintFor(error: ErrorAnswer): string | null {
  if (ofVersion(error)) return 'is GHL_API_VERSION right?';
  return error.status === 404 ? 'is GHL_API_BASE_URL right?' : null;
}

/** `message` is a string or an array of strings (docs/vendors.md, GoHighLevel: errors). */
function messagesOf(json: unknown): string[] {
  const message = (json as { message?: unknown } | null | undefined)?.message;
  return (Array.isArray(message) ? message : [message]).filter((one) => typeof one === 'string');
}
