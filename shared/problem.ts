// Errors a client can act on: RFC 9457 problem documents, one maker for both workers.

/**
 * An `application/problem+json` answer. `title` names the problem, `detail` says what to do about it;
 * neither ever repeats what the client sent.
 */
export function problem(status: number, title: string, detail: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title, status, detail }), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}
