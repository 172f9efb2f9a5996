// Bounded concurrency and patience: an invocation has 6 simultaneous connections (docs/vendors.md, Cloudflare: workers), one of them for D1.

/** Runs `work` on every item, at most `limit` at once. `work` must not throw. */
export async function forEachLimit<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const item of queue) await work(item);
  });
  await Promise.all(workers);
}

/** Rejects at the deadline, and starts nothing after it. The work may still take effect later. */
export function inTime(work: () => Promise<unknown>, deadline: AbortSignal): Promise<void> {
  const late = () => new Error('no answer in time');
  return new Promise((resolve, reject) => {
    if (deadline.aborted) return reject(late());
    deadline.addEventListener('abort', () => reject(late()), { once: true });
    work().then(() => resolve(), reject);
  });
}
