// POST /api/v1/rules/preview: reads the whole contact list once under new rules, and says what they would change. It writes nothing.

import type { D1Database } from '@cloudflare/workers-types';
import type { RulesPreview, RulesPreviewLine } from '../../../shared/api/rules.ts';
import { errorText } from '../../../shared/harmless.ts';
import type { World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import { type DecideBy, decide } from '../domain/decide.ts';
import type { Opportunities, Rules } from '../domain/rules/conditions.ts';
import { readStandings } from '../store/contact-story.ts';
import { createVendors } from '../vendors/clients.ts';
import type { SearchPage } from '../vendors/search-page.ts';
import { compareContact, type Versions } from './compare.ts';
import { readList } from './list.ts';
import { createPreviewPace } from './pace.ts';
import { readRulesPlan } from './plan.ts';
import { createTally, type Tally } from './tally.ts';

/** What a preview works with. */
export interface PreviewContext {
  db: D1Database;
  settings: Settings;
  world: World;
}

/** For the lists that the rules need. */
const LISTS_MS = 45_000;

const HIDDEN_DND =
  'The list may hide do-not-disturb for calls. A contact that comes in is read once more before it is placed, and is kept out if it is on do-not-disturb.';
const SHARED_NUMBERS = 'Each contact is judged by itself. Where several share a number, the strictest rule counts.';
const NOW =
  'The comparison is with what is stored: it also shows what the next nightly sync would change under any rules.';

/** The lines of the answer, one by one: nothing goes on while nobody takes the next. Throws nothing. */
export async function* previewRules(rules: Rules, context: PreviewContext): AsyncGenerator<RulesPreviewLine, void> {
  try {
    yield* previewed(rules, context);
  } catch (thrown) {
    yield { event: 'failed', detail: `The preview could not be finished: ${errorText(thrown)}` };
  }
}

async function* previewed(rules: Rules, context: PreviewContext): AsyncGenerator<RulesPreviewLine, void> {
  const { settings, world } = context;
  const limiter = createPreviewPace();
  const { ghl } = createVendors(settings, world, world.now() + LISTS_MS, { limiter });
  const { plan, notes } = await readRulesPlan(rules, ghl);
  const by = { rules, country: settings.DEFAULT_COUNTRY, plan, now: world.now() };
  const tally = createTally();
  let contacts = 0;
  let total: number | null = null;
  for await (const event of readList(settings, world, limiter)) {
    switch (event.kind) {
      case 'waiting':
        yield { event: 'waiting', seconds: Math.ceil(event.ms / 1000), why: event.why };
        break;
      case 'failed':
        return yield { event: 'failed', detail: `The contact list cannot be read: ${event.error}` };
      case 'page':
        await addPage(event.page, by, tally, context);
        contacts = event.seen;
        total = event.total;
        yield { event: 'progress', contacts, total };
        break;
      case 'end': {
        const complete = event.unproven === null && (total === null || contacts >= total);
        const result: RulesPreview = {
          location_id: settings.GHL_LOCATION_ID,
          contacts,
          total,
          complete,
          ...tally.result(),
          notes: [
            ...notes,
            ...(event.unproven === null ? [] : [`The list may not be complete: ${event.unproven}.`]),
            HIDDEN_DND,
            SHARED_NUMBERS,
            NOW,
          ],
        };
        return yield { event: 'result', result };
      }
    }
  }
}

async function addPage(
  { contacts, odd, again, opportunities }: SearchPage,
  by: DecideBy,
  tally: Tally,
  { db, settings }: PreviewContext,
): Promise<void> {
  // The next page shows those again.
  const later = new Set(again);
  const unique = new Map(contacts.filter(({ id }) => !later.has(id)).map((contact) => [contact.id, contact]));
  if (unique.size === 0) return;
  const standings = await readStandings(db, settings.GHL_LOCATION_ID, [...unique.keys()]);
  const oddIds = new Set(odd);
  const versions: Versions = { before: settings.rules, after: by.rules };
  const opportunitiesOf = shownIn(opportunities);
  for (const [id, contact] of unique) {
    const decision = decide({ kind: 'found', contact }, { ...by, opportunities: opportunitiesOf(id) });
    tally.add(id, compareContact(standings.get(id), decision, oddIds.has(id), versions), decision);
  }
}

/** A contact's opportunities, where the rows of its page show them. */
function shownIn(all: SearchPage['opportunities']): (contactId: string) => Opportunities {
  if (all === null) return () => 'unknown';
  const byContact = Map.groupBy(all, ({ contactId }) => contactId);
  return (contactId) => byContact.get(contactId) ?? [];
}
