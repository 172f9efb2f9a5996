// The labels of CallTools with their memory in D1.

import type { Basis } from '../config/context.ts';
import { managedLabels } from '../domain/decide.ts';
import { type LabelRow, leaseLabel, saveLabels } from '../store/labels.ts';
import type { CallTools } from '../vendors/calltools.ts';
import { createLabels, type Labels } from './labels.ts';

/** `rows` is what D1 remembers; `token` names who may create a label. */
export function storedLabels(
  callTools: CallTools,
  rows: LabelRow[],
  token: string,
  { env, world, settings }: Basis,
): Labels {
  const locationId = settings.GHL_LOCATION_ID;
  return createLabels({
    callTools,
    world,
    managed: managedLabels(settings.rules),
    rows,
    save: (changed) => saveLabels(env.DB, locationId, changed),
    lease: (kind, name, until) => leaseLabel(env.DB, { locationId, token, now: world.now(), until }, kind, name),
  });
}
