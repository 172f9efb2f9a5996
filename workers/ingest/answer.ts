// Answers that are not problems.

/** 202: the webhook is dealt with, and need not be sent again. */
export function accepted(status: 'queued' | 'ignored' | 'quarantined', id: string, detail?: string): Response {
  return json(202, { status, id, ...(detail ? { detail } : {}) });
}

export function json(status: number, body: object): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}
