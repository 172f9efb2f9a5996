// Answers of the operator routes that are not problems, and the form of their times.

import type { List } from '../../../shared/api/lists.ts';

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** `{"success":true,"data":…}`. */
export function success<Answer extends object>(data: Answer, status = 200): Response {
  return new Response(JSON.stringify({ success: true, data }), {
    status,
    headers: HEADERS,
  });
}

/** `{"success":true,"data":[…],"next":…}`: one page of a list, with what else it says. */
export function listOf<Answer extends List<unknown>>(answer: Answer): Response {
  return new Response(JSON.stringify({ success: true, ...answer }), { headers: HEADERS });
}

/** ISO 8601 in UTC, of epoch ms. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
