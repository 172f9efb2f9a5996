// Answers of the operator routes that are not problems, and the form of their times.

/** `{"success":true,"data":…}`. */
export function success<Answer extends object>(data: Answer, status = 200): Response {
  return new Response(JSON.stringify({ success: true, data }), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

/** ISO 8601 in UTC, of epoch ms. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
