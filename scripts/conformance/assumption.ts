// What an open assumption is: what we believe of a vendor without having seen it, how it is tried, and what follows from each answer.

import type { SandboxAccount } from './sandbox-account.ts';
import type { Trial } from './trial.ts';

/** One possible answer to an assumption. */
export interface Answer {
  /** The assumption holds. */
  holds: boolean;
  /** What was seen: a sentence of our own, for any account. */
  seen: string;
  /** What to do: the setting, or that there is none. */
  todo: string;
  /** How the sandbox gives this answer. */
  sandbox: SandboxAccount;
}

/** An open fact of docs/vendors.md that is tried. */
export interface Assumption<Key extends string = string> {
  id: string;
  /** Heading in docs/vendors.md. */
  section: string;
  /** What is assumed, in plain words. */
  assumes: string;
  /** The words of that section that say so, with their marks: a test holds them equal. */
  facts: readonly string[];
  answers: Readonly<Record<Key, Answer>>;
  /** Only to be seen once the test contacts are gone: makes the one that must have been there. */
  afterRemoval?(trial: Trial): Promise<unknown>;
  /** Asks the vendor. Throws a NotTried where it cannot be told. */
  ask(trial: Trial): Promise<Key>;
}

/** The same, with its answers checked against what `ask` may say. */
export function assumption<const Key extends string>(one: Assumption<Key>): Assumption {
  return one as Assumption;
}

/** Nothing in our settings changes with it. */
export const NOTHING = 'Nothing to set.';
/** No setting covers it. */
export const TELL_US = 'No setting yet: tell us, with this report.';
