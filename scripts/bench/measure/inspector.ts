// Looks into one worker's isolate while it runs: its heap, and where its CPU time goes.

import * as v from 'valibot';

const Target = v.object({ id: v.string(), webSocketDebuggerUrl: v.string() });
const Heap = v.object({ usedSize: v.number(), totalSize: v.number(), backingStorageSize: v.number() });

/** `lineNumber` counts from 0, and is -1 for what is no code of the worker's. */
const Place = { functionName: v.string(), lineNumber: v.number() };
/** The parts of V8's CPU profile that we read. */
const Profile = v.object({
  profile: v.object({
    nodes: v.array(v.object({ id: v.number(), callFrame: v.object(Place) })),
    samples: v.array(v.number()),
    timeDeltas: v.array(v.number()),
  }),
});
const SAMPLE_US = 100;

/** Bytes of one isolate. Cloudflare's 128 MB are for the JavaScript heap and what it keeps outside of it. */
export interface HeapUse {
  /** Live objects and garbage not yet collected, array buffers included. */
  used: number;
  /** What V8 has taken from the system. */
  committed: number;
}

/** One function, or one of V8's own headings such as (garbage collector). */
export interface Spent {
  what: string;
  /** Its own time, without that of what it calls. */
  us: number;
}

/** A connection to V8’s inspector. */
export interface Inspector {
  heap(): Promise<HeapUse>;
  /** Where the CPU time goes while `work` is under way; most first. */
  profile(work: () => Promise<unknown>): Promise<Spent[]>;
  close(): void;
}

/** Attaches to a worker of the local pipeline, by its name. */
export async function inspectWorker(inspector: URL | null, worker: string): Promise<Inspector> {
  if (!inspector) throw new Error('the pipeline was started without an inspector');
  return attach(new URL(inspector.href.replace(/^ws/, 'http')), `core:user:${worker}`);
}

/** Attaches to the worker that workerd knows under this id. */
export async function attach(inspector: URL, worker: string): Promise<Inspector> {
  const targets = v.parse(v.array(Target), await (await fetch(new URL('/json', inspector))).json());
  const target = targets.find(({ id }) => id === worker);
  if (!target) throw new Error(`workerd's inspector knows no worker ${worker}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((opened, failed) => {
    socket.onopen = opened;
    socket.onerror = failed;
  });
  const waiting = new Map<number, (result: unknown) => void>();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data));
    waiting.get(id)?.(result);
    waiting.delete(id);
  };
  const ask = (method: string, params = {}) =>
    new Promise<unknown>((answered) => {
      waiting.set(++last, answered);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  return {
    async heap() {
      const { usedSize, totalSize, backingStorageSize } = v.parse(Heap, await ask('Runtime.getHeapUsage'));
      return { used: usedSize + backingStorageSize, committed: totalSize + backingStorageSize };
    },
    async profile(work) {
      await ask('Profiler.enable');
      await ask('Profiler.setSamplingInterval', { interval: SAMPLE_US });
      await ask('Profiler.start');
      await work();
      return spentIn(v.parse(Profile, await ask('Profiler.stop')).profile);
    },
    close: () => socket.close(),
  };
}

function nameOf({ functionName, lineNumber }: { functionName: string; lineNumber: number }): string {
  if (functionName !== '') return functionName;
  return lineNumber < 0 ? '(built in)' : `line ${lineNumber + 1} of the bundle`;
}

function spentIn({ nodes, samples, timeDeltas }: v.InferOutput<typeof Profile>['profile']): Spent[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [at, node] of samples.entries()) {
    const what = names.get(node) ?? '';
    spent.set(what, (spent.get(what) ?? 0) + (timeDeltas[at] ?? 0));
  }
  return [...spent].map(([what, us]) => ({ what, us })).sort((a, b) => b.us - a.us);
}
