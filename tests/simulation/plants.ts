// Deliberate bugs, each a small change of the workers' source: a simulation that does not find them proves nothing.

import type { Plant } from './plant.ts';
import { ASKED_PLANTS } from './plants-asked.ts';
import { BATCH_PLANTS } from './plants-batches.ts';
import { BRAKE_PLANTS } from './plants-brake.ts';
import { BY_HAND_PLANTS } from './plants-by-hand.ts';
import { CALL_PLANTS } from './plants-calls.ts';
import { DEAL_PLANTS } from './plants-deals.ts';
import { FIELD_PLANTS } from './plants-fields.ts';
import { FORM_PLANTS } from './plants-forms.ts';
import { INTENT_PLANTS } from './plants-intents.ts';
import { LAG_PLANTS } from './plants-lag.ts';
import { LOAD_PLANTS } from './plants-load.ts';
import { ODD_PLANTS } from './plants-odd.ts';
import { PLANTS_OF_WORDS } from './plants-of-words.ts';
import { WRITE_PLANTS } from './plants-writes.ts';

export const PLANTS: Record<string, Plant> = {
  ...BATCH_PLANTS,
  ...WRITE_PLANTS,
  ...INTENT_PLANTS,
  ...BY_HAND_PLANTS,
  ...CALL_PLANTS,
  ...LOAD_PLANTS,
  ...LAG_PLANTS,
  ...FORM_PLANTS,
  ...PLANTS_OF_WORDS,
  ...ODD_PLANTS,
  ...FIELD_PLANTS,
  ...ASKED_PLANTS,
  ...BRAKE_PLANTS,
  ...DEAL_PLANTS,
};
