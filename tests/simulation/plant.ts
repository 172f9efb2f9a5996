// A deliberate bug: a small change of the source of the workers, and where it is found.

import type { Options } from './generate.ts';

export interface Edit {
  /** Below the project's root. */
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
}

export interface Plant {
  edits: Edit[];
  /** The histories that find it soonest. */
  among: Options;
  /** The first of them to try, where it is rare; else 1. */
  from?: number;
}

/** An edit of the consumer's source; `name` is the file below workers/consumer, without its ending. */
export const consumer = (name: string, find: string, replace: string): Edit => ({
  file: `workers/consumer/${name}.ts`,
  find,
  replace,
});
