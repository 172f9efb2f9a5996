// Deliberate bugs in the brake.

import { consumer, type Plant } from './plant.ts';

export const BRAKE_PLANTS: Record<string, Plant> = {
  'the brake counts only what its own batch lets in': {
    among: { theme: 'brake' },
    edits: [consumer('store/brake/new-placements', 'l.at > ?4', 'l.at > ?4 + 9e15')],
  },
  'what is confirmed stays held back': {
    among: { theme: 'brake' },
    edits: [consumer('store/brake/new-placements', "AND state = 'held'", "AND state <> 'let_in'")],
  },
};
