// What was opened, closed in reverse order. Node 22 has no AsyncDisposableStack.

/** What is to be closed. */
export interface Closing {
  /** To be called on close, before what was deferred earlier. */
  defer(close: () => unknown): void;
  /** Closes everything, once. An error of one does not keep the others open; the first is thrown at the end. */
  close(): Promise<void>;
}

/** Nothing is open yet. */
export function createClosing(): Closing {
  const open: (() => unknown)[] = [];
  return {
    defer: (close) => open.push(close),
    async close() {
      const errors: unknown[] = [];
      for (let close = open.pop(); close; close = open.pop()) {
        try {
          await close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}

/** What `start` returns. Where it fails, everything that it opened is closed. */
export async function opening<T>(start: (closing: Closing) => Promise<T>): Promise<T> {
  const closing = createClosing();
  try {
    return await start(closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}
