// One worker on bare workerd, without the development tools that cost ten times more than the worker itself.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** A workerd process that listens. */
export interface BareWorker {
  port: number;
  /** Of V8's inspector, where one was asked for. */
  inspector: URL | null;
  pid: number;
  /** From the start of the process until it listened. */
  startMs: number;
  stop(): Promise<void>;
}

/** What it runs. */
export interface BareOptions {
  /** One ES module. */
  script: string;
  compatibilityDate: string;
  compatibilityFlags: readonly string[];
  /** Texts in the worker's environment. */
  vars: Readonly<Record<string, string>>;
  /** Names of queue bindings. */
  queues: readonly string[];
  /** Where the queue service listens; without it there is one inside, which forgets every message. */
  queuePort?: number;
  inspect?: true;
}

const WORKERD = createRequire(import.meta.url).resolve('workerd/bin/workerd');

/** Takes messages as Cloudflare's queue service does, and forgets them: docs/vendors.md, Cloudflare: local emulation. */
const QUEUE = `const answer = '{"metadata":{"metrics":{"backlogCount":0,"backlogBytes":0,"oldestMessageTimestamp":0}}}';
export default { async fetch(request) { await request.arrayBuffer(); return new Response(answer); } };`;

/** Starts workerd on a free port of this machine, and waits until it listens. */
export async function serveBare(options: BareOptions): Promise<BareWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    await Promise.all([
      writeFile(join(folder, 'config.capnp'), config(options)),
      writeFile(join(folder, 'main.js'), options.script),
      writeFile(join(folder, 'queue.js'), QUEUE),
    ]);
    const started = performance.now();
    const args = ['serve', join(folder, 'config.capnp'), '--control-fd=3'];
    if (options.inspect) args.push('--inspector-addr=127.0.0.1:0');
    const child = spawn(WORKERD, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'exit');
    let complaints = '';
    child.stderr?.on('data', (chunk) => {
      complaints = `${complaints}${chunk}`.slice(-2000);
    });
    const { port, inspectorPort } = await Promise.race([
      listenPorts(child.stdio[3] as Readable, options.inspect ?? false),
      ended.then(() => {
        throw new Error(`workerd ended: ${complaints}`);
      }),
    ]);
    return {
      port,
      inspector: inspectorPort === null ? null : new URL(`http://127.0.0.1:${inspectorPort}`),
      pid: child.pid ?? 0,
      startMs: performance.now() - started,
      async stop() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From the lines of JSON that workerd writes about itself. Never, where it ends before it listens. */
async function listenPorts(
  control: Readable,
  inspected: boolean,
): Promise<{ port: number; inspectorPort: number | null }> {
  let text = '';
  for await (const chunk of control) {
    text += chunk;
    const port = /"event":"listen",.*?"port":(\d+)/.exec(text)?.[1];
    const inspectorPort = /"event":"listen-inspector",.*?"port":(\d+)/.exec(text)?.[1];
    if (port && (inspectorPort || !inspected))
      return { port: Number(port), inspectorPort: inspectorPort ? Number(inspectorPort) : null };
  }
  return new Promise(() => {});
}

function config({ compatibilityDate, compatibilityFlags, vars, queues, queuePort }: BareOptions): string {
  const bindings = [
    ...Object.entries(vars).map(([name, text]) => `(name = ${quote(name)}, text = ${quote(text)})`),
    ...queues.map((name) => `(name = ${quote(name)}, queue = (name = "queue"))`),
  ];
  const worker = (file: string, more = '') => `(
    modules = [(name = ${quote(file)}, esModule = embed ${quote(file)})],
    compatibilityDate = ${quote(compatibilityDate)}, compatibilityFlags = [${compatibilityFlags.map(quote).join(', ')}],
    ${more}
  )`;
  const queue =
    queuePort === undefined
      ? `worker = ${worker('queue.js')}`
      : `external = (address = "127.0.0.1:${queuePort}", http = ())`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = ${worker('main.js', `bindings = [${bindings.join(', ')}]`)}),
    (name = "queue", ${queue})
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`;
}

/** As a text of Cap'n Proto, which takes JSON's escapes. */
function quote(text: string): string {
  return JSON.stringify(text);
}
