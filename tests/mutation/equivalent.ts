// Mutants that no test can notice, because they change nothing that anybody could see. They are not counted.

/** One mutant, as `npm run mutate` shows it. */
export interface Equivalent {
  /** The line that it changes, without the spaces around it. */
  at: string;
  change: string;
  why: string;
}

/** By source file. */
export const EQUIVALENT: Record<string, Equivalent[]> = {
  'workers/consumer/domain/contact.ts': [
    {
      at: `const isEntry = typeof entry === 'object' && entry !== null && typeof entry.id === 'string';`,
      change: `condition: typeof entry === 'object' → true`,
      why: 'The entry is JSON: of what is no object only null has no properties to ask for, and that is excluded beside it.',
    },
  ],
  'workers/consumer/domain/phone.ts': [
    {
      at: 'if (text.length > MAX_RECENT_CHARS) return parseAnew(text, country);',
      change: 'comparison: > → <=',
      why: 'It decides what is remembered, and a text is parsed to the same number again.',
    },
  ],
  'workers/consumer/sync/follow.ts': [
    {
      at: 'inDoubt: false,',
      change: 'boolean: false → true',
      why: 'Only a look-up by number goes by it. This contact was read by its id.',
    },
  ],
};
