// Questions to the person at the terminal; a secret is read without showing it.

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks the person at the terminal. */
export interface Prompt {
  /** The answer, trimmed; may be empty. */
  ask(question: string): Promise<string>;
  /** The same, and nothing of what is typed or pasted is shown. */
  askSecret(question: string): Promise<string>;
  /** True unless the person says no. */
  confirm(question: string): Promise<boolean>;
}

/** Whether a person is there to answer: at a terminal, and not in an automation that has one (CI). */
export function canAsk(input: { isTTY?: boolean }, env: Record<string, string | undefined>): boolean {
  return input.isTTY === true && ['', 'false', '0'].includes(env.CI?.trim().toLowerCase() ?? '');
}

/** Throws an AbortError when the person ends it with Ctrl-C. */
export function createPrompt(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Prompt {
  async function ask(question: string, shown: NodeJS.WritableStream): Promise<string> {
    const terminal = createInterface({ input, output: shown, terminal: true });
    const ended = new AbortController();
    terminal.once('SIGINT', () => ended.abort());
    terminal.once('close', () => ended.abort());
    try {
      return (await terminal.question(question, { signal: ended.signal })).trim();
    } finally {
      terminal.close();
    }
  }
  return {
    ask: (question) => ask(`${question}: `, output),
    async askSecret(question) {
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      output.write(`${question} (not shown): `);
      const answer = await ask('', nowhere);
      output.write('\n');
      return answer;
    },
    confirm: async (question) => !/^n/i.test(await ask(`${question} [Y/n] `, output)),
  };
}
