// Deliberate bugs in rules that go by opportunities.

import { consumer, type Plant } from './plant.ts';

export const DEAL_PLANTS: Record<string, Plant> = {
  'the stage that a webhook tells is forgotten while the search does not show it': {
    among: { theme: 'deals' },
    edits: [
      consumer(
        'domain/told-opportunities',
        'const news = (told ?? []).filter((said) => differs(said, shown));',
        'const news: Statements = [];',
      ),
    ],
  },
  'the sweep over opportunities skips every other page': {
    among: { theme: 'deals' },
    edits: [
      consumer('vendors/opportunities', 'export const OPPORTUNITY_PAGE = 100;', 'export const OPPORTUNITY_PAGE = 1;'),
      consumer(
        'backstop/opportunities',
        'await askForChanged(run, seen, context);\n  const all',
        'if (before % 2 === 0) await askForChanged(run, seen, context);\n  const all',
      ),
    ],
  },
};
