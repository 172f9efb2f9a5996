// A proxy on loopback between the pipeline and a vendor. It gives chosen requests the faults of a network, which no server would make.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** `…-after`, `cut-…`: the vendor has applied the request by then. */
export type Mode =
  /** Takes the request, passes it to nobody, and never answers. */
  | 'silence'
  | 'silence-after'
  | 'reset-after'
  /** The answer breaks off in its headers, or in its body. */
  | 'cut-headers'
  | 'cut-body'
  /** A byte at a time, faster than any idle time-out and without an end. */
  | 'trickle-headers'
  | 'trickle-body'
  /** A body without an end, as fast as it is read. */
  | 'flood';

/** A request that passes through. */
export interface Passing {
  method: string;
  /** Path and query. */
  path: string;
  body: string;
}

interface Rule {
  mode: Mode;
  match(passing: Passing): boolean;
  times: number;
}

/** What a rule has done. */
export interface Trouble {
  /** Requests that it met. */
  met: number;
  /** Of those, connections that are still there: the caller waits, or has not closed them. */
  open: number;
  /** Bytes of answers that went out. */
  bytes: number;
  end(): void;
}

/** A proxy that breaks connections as planned. */
export interface Nemesis {
  url: string;
  /** Where requests go that no rule meets. */
  forwardTo(url: string): void;
  /** Does this to the next `times` requests that match; all others pass. */
  plan(mode: Mode, match: (passing: Passing) => boolean, times?: number): Trouble;
  /** Sees every request, before any rule. */
  watch(see: (passing: Passing) => void): void;
  /** Takes no connection until `accept`, and ends those that there are. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** Between two bytes of a trickle. */
const TRICKLE_MS = 50;
/** An idle connection is not ended while a test runs: that would be a fault that nobody planned. */
const KEEP_ALIVE_MS = 300_000;
const FLOOD = `10000\r\n${' '.repeat(0x10000)}\r\n`;
const OPENING = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Starts it on a free port of 127.0.0.1. */
export async function startNemesis(): Promise<Nemesis> {
  let target = '';
  const watchers: ((passing: Passing) => void)[] = [];
  let rules: (Rule & { trouble: Trouble })[] = [];
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    exchange(incoming, outgoing).catch(() => incoming.socket.resetAndDestroy());
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  function meet(passing: Passing): { mode: Mode; trouble: Trouble } | undefined {
    const rule = rules.find(({ times, match }) => times > 0 && match(passing));
    if (rule === undefined) return undefined;
    rule.times--;
    rule.trouble.met++;
    return rule;
  }

  async function exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', socket } = incoming;
    const body = await bodyOf(incoming);
    for (const see of watchers) see({ method, path, body });
    const rule = meet({ method, path, body });
    if (rule === undefined) return answer(outgoing, await forward(incoming, body));
    const { mode, trouble } = rule;
    trouble.open++;
    socket.once('close', () => trouble.open--);
    if (/^(silence|trickle|flood)/.test(mode) && mode !== 'silence-after') return endless(mode, socket, trouble);
    const vendors = await forward(incoming, body);
    if (mode === 'reset-after') socket.resetAndDestroy();
    else if (mode === 'cut-headers') socket.end(`${OPENING}content-le`);
    else if (mode === 'cut-body') cut(socket, vendors);
  }

  async function forward({ method, url = '/', headers }: IncomingMessage, body: string): Promise<Answer> {
    const { host: _, connection: __, 'content-length': ___, ...rest } = headers;
    const response = await fetch(`${target}${url}`, {
      method: method ?? 'GET',
      headers: rest as Record<string, string>,
      body: body === '' ? null : body,
      redirect: 'manual',
    });
    return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
  }

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    forwardTo: (url) => {
      target = url;
    },
    plan(mode, match, times = 1) {
      const trouble: Trouble = { met: 0, open: 0, bytes: 0, end: () => (rules = rules.filter((one) => one !== rule)) };
      const rule = { mode, match, times, trouble };
      rules.push(rule);
      return trouble;
    },
    watch: (see) => void watchers.push(see),
    refuse: close,
    accept: () => listen(port),
    close: () => (server.listening ? close() : Promise.resolve()),
  };
}

interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}

function answer(outgoing: ServerResponse, { status, headers, bytes }: Answer): void {
  outgoing.writeHead(status, Object.fromEntries(headers)).end(bytes);
}

/** All headers, half of the body, and the end of the connection. */
function cut(socket: Socket, { status, headers, bytes }: Answer): void {
  const lines = [...headers].filter(([name]) => name !== 'connection').map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} OK\r\n${lines.join('')}\r\n`);
  socket.end(bytes.subarray(0, bytes.length / 2));
}

/** Goes on until the caller closes the connection. */
async function endless(mode: Mode, socket: Socket, trouble: Trouble): Promise<void> {
  const write = (data: string) => {
    trouble.bytes += data.length;
    return socket.write(data);
  };
  if (mode === 'trickle-headers') write(`${OPENING}x-slow: `);
  if (mode === 'trickle-body' || mode === 'flood') write(`${OPENING}transfer-encoding: chunked\r\n\r\n`);
  while (mode !== 'silence' && !socket.destroyed) {
    if (mode === 'trickle-headers') write('.');
    if (mode === 'trickle-body') write('1\r\n \r\n');
    if (mode !== 'flood') await sleep(TRICKLE_MS);
    else if (!write(FLOOD)) await writable(socket);
  }
}

function writable(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      socket.off('drain', go).off('close', go);
      resolve();
    };
    socket.on('drain', go).on('close', go);
  });
}
