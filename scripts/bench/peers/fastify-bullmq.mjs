// What most teams would write on a server: verify, put a job into BullMQ's queue in Redis, answer. Runs in the scratch folder.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { Queue } from 'bullmq';
import Fastify from 'fastify';

const { SECRET = '', REDIS_PORT } = process.env;
const queue = new Queue('contact-events', { connection: { host: '127.0.0.1', port: Number(REDIS_PORT) } });
const app = Fastify();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

app.post('/webhook/ghl', async (request, reply) => {
  const sent = Buffer.from(String(request.headers['x-ghl-signature'] ?? ''), 'hex');
  const wanted = createHmac('sha256', SECRET).update(request.body).digest();
  if (sent.length !== wanted.length || !timingSafeEqual(sent, wanted))
    return reply.code(401).send({ error: 'signature' });
  const event = JSON.parse(request.body);
  await queue.add('contact', { contactId: event.id, eventId: event.webhookId, type: event.type });
  return reply.code(202).send({ status: 'queued', id: event.webhookId });
});

await queue.waitUntilReady();
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`listening ${app.server.address().port}`);
