// The contestants: each takes signed webhooks at a port, can be killed, and can then be asked which of them it still has.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkers } from '../../local/bundle.ts';
import { INGEST_VARS } from '../webhooks.ts';
import { serveBare } from '../workerd.ts';
import { nodeRedFlow, nodeRedSettings } from './node-red.ts';

/** Another implementation of ingest, running. */
export interface Host {
  name: string;
  port: number;
  /** Of requests: Node-RED parses JSON before a flow sees its bytes. */
  contentType: string;
  /** SIGKILL to whatever has answered; its queue, where it has one of its own, lives on. */
  kill(): Promise<void>;
  /** Webhooks that are in the queue or have reached the vendor, by their webhookId. To be asked after the kill. */
  kept(): Promise<number>;
  /** Also kills the queue and starts it again from what it had on disk; null where there is none to be killed. */
  keptWithoutQueue(): Promise<number | null>;
  stop(): Promise<void>;
}

const JSON_TYPE = 'application/json';
const SECRET = INGEST_VARS.GHL_WEBHOOK_SECRET;

/** As Cloudflare's queue service: another process, which has the message before it says so. */
const QUEUE = `const answer = '{"metadata":{"metrics":{"backlogCount":0,"backlogBytes":0,"oldestMessageTimestamp":0}}}';
const kept = new Set();
export default { async fetch(request) {
  if (request.method === 'GET') return new Response(String(kept.size), { status: 202 });
  kept.add(/"eventId":"([^"]+)"/.exec(await request.text())?.[1]);
  return new Response(answer);
} };`;

/** Ingest on bare workerd, its queue in another process. */
export async function ourHost(): Promise<Host> {
  const { config, script } = (await bundleWorkers()).ingest;
  const platform = {
    compatibilityDate: config.compatibility_date ?? '',
    compatibilityFlags: config.compatibility_flags,
  };
  const queue = await serveBare({ ...platform, script: QUEUE, vars: {}, queues: [] });
  const vars = { ...(config.vars as Record<string, string>), ...INGEST_VARS };
  const ingest = await serveBare({
    ...platform,
    script,
    vars,
    queues: ['EVENTS', 'DEAD_LETTERS'],
    queuePort: queue.port,
  });
  return {
    name: 'this pipeline',
    port: ingest.port,
    contentType: JSON_TYPE,
    kill: ingest.stop,
    kept: async () => Number(await (await fetch(`http://127.0.0.1:${queue.port}`)).text()),
    keptWithoutQueue: async () => null,
    async stop() {
      await ingest.stop();
      await queue.stop();
    },
  };
}

/** Fastify, BullMQ and Redis; the latter as its package sets it up. Null where there is no redis-server. */
export async function bullHost(folder: string): Promise<Host | null> {
  const data = await mkdtemp(join(tmpdir(), 'bench-redis-'));
  const redisPort = await freePort();
  const startRedis = () =>
    startProgram('redis-server', ['--port', `${redisPort}`, '--dir', data], {}, /Ready to accept/);
  let redis = await startRedis().catch(() => null);
  if (!redis) return null;
  const env = { SECRET, REDIS_PORT: `${redisPort}` };
  const server = await startProgram(process.execPath, [join(folder, 'fastify-bullmq.mjs')], env, /listening (\d+)/);
  const { Redis } = createRequire(join(folder, 'package.json'))('ioredis') as {
    Redis: new (port: number) => { llen(key: string): Promise<number>; disconnect(): void };
  };
  const waiting = async () => {
    const client = new Redis(redisPort);
    const count = await client.llen('bull:contact-events:wait');
    client.disconnect();
    return count;
  };
  return {
    name: 'Fastify, BullMQ, Redis',
    port: Number(server.said),
    contentType: JSON_TYPE,
    kill: () => kill(server.child),
    kept: waiting,
    async keptWithoutQueue() {
      if (redis) await kill(redis.child);
      redis = await startRedis();
      return waiting();
    },
    async stop() {
      await kill(server.child);
      if (redis) await kill(redis.child);
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Node-RED; what it has not called the vendor for is nowhere else. */
export async function nodeRedHost(folder: string): Promise<Host> {
  const vendor = await startVendor(0);
  const home = join(folder, 'node-red-home');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'settings.js'), nodeRedSettings(SECRET));
  await writeFile(join(home, 'flows.json'), nodeRedFlow(vendor.url));
  const port = await freePort();
  const args = [join(folder, 'node_modules/node-red/red.js'), '--userDir', home, '--port', `${port}`];
  const { child } = await startProgram(process.execPath, args, {}, null);
  while (
    !(await fetch(`http://127.0.0.1:${port}/webhook/ghl`, { method: 'POST' }).then(
      ({ status }) => status === 401,
      () => false,
    ))
  )
    await new Promise((wait) => setTimeout(wait, 200));
  return {
    name: 'Node-RED',
    port,
    contentType: 'text/plain',
    kill: () => kill(child),
    kept: vendor.kept,
    keptWithoutQueue: async () => null,
    async stop() {
      await kill(child);
      await vendor.stop();
    },
  };
}

/** Plain Node, which answers after it has called both vendors. */
export async function synchronousHost(folder: string, latencyMs: number): Promise<Host> {
  const vendor = await startVendor(latencyMs);
  const env = { SECRET, VENDOR: vendor.url };
  const server = await startProgram(process.execPath, [join(folder, 'synchronous.mjs')], env, /listening (\d+)/);
  return {
    name: `synchronous, ${latencyMs} ms a vendor call`,
    port: Number(server.said),
    contentType: JSON_TYPE,
    kill: () => kill(server.child),
    kept: vendor.kept,
    keptWithoutQueue: async () => null,
    async stop() {
      await kill(server.child);
      await vendor.stop();
    },
  };
}

/** Takes contacts by their webhookId. */
async function startVendor(latencyMs: number) {
  const known = new Set<string>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const id = /"webhookId":"([^"]+)"/.exec(text)?.[1];
    setTimeout(() => {
      if (id) known.add(id);
      response.end('{}');
    }, latencyMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What was under way when the caller died still arrives. */
    async kept() {
      await new Promise((wait) => setTimeout(wait, 2 * latencyMs + 200));
      return known.size;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Starts it, and waits for what it says; rejects where it cannot be started or ends. */
async function startProgram(command: string, args: string[], env: Record<string, string>, ready: RegExp | null) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  await once(child, 'spawn');
  let said = '';
  for await (const chunk of ready ? child.stdout : []) {
    said += chunk;
    const found = ready?.exec(said);
    if (!found) continue;
    child.stdout.resume();
    return { child, said: found[1] ?? '' };
  }
  if (ready) throw new Error(`${command} has ended: ${said}`);
  child.stdout.resume();
  return { child, said: '' };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
