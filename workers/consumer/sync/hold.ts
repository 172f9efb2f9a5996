// A number that is kept out although a route would place it, and for how long.

import type { ContactChanged } from '../../../shared/messages.ts';
import { ECHO_MS } from '../domain/calls/writes.ts';
import type { Combined, Decision, Hold, PhoneIntent, Reason } from '../domain/decide.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import { isHint } from '../domain/told.ts';
import type { ContactRow, DialerRow } from '../store/claim.ts';
import type { Task } from './work.ts';

/** Reasons that do not show a route of the contact's own. */
const NOT_SEEN: readonly Reason[] = ['deleted', 'webhook_said_out', 'rule_in_doubt'];

/** The webhook that is sent only where tags have changed. A workflow action is sent for what its owner has chosen. */
const TAGS_CHANGED = 'ContactTagUpdate';

/** Clocks of two machines differ by less than this. */
const SKEW_MS = 5000;

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
 * seen with another route or with none. A deletion, do-not-disturb, a route in doubt and a new number do not end it: the hold goes along
 * to the new number. A route that SYNC_RULES no longer has says nothing about GoHighLevel: its successor is held too. Where a call said no, only a
 * change that came later ends the hold; with any other the number is held under its new route.
 */
export function holdAfter(inputs: HoldInputs): Hold | null {
  const { row, tasks, dialer } = inputs;
  for (const hold of [row.hold, ...carriedAlong(row, tasks, dialer)]) {
    const after = hold && standing(hold, inputs);
    if (after) return after;
  }
  return null;
}

function standing(hold: Hold, { row, tasks, intents, combined, dialer, rules }: HoldInputs): Hold | null {
  const route = routeOf(combined, rules);
  if (!rules.routes.some(({ name }) => name === hold.route))
    return route === null || tasks.every(({ unasked }) => unasked) ? hold : { ...hold, route };
  if (route !== null && route !== hold.route && !isChangedSince(hold, tasks, dialer)) return { ...hold, route };
  if (route !== null) return route === hold.route ? hold : null;
  const changed = tasks.find(
    ({ decision, work, phoneHash, unasked }) =>
      showsRoute(decision) &&
      !unasked &&
      decision.route !== hold.route &&
      (phoneHash === row.phoneHash || row.contactId === work.contactId),
  );
  const wanted = intents.some(
    ({ intent, priority }) => intent === 'place' && rules.routes[priority]?.name === hold.route,
  );
  if (changed === undefined || wanted) return hold;
  return isChangedSince(hold, tasks, dialer) ? null : { ...hold, route: changed.decision?.route ?? '' };
}

/**
 * Some contact has left its own route for another, no earlier than the person said no. What GoHighLevel told before may be processed only
 * now, or wait for another try. What a run finds, or a webhook that may be about anything, may have happened at any time since the contact
 * was last read. So does a webhook that a tag of ours may have caused. What a webhook told, and no read has shown, was no route of its own.
 * A contact that is gone says nothing of the others with its number, and neither does one that has come to the number since.
 */
function isChangedSince({ reason, at, route }: Hold, tasks: readonly Task[], dialer: HoldInputs['dialer']): boolean {
  if (reason !== 'said_no') return true;
  const isLater = (ms: number) => ms > at + SKEW_MS;
  return tasks.some(
    ({ decision, unasked, row, work }) =>
      showsRoute(decision) &&
      !unasked &&
      decision.route !== route &&
      decision.route !== row.route &&
      !NOT_SEEN.includes(row.reason as Reason) &&
      wasHeld(row, dialer) &&
      row.attempts === 0 &&
      row.state !== 'failed' &&
      (isLater(row.readAt) ||
        (work.events.every((event) => isHint(event) && isLater(timeOf(event)) && !mayBeOurs(event, row)) &&
          work.events.some(({ source, eventType }) => source === 'workflow' || eventType === TAGS_CHANGED))),
  );
}

/** The route of the decision is the contact's own: it was seen, and nothing that cannot be read might make it another. */
function showsRoute(decision: Decision | null): decision is Decision {
  return decision !== null && !NOT_SEEN.includes(decision.reason) && decision.inDoubt !== true;
}

/** The contact had, or was shown under, a number that a call holds. */
function wasHeld({ phoneHash, contactId }: ContactRow, dialer: HoldInputs['dialer']): boolean {
  return [...dialer.values()].some(
    (number) => number.hold?.reason === 'said_no' && (number.phoneHash === phoneHash || number.contactId === contactId),
  );
}

const timeOf = ({ occurredAt, receivedAt }: ContactChanged) => occurredAt ?? receivedAt;

/** A tag that we have written, or a workflow that acts on it, causes such a webhook, whenever the route has changed. */
function mayBeOurs(event: ContactChanged, { tagsWrittenAt: at }: ContactRow): boolean {
  return at !== null && timeOf(event) < at + ECHO_MS;
}

/** What the number's contacts want together, unless it is held back. */
export function heldBack(combined: Combined, hold: Hold | null): Combined {
  if (hold === null || combined.kind === 'out') return combined;
  return { kind: 'out', doNotContact: false, hold: hold.reason };
}

/** The holds on numbers that a contact has left for this one, and the one of a contact that had none. */
function carriedAlong(row: DialerRow, tasks: readonly Task[], dialer: HoldInputs['dialer']): Hold[] {
  const arrived = tasks.filter(
    ({ phoneHash, decision }) => phoneHash === row.phoneHash && decision?.intent === 'place',
  );
  return arrived.flatMap(({ work, row: contact }) => [
    ...(contact.hold ? [contact.hold] : []),
    ...[...dialer.values()].flatMap((other) => {
      const left = other.contactId === work.contactId || other.phoneHash === contact.phoneHash;
      return other !== row && left && other.hold ? [other.hold] : [];
    }),
  ]);
}
