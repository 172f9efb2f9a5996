// Deliberate bugs in what is said: of people, who must not be named, and of vendors, which must be called what they are.

import { consumer, type Plant } from './plant.ts';

export const PLANTS_OF_WORDS: Record<string, Plant> = {
  'a vendor is quoted as it is': {
    among: { theme: 'mixed' },
    from: 17,
    edits: [
      consumer(
        'vendors/text',
        'const isJson = /^\\s*[[{]/.test(text);',
        'if (status >= 500) return text;\n  const isJson = true;',
      ),
    ],
  },
  'whatever looks like a word is quoted': {
    among: { theme: 'mixed' },
    from: 38,
    edits: [
      {
        file: 'shared/harmless.ts',
        find: `if (kind === 'word') return allowed.has(text) || isPlainWord(text) ? null : 'value';`,
        replace: `if (kind === 'word') return null;`,
      },
    ],
  },
  'a refusal is said to be an outage': {
    among: { outage: true },
    edits: [consumer('vendors/circuit-breaker', 'openKind: kind,', `openKind: 'down',`)],
  },
};
