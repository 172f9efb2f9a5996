// Looks into one worker's isolate while it runs: its heap, and where its CPU time goes.

import * as v from 'valibot';

const Target = v.object({ id: v.string(), webSocketDebuggerUrl: v.string() });
const Heap = v.object({ usedSize: v.number(), totalSize: v.number(), backingStorageSize: v.number() });

/** Bytes of one isolate. Cloudflare's 128 MB are for the JavaScript heap and what it keeps outside of it. */
export interface HeapUse {
  /** Live objects and garbage not yet collected, array buffers included. */
  used: number;
  /** What V8 has taken from the system. */
  committed: number;
}

export interface Inspector {
  heap(): Promise<HeapUse>;
  close(): void;
}

/** Attaches to a worker of the local pipeline, by its name. */
export async function inspectWorker(inspector: URL | null, worker: string): Promise<Inspector> {
  if (!inspector) throw new Error('the pipeline was started without an inspector');
  const list = new URL('/json', inspector.href.replace(/^ws/, 'http'));
  const targets = v.parse(v.array(Target), await (await fetch(list)).json());
  const target = targets.find(({ id }) => id === `core:user:${worker}`);
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
  const ask = (method: string) =>
    new Promise<unknown>((answered) => {
      waiting.set(++last, answered);
      socket.send(JSON.stringify({ id: last, method }));
    });
  return {
    async heap() {
      const { usedSize, totalSize, backingStorageSize } = v.parse(Heap, await ask('Runtime.getHeapUsage'));
      return { used: usedSize + backingStorageSize, committed: totalSize + backingStorageSize };
    },
    close: () => socket.close(),
  };
}
