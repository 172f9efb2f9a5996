// Asks GoHighLevel for contacts by name. The name goes to GoHighLevel only, and only ids come back.

import { errorText } from '../../../../shared/harmless.ts';
import type { World } from '../../config/env.ts';
import type { Settings } from '../../config/settings.ts';
import { createVendors } from '../../vendors/clients.ts';

/** Ids of contacts with that name, or why they are not known. `error` quotes no personal data. */
export type Named = { kind: 'found'; contactIds: string[] } | { kind: 'unread'; error: string };

/** Contacts that are shown. */
const MAX_NAMED = 20;
/** A person waits for it. */
const BUDGET_MS = 15_000;

/** At most 20 contacts whose name has each of the words in `name`, in any order. Never throws. */
export async function findByName(name: string, settings: Settings, world: World): Promise<Named> {
  try {
    const { ghl } = createVendors(settings, world, world.now() + BUDGET_MS);
    return { kind: 'found', contactIds: await ghl.named(name, MAX_NAMED) };
  } catch (thrown) {
    return {
      kind: 'unread',
      error: `GoHighLevel could not be asked. ${errorText(thrown)}. GET /doctor says what is wrong.`,
    };
  }
}
