// Deliberate bugs in rules that go by opportunities.

import { consumer, type Plant } from './plant.ts';

const DEALS: Plant['among'] = { theme: 'deals' };

export const DEAL_PLANTS: Record<string, Plant> = {
  'the stage that a webhook tells is forgotten while the search does not show it': {
    among: DEALS,
    edits: [
      consumer(
        'domain/told-opportunities',
        'const news = (told ?? []).filter((said) => differs(said, shown));',
        'const news: Statements = [];',
      ),
    ],
  },
  'an opportunity is ignored beside another': {
    among: DEALS,
    edits: [consumer('domain/rules/opportunities', 'opportunities.map(', 'opportunities.slice(0, 1).map(')],
  },
};
