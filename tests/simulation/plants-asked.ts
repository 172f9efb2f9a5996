// Deliberate bugs in rules that ask for more than tags.

import { consumer, type Plant } from './plant.ts';

const ASKED: Plant['among'] = { theme: 'asked' };

export const ASKED_PLANTS: Record<string, Plant> = {
  'a doubt places': {
    among: ASKED,
    from: 165,
    edits: [
      consumer(
        'domain/rules/match',
        "if (isSure) return { kind: 'route', priority };",
        "return { kind: 'route', priority };",
      ),
    ],
  },
  'a doubt keeps nobody out': {
    among: ASKED,
    edits: [
      consumer(
        'domain/rules/match',
        'return keepsOut(route)',
        "if (keepsOut(route) && verdict === 'doubt') continue;\n    return keepsOut(route)",
      ),
    ],
  },
  'not of a missing value matches': {
    among: ASKED,
    edits: [consumer('domain/rules/match', "missing: 'missing',", "missing: 'yes',")],
  },
  'what only time has changed is not judged again in the night': {
    among: ASKED,
    from: 71,
    edits: [
      consumer(
        'domain/fingerprint',
        'signsOf(by.rules, factsFor(contact, by))',
        'signsOf(by.rules, factsFor(contact, { ...by, now: Date.UTC(2026, 10, 20, 12) }))',
      ),
    ],
  },
  'what everybody must meet is not asked': {
    among: ASKED,
    edits: [
      consumer('domain/decide', 'const missed = unmet(rules, facts);', 'const missed = unmet({ routes: [] }, facts);'),
    ],
  },
};
