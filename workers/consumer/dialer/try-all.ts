// A withdrawal of several parts: what keeps one of them from taking effect keeps no other.

import { VendorError, worstOf } from '../domain/failure.ts';

/**
 * Does each of these, although others fail, and then throws the worst failure. `failures` are those that there were before. Once CallTools
 * asks to slow down, or its set-up is broken, the client makes no call, so that this adds no load.
 */
export async function tryAll<T>(
  items: Iterable<T>,
  act: (item: T) => Promise<unknown>,
  failures: readonly VendorError[] = [],
): Promise<void> {
  const all = [...failures];
  for (const item of items) {
    try {
      await act(item);
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      all.push(error);
    }
  }
  const worst = worstOf(all);
  if (worst) throw worst;
}
