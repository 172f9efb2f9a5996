// A number that is kept out although a route would place it, and for how long.

import type { Combined, Hold, PhoneIntent, Reason } from '../domain/decide.ts';
import type { Rules } from '../domain/rules.ts';
import type { DialerRow } from '../store/claim.ts';
import type { Task } from './work.ts';

/** Reasons that do not come from a look at the contact's tags. */
const NOT_SEEN: readonly Reason[] = ['deleted', 'webhook_said_out'];

/** What `holdAfter` needs to know of a number. */
interface HoldInputs {
  row: DialerRow;
  /** Contacts in hand that have or had the number. */
  tasks: readonly Task[];
  /** Of all contacts with the number. */
  intents: readonly PhoneIntent[];
  combined: Combined;
  /** All numbers in hand. */
  dialer: ReadonlyMap<string, DialerRow>;
  rules: Rules;
}

/** Name of the route that places the number; null where nobody wants it placed. */
export function routeOf(combined: Combined, { routes }: Rules): string | null {
  return combined.kind === 'place' ? (routes[combined.priority]?.name ?? null) : null;
}

/**
 * The hold on a number, once the contacts in hand have been read. It ends when another route places the number, or when its contact is
 * seen with another route or with none. A deletion, do-not-disturb and a new number do not end it: the hold goes along to the new
 * number. A route that SYNC_RULES no longer has says nothing about GoHighLevel: its successor is held too.
 */
export function holdAfter({ row, tasks, intents, combined, dialer, rules }: HoldInputs): Hold | null {
  const hold = row.hold ?? carriedAlong(row, tasks, dialer);
  if (hold === null) return null;
  const route = routeOf(combined, rules);
  if (!rules.routes.some(({ name }) => name === hold.route)) return route === null ? hold : { ...hold, route };
  if (route !== null) return route === hold.route ? hold : null;
  const changed = tasks.some(
    ({ decision, work, phoneHash }) =>
      decision !== null &&
      !NOT_SEEN.includes(decision.reason) &&
      decision.route !== hold.route &&
      (phoneHash === row.phoneHash || row.contactId === work.contactId),
  );
  const wanted = intents.some(
    ({ intent, priority }) => intent === 'place' && rules.routes[priority]?.name === hold.route,
  );
  return changed && !wanted ? null : hold;
}

/** What the number's contacts want together, unless it is held back. */
export function heldBack(combined: Combined, hold: Hold | null): Combined {
  if (hold === null || combined.kind === 'out') return combined;
  return { kind: 'out', doNotContact: false, hold: hold.reason };
}

/** The hold on a number that a contact has left for this one. */
function carriedAlong(row: DialerRow, tasks: readonly Task[], dialer: HoldInputs['dialer']): Hold | null {
  const arrived = tasks.filter(
    ({ phoneHash, decision }) => phoneHash === row.phoneHash && decision?.intent === 'place',
  );
  for (const { work, row: contact } of arrived)
    for (const other of dialer.values())
      if (other !== row && (other.contactId === work.contactId || other.phoneHash === contact.phoneHash) && other.hold)
        return other.hold;
  return null;
}
