// Stands where the consumer worker would: keeps what the queues deliver, and says what a forwarded request looked like.

interface Batch {
  queue: string;
  messages: readonly { body: unknown }[];
}

const delivered: { queue: string; body: unknown }[] = [];

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    if (pathname === '/delivered') return Response.json(delivered.splice(0));
    const { method, headers } = request;
    const seen = {
      method,
      path: pathname + search,
      authorization: headers.get('authorization'),
      body: await request.text(),
    };
    return Response.json(seen, { headers: { 'cache-control': 'no-store' } });
  },
  async queue(batch: Batch): Promise<void> {
    for (const { body } of batch.messages) delivered.push({ queue: batch.queue, body });
  },
};
