// Changes of opportunities that no webhook announced, noticed without a call for an unchanged contact: each opportunity is compared with
// what the last run saw of it. They come from the rows of the contact list where those show them, and otherwise from the location's own list.

import type { LocationContext } from '../config/context.ts';
import { asksForOpportunities } from '../domain/rules/conditions.ts';
import {
  changedOpportunities,
  forgetOpportunities,
  rememberOpportunities,
  type SeenOpportunity,
  seenIn,
  turnSweep,
  unseenOpportunities,
} from '../store/opportunities/seen.ts';
import { markDiffering } from '../store/run-contacts.ts';
import type { Run } from '../store/runs.ts';
import { endsWith, type OpportunityPage } from '../vendors/opportunities.ts';
import type { SearchPage } from '../vendors/search-page.ts';
import { queueContacts } from './enqueue.ts';

const CHUNK = 500;
/** Stands for the hash of no row: the contact is read. */
const NO_ROW = 'opportunity';

/** Whether the run has opportunities to read, now that its contacts are. */
export function mustSweep(run: Run, { settings }: Pick<LocationContext, 'settings'>): boolean {
  return asksForOpportunities(settings.rules) && run.sweep?.done !== true;
}

/** Compares the opportunities that the rows of a page show; false where they show none, or no rule asks for them. */
export async function compareListed(
  run: Run,
  { opportunities }: SearchPage,
  context: LocationContext,
): Promise<boolean> {
  if (opportunities === null || !asksForOpportunities(context.settings.rules)) return false;
  const seen = seenIn(opportunities);
  await askForChanged(run, seen, context);
  await rememberOpportunities(context.env.DB, run, seen, context.world.now()).run();
  return true;
}

/** Compares a page of the location's opportunities, and moves the run on. Null where another delivery did. */
export async function compareSwept(
  run: Run,
  page: OpportunityPage | 'no_scope',
  context: LocationContext,
): Promise<Run | null> {
  const { env, world, log } = context;
  if (page === 'no_scope') {
    log('backstop.opportunities_unread', { runId: run.id, error: 'the token needs the scope opportunities.readonly' });
    return turned(run, { cursor: null, seen: 0, done: true }, [], context);
  }
  const { seen: before = 0 } = run.sweep ?? {};
  const seen = seenIn(page.rows);
  await askForChanged(run, seen, context);
  const all = before + page.rows.length;
  const isEnd = endsWith(page, all);
  if (isEnd) {
    await rememberOpportunities(env.DB, run, seen, world.now()).run();
    await askForGone(run, context);
  } else if (page.next === null)
    log('backstop.opportunities_unread', { runId: run.id, error: 'no page says where the list goes on' });
  return turned(run, { cursor: page.next, seen: all, done: isEnd || page.next === null }, seen, context);
}

/** Contacts of opportunities that are there no more. Only for a run that has seen all of them. */
export async function askForGone(run: Run, context: LocationContext): Promise<void> {
  const { DB } = context.env;
  for (;;) {
    const gone = await unseenOpportunities(DB, run, CHUNK);
    if (gone.length === 0) return;
    await ask(run, [...new Set(gone.map(({ contactId }) => contactId))], context);
    await forgetOpportunities(
      DB,
      run.locationId,
      gone.map(({ id }) => id),
    );
  }
}

async function turned(
  run: Run,
  sweep: NonNullable<Run['sweep']>,
  seen: SeenOpportunity[],
  { env, world }: LocationContext,
): Promise<Run | null> {
  const isOurs = await turnSweep(env.DB, run, sweep, seen, world.now());
  return isOurs ? { ...run, page: run.page + 1, sweep } : null;
}

async function askForChanged(run: Run, seen: SeenOpportunity[], context: LocationContext): Promise<void> {
  if (seen.length > 0) await ask(run, await changedOpportunities(context.env.DB, run.locationId, seen), context);
}

async function ask(run: Run, contactIds: readonly string[], context: LocationContext): Promise<void> {
  if (contactIds.length === 0) return;
  const listed = contactIds.map((id) => ({ id, hash: NO_ROW, concerns: true }));
  await markDiffering(context.env.DB, run, listed, context.world.now());
  await queueContacts(
    contactIds.map((contactId) => ({ contactId })),
    'BackstopOpportunity',
    run,
    context,
  );
}
