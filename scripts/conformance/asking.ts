// The person at the terminal: agrees to each write, and looks at pages that no API shows.

import type { Prompt } from '../setup/prompt.ts';
import { Interrupted } from './endings.ts';

/** Asks the person. */
export interface Asking {
  /** Null where it may be written; else why not, as a sentence. */
  mayWrite(what: string): Promise<string | null>;
  /** What the person says to a question about a page; null where nobody is there. `show` may hold ids: it is never in the report. */
  look(show: string, question: string): Promise<string | null>;
}

const READ_ONLY = 'It needs a write, and --read-only forbids writes.';
const SAID_NO = 'It needs a write that you did not agree to.';

interface Options {
  /** Null where there is nobody to ask. */
  prompt: Pick<Prompt, 'ask' | 'choose'> | null;
  readOnly: boolean;
  say(line: string): void;
  /** The process is to end: an open question is given up, so that what was made can be removed. */
  stop: AbortSignal;
}

/** Without a prompt every write is agreed to: the person who starts it so must have said `--yes`. */
export function createAsking({ prompt, readOnly, say, stop }: Options): Asking {
  let isAgreed = prompt === null;
  const ended = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(new Interrupted()), { once: true });
  });
  // Nobody may be waiting for it.
  ended.catch(() => {});
  return {
    async mayWrite(what) {
      if (readOnly) return READ_ONLY;
      if (isAgreed || prompt === null) return null;
      const asked = prompt.choose(what, [
        { value: 'yes', label: 'Yes' },
        { value: 'all', label: 'Yes, and to all that follow' },
        { value: 'no', label: 'No', hint: 'what needs it is not tried' },
      ]);
      const answer = await Promise.race([asked, ended]);
      isAgreed = answer === 'all';
      return answer === 'no' ? SAID_NO : null;
    },

    async look(show, question) {
      if (prompt === null) return null;
      say(show);
      return Promise.race([prompt.ask(question), ended]);
    },
  };
}
