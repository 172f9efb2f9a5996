// A load generator for one host: plain sockets, requests made beforehand, so that little of the machine is spent on asking.

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a load has shown. */
export interface Load {
  /** Requests answered a second, whatever the status. */
  rate: number;
  /** Milliseconds of each answer, in order of arrival. */
  latencies: number[];
  /** Answers of another status than 202. */
  wrong: number;
}

interface Options {
  port: number;
  /** Whole HTTP requests; taken in turn. */
  requests: readonly Buffer[];
  connections: number;
  ms: number;
  /** Called at each answer of status 202. */
  onAnswer?: () => void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const WANTED = '202';
const SETTLING_MS = 500;

/** Closed loop: every connection asks again as soon as it is answered, so as much as the host can take. */
export async function closedLoop({ port, requests, connections, ms, onAnswer = () => {} }: Options): Promise<Load> {
  const load: Load = { rate: 0, latencies: [], wrong: 0 };
  const started = performance.now();
  const end = started + ms;
  let turn = 0;
  const next = () => requests[turn++ % requests.length] as Buffer;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const line = await openLine(port);
      while (performance.now() < end) {
        const at = performance.now();
        if ((await line.ask(next())) === WANTED) onAnswer();
        else load.wrong++;
        load.latencies.push(performance.now() - at);
      }
      line.close();
    }),
  );
  load.rate = load.latencies.length / ((performance.now() - started) / 1000);
  return load;
}

/**
 * Open loop: so many a second, whether or not the ones before have been answered. Latency counts from when a request was due, so that a
 * host that stalls does not hide what it has delayed (coordinated omission). The first half second is not counted: the connections are new to the host then.
 */
export async function openLoop({ port, requests, connections, ms }: Options, perSecond: number): Promise<Load> {
  const load: Load = { rate: 0, latencies: [], wrong: 0 };
  const lines = await Promise.all(Array.from({ length: connections }, () => openLine(port)));
  const free = [...lines];
  const waiting: ((line: Line) => void)[] = [];
  const total = Math.floor((perSecond * ms) / 1000);
  const started = performance.now();
  const pending: Promise<void>[] = [];

  async function send(n: number, due: number): Promise<void> {
    const line = free.pop() ?? (await new Promise<Line>((resolve) => waiting.push(resolve)));
    if ((await line.ask(requests[n % requests.length] as Buffer)) !== WANTED) load.wrong++;
    if (due - started >= SETTLING_MS) load.latencies.push(performance.now() - due);
    const hand = waiting.shift();
    if (hand) hand(line);
    else free.push(line);
  }

  for (let n = 0; n < total; ) {
    const now = performance.now();
    for (; n < total && started + (n * 1000) / perSecond <= now; n++) {
      pending.push(send(n, started + (n * 1000) / perSecond));
    }
    await sleep(1);
  }
  await Promise.all(pending);
  load.rate = total / ((performance.now() - started) / 1000);
  for (const line of lines) line.close();
  return load;
}

interface Line {
  /** The status of the answer. One question at a time. */
  ask(request: Buffer): Promise<string>;
  close(): void;
}

/** A kept connection. Reads answers that have a Content-Length, as those of our workers do. */
async function openLine(port: number): Promise<Line> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let rest = Buffer.alloc(0);
  let answered: (status: string) => void = () => {};
  let failed: (error: Error) => void = () => {};
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', (error) => failed(error));
  socket.on('close', () => failed(new Error('the host has closed the connection')));
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const head = rest.indexOf(HEAD_END);
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(rest.toString('latin1', 0, head))?.[1] ?? 0);
    if (rest.length < head + HEAD_END.length + length) return;
    const status = rest.toString('latin1', 9, 12);
    rest = rest.subarray(head + HEAD_END.length + length);
    answered(status);
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        answered = resolve;
        failed = reject;
        socket.write(request);
      }),
    close() {
      failed = () => {};
      socket.destroy();
    },
  };
}

/** A POST as bytes. */
export function postRequest(path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Buffer {
  const lines = Object.entries({ host: 'bench', 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `POST ${path} HTTP/1.1\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
