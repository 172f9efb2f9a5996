// What the conformance test has made, so that all of it is removed in the end, whatever happens; and what of it stays.

import { NoAnswer } from './endings.ts';

/** Things that were made. */
export interface Left {
  /** It is about to be made: whether it is there is open until `made`, `forget` or `undo` says so. */
  maybe(thing: string): void;
  /** It is there. `remove` is true once it is gone. */
  made(thing: string, remove: () => Promise<boolean>): void;
  /** It was not made. */
  forget(thing: string): void;
  /** For `catch`: what failed before a call went out was not made. */
  undo(thing: string): (thrown: unknown) => never;
  /** Removes everything, latest first. */
  removeAll(): Promise<void>;
  /** What stays: things that could not be removed, or that may be there. Complete after `removeAll`. */
  stays(): string[];
}

/** Nothing is made yet. */
export function createLeft(): Left {
  const open = new Set<string>();
  const made = new Map<string, () => Promise<boolean>>();
  return {
    maybe: (thing) => void open.add(thing),
    made(thing, remove) {
      open.delete(thing);
      made.set(thing, remove);
    },
    forget: (thing) => void open.delete(thing),
    undo: (thing) => (thrown) => {
      if (!(thrown instanceof NoAnswer)) open.delete(thing);
      throw thrown;
    },
    async removeAll() {
      for (const [thing, remove] of [...made].toReversed()) if (await remove().catch(() => false)) made.delete(thing);
    },
    stays: () => [...made.keys(), ...[...open].map((thing) => `perhaps a ${thing}`)],
  };
}
