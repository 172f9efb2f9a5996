// Mutants that no test can notice, because they change nothing that anybody could see. They are not counted.

/** One mutant, as `npm run mutate` shows it. */
export interface Equivalent {
  /** The line that it changes, without the spaces around it. */
  at: string;
  change: string;
  why: string;
}

/** By source file. */
export const EQUIVALENT: Record<string, Equivalent[]> = {};
