// Deliberate bugs in rules that go by opportunities.

import { consumer, type Plant } from './plant.ts';

const DEALS: Plant['among'] = { theme: 'deals' };

export const DEAL_PLANTS: Record<string, Plant> = {
  'the stage that a webhook tells is forgotten while the search does not show it': {
    among: DEALS,
    from: 19,
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
    from: 20,
    edits: [consumer('domain/rules/opportunities', 'opportunities.map(', 'opportunities.slice(0, 1).map(')],
  },
  'an opportunity that is gone is not noticed by a run': {
    among: DEALS,
    from: 220,
    edits: [consumer('backstop/opportunities', 'if (gone.length === 0) return;', 'if (gone.length >= 0) return;')],
  },
  'an opportunity that changed unheard is not noticed by a run': {
    among: DEALS,
    from: 80,
    edits: [consumer('backstop/opportunities', 'if (seen.length > 0) await ask(', 'if (seen.length > 1e9) await ask(')],
  },
};
