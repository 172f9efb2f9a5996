// Deliberate bugs in what is done about reads that lag behind webhooks.

import { consumer, type Plant } from './plant.ts';

export const LAG_PLANTS: Record<string, Plant> = {
  'a webhook that says out is forgotten where the read shows the contact in': {
    among: { theme: 'lag' },
    edits: [
      consumer(
        'sync/read',
        'const heeded = heed(decision, told, rules);',
        `const heeded = decision;
         if (decision.intent === 'place') task.against = [];`,
      ),
    ],
  },
  'a webhook that says in is not read again': {
    among: { theme: 'lag' },
    edits: [
      consumer(
        'sync/read',
        'task.against = contradicted(told, shownBy(read, decision, rules));',
        'task.against = decision.intent === "place" ? contradicted(told, shownBy(read, decision, rules)) : [];',
      ),
    ],
  },
  'what a webhook said out does not hold against the next read': {
    among: { theme: 'lag' },
    edits: [
      consumer(
        'sync/settle',
        'told: Object.keys(told).length > 0 ? JSON.stringify(told) : null,',
        'told: told === row.told ? JSON.stringify(told) : null,',
      ),
    ],
  },
  'a deletion before the creation is forgotten': {
    among: { theme: 'lag' },
    from: 610,
    edits: [
      consumer(
        'sync/coalesce',
        "if (eventType === 'ContactDelete') return snapshot === null || sureRoute(rules, snapshot.tags) !== -1;",
        "if (eventType === 'ContactDelete') return false;",
      ),
    ],
  },
  'a phone that the read does not show yet is forgotten': {
    among: { theme: 'lag' },
    edits: [consumer('domain/told', 'told.phone.mark !== shown.phone ?', 'told.phone.mark === null ?')],
  },
};
