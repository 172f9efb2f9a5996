// Answers of the operator routes that are not problems, and the form of their times.

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** `{"success":true,"data":…}`. */
export function success<Answer extends object>(data: Answer, status = 200): Response {
  return new Response(JSON.stringify({ success: true, data }), {
    status,
    headers: HEADERS,
  });
}

/** `{"success":true,"data":[…],"next":…}`: one page of a list. `next` is the cursor of the page after it; null on the last one. */
export function page<Entry extends object>(data: Entry[], next: string | null): Response {
  return new Response(JSON.stringify({ success: true, data, next }), { headers: HEADERS });
}

/** ISO 8601 in UTC, of epoch ms. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
