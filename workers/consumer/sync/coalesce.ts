// Many hints about one contact are one piece of work.

import type { ContactChanged, Told } from '../../../shared/messages.ts';
import { READ_AGAIN } from '../domain/looks.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import { tagsSay } from '../domain/rules/match.ts';
import { merge, toldBy } from '../domain/told.ts';

/** All that a batch is asked to do for one contact. */
export interface Work {
  contactId: string;
  /** All hints of the batch about this contact, newest last; never empty. */
  events: [ContactChanged, ...ContactChanged[]];
  latest: ContactChanged;
  /** What the webhooks among them say together, in whatever order they came. */
  told: Told;
  /** Some hint matters even if the contact is unknown here. */
  mayMatter: boolean;
  /** Every hint is a fresh snapshot of a contact that no route matches and that may be called. */
  noRuleMatches: boolean;
  /** Index of the route, -1 for none, that every hint shows, where none can say anything else: the contact is new, or its tags have changed. Null elsewhere, where do-not-disturb is set, and where other tags count too. */
  shownRoute: number | null;
  /** Hash of the last search row that made the backstop ask, if nothing else asks. It is remembered once the contact is settled. */
  searchHash: string | null;
  /** Only the backstop asks. */
  byBackstop: boolean;
  /** Only calls that said no ask. */
  byCall: boolean;
  /** It must be read again: see domain/looks.ts. */
  looking: boolean;
  /** Nothing else asks for it. */
  onlyLooking: boolean;
  /** CallTools is also asked what it holds. */
  verify: boolean;
}

/** One work for each contact, in order of first arrival. `everyTag`: CallTools gets all tags. */
export function coalesce(events: readonly ContactChanged[], rules: Rules, everyTag = false): Work[] {
  const byContact = new Map<string, [ContactChanged, ...ContactChanged[]]>();
  for (const event of events) {
    const known = byContact.get(event.contactId);
    if (known) known.push(event);
    else byContact.set(event.contactId, [event]);
  }
  return [...byContact].map(([contactId, group]) => {
    const sorted = group.toSorted((a, b) => a.receivedAt - b.receivedAt) as [ContactChanged, ...ContactChanged[]];
    const latest = sorted.at(-1) ?? sorted[0];
    const byBackstop = sorted.every((event) => event.source === 'backstop');
    return {
      contactId,
      events: sorted,
      latest,
      told: sorted.map((event) => toldBy(event, rules)).reduce(merge),
      mayMatter: sorted.some((event) => mayMatter(event, rules)),
      noRuleMatches: sorted.every((event) => noRuleMatches(event, rules)),
      shownRoute: everyTag || requiresTags(rules) ? null : shownRoute(sorted, rules),
      searchHash: (byBackstop && sorted.findLast(({ searchHash }) => searchHash)?.searchHash) || null,
      byBackstop,
      byCall: sorted.every((event) => event.source === 'call'),
      looking: sorted.some(isLook),
      onlyLooking: sorted.every((event) => isLook(event) && event.told === undefined),
      verify: sorted.some(({ verify }) => verify),
    };
  });
}

function isLook({ source, eventType }: ContactChanged): boolean {
  return source === 'followup' && eventType === READ_AGAIN;
}

/** When the newest of the hints that this one stands for was received, epoch ms. */
export function newestAt({ newestAt: newest, receivedAt }: ContactChanged): number {
  return newest ?? receivedAt;
}

/**
 * Whether the hint matters even if the contact is unknown here. A deletion does, unless by its tags no route matches: the webhook of the
 * creation may come later, while GoHighLevel still shows the contact.
 */
function mayMatter(event: ContactChanged, rules: Rules): boolean {
  const { eventType, snapshot } = event;
  if (eventType === 'ContactDelete') return snapshot === null || sureRoute(rules, snapshot.tags) !== -1;
  return !noRuleMatches(event, rules);
}

function noRuleMatches({ eventType, snapshot }: ContactChanged, rules: Rules): boolean {
  return eventType !== 'ContactDelete' && snapshot !== null && !snapshot.dnd && sureRoute(rules, snapshot.tags) === -1;
}

/** A new contact is as its first read shows it, and of changed tags the webhook names all. */
const SAYS_TAGS_ONLY: readonly string[] = ['ContactCreate', 'ContactTagUpdate'];

function shownRoute(events: readonly ContactChanged[], rules: Rules): number | null {
  const shown = events.map(({ eventType, source, snapshot, told }) =>
    SAYS_TAGS_ONLY.includes(eventType) && source === 'webhook' && snapshot?.dnd === false && told === undefined
      ? sureRoute(rules, snapshot.tags)
      : null,
  );
  const [first = null] = shown;
  return shown.every((one) => one === first) ? first : null;
}

/** Whether who may be placed depends on tags beside those of the routes. */
function requiresTags({ require: { not = {}, ...plain } = {} }: Rules): boolean {
  return [plain, not].some(({ tags, words }) => tags !== undefined || words !== undefined);
}

/** Index of the route by tags alone, -1 for none; null where it depends on more. */
function sureRoute(rules: Rules, tags: readonly string[]): number | null {
  const said = tagsSay(rules, tags);
  return said.sure ? said.priority : null;
}
