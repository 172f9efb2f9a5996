// Questions to the person at the terminal, by @clack/prompts. Nothing of a secret is shown.

import type { Readable, Writable } from 'node:stream';
import { confirm, isCancel, multiselect, password, select, text } from '@clack/prompts';

/** One of several answers. */
export interface Choice {
  value: string;
  label: string;
  /** Shown beside it. */
  hint?: string;
}

/** Asks the person at the terminal. Every question throws an AbortError when the person ends it with Ctrl-C. */
export interface Prompt {
  /** The answer, trimmed; `fallback` where it is empty. */
  ask(question: string, fallback?: string): Promise<string>;
  /** The same, and nothing of what is typed or pasted is shown. */
  askSecret(question: string): Promise<string>;
  confirm(question: string, fallback?: boolean): Promise<boolean>;
  /** The value of one of these; `fallback` is the one that Enter takes. */
  choose(question: string, choices: Choice[], fallback?: string): Promise<string>;
  /** The values of those that are ticked; perhaps none. */
  chooseSome(question: string, choices: Choice[]): Promise<string[]>;
}

/** Whether a person is there to answer: at a terminal, and not in an automation that has one (CI). */
export function canAsk(input: { isTTY?: boolean }, env: Record<string, string | undefined>): boolean {
  return input.isTTY === true && ['', 'false', '0'].includes(env.CI?.trim().toLowerCase() ?? '');
}

/** Asks here. */
export function createPrompt(input: Readable, output: Writable): Prompt {
  const where = { input, output, withGuide: false };
  return {
    async ask(message, fallback = '') {
      const answer = await answered(text({ ...where, message, defaultValue: fallback, placeholder: fallback }));
      return answer.trim();
    },
    askSecret: async (message) => (await answered(password({ ...where, message, mask: '' }))).trim(),
    confirm: (message, fallback = true) => answered(confirm({ ...where, message, initialValue: fallback })),
    choose: (message, choices, fallback) =>
      answered(select({ ...where, message, options: choices, ...(fallback && { initialValue: fallback }) })),
    chooseSome: (message, choices) => answered(multiselect({ ...where, message, options: choices, required: false })),
  };
}

async function answered<T>(asked: Promise<T>): Promise<Exclude<T, symbol>> {
  const answer = await asked;
  if (isCancel(answer)) throw new DOMException('The person ended it.', 'AbortError');
  return answer as Exclude<T, symbol>;
}
