// GoHighLevel as a history has it.

import { createGoHighLevel, type GoHighLevel } from '../../sandbox/gohighlevel.ts';
import type { World } from '../../sandbox/world.ts';
import { isWriting } from './agents-calls.ts';
import { GHL_KEY, LOCATION } from './credentials.ts';
import { respelled, scopesOf } from './fields.ts';
import type { createForms } from './forms.ts';
import type { Setup } from './history.ts';

export function createGoHighLevelOf(setup: Setup, world: World, forms: ReturnType<typeof createForms>): GoHighLevel {
  const {
    searchLagMs,
    readLagMs = 0,
    searchHidesCallDnd,
    missingContactStatus,
    fields,
    callResults,
    listShowsDeals,
  } = setup;
  return createGoHighLevel({
    ...world,
    locationId: LOCATION,
    apiKey: GHL_KEY,
    settings: {
      searchLagMs,
      readLagMs,
      searchHidesCallDnd,
      searchShowsOpportunities: listShowsDeals ?? false,
      missingContactStatus,
      ...(fields && { customFields: fields.definitions, scopes: scopesOf(fields.scopes === 'granted') }),
      ...(callResults && {
        scopes: ['contacts.readonly', ...(isWriting(callResults) ? ['contacts.write'] : [])],
        dndWrite: callResults.dndReplaces ? ('replaced' as const) : ('kept' as const),
      }),
      reshape: (shown, where) => respelled(forms.reshape(shown, where), where),
      reshapePage: forms.reshapePage,
    },
  });
}
