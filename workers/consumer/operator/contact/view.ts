// Why is this contact (not) in the dialer: the answer for a person.

import type { Contact, DialerState, HistoryEntry, NotedCall } from '../../../../shared/api/contacts.ts';
import type { Location } from '../../config/locations.ts';
import { vendorPages } from '../../config/vendor-pages.ts';
import type { Hold } from '../../domain/decide.ts';
import { explain, LEFT_OUT, NOTHING, RETRY_OR_FORGET } from '../../domain/explanations.ts';
import { endsOf } from '../../domain/history.ts';
import type { ContactState } from '../../domain/outcome.ts';
import type { CallStory } from '../../store/calls/results.ts';
import type { ContactStory, DialerStory, Story } from '../../store/contact-story.ts';
import type { StoredDeadLetter } from '../../store/dead-letter-list.ts';
import type { ContactKey } from '../../store/forget.ts';
import type { LabelRow } from '../../store/labels.ts';
import type { AuditRow } from '../../store/operator-orders.ts';
import { iso } from '../answer.ts';
import { viewDeadLetter } from '../dead-letter-view.ts';
import { sentenceOf } from './sentence.ts';
import { timelineOf } from './timeline.ts';

const STATES: Record<ContactState, string> = {
  pending: 'Not in the dialer yet: its first work is not done.',
  placed: 'In the dialer.',
  kept_out: 'Kept out of the dialer.',
  failed: 'It could not be brought into line: what CallTools holds may be out of date.',
};

/** All that is stored about a contact. */
export interface Known {
  story: Story;
  letters: StoredDeadLetter[];
  /** What operators did with it, newest first. */
  actions: AuditRow[];
}

/** `location` is the contact's; `now` is epoch ms. */
export function viewContact(
  { locationId, contactId }: ContactKey,
  { story, letters, actions }: Known,
  location: Location | undefined,
  now: number,
): Contact {
  const { contact, dialer, samePhone, sameCallToolsContact, doubled, calls } = story;
  const callToolsId = dialer.find(({ calltools_id }) => calltools_id !== null)?.calltools_id ?? null;
  return {
    contact_id: contactId,
    location_id: locationId,
    sentence: sentenceOf(story, location?.kind === 'ready' ? location.settings.rules : null),
    links: vendorPages(location, contactId, callToolsId),
    timeline: timelineOf({ story, letters, actions }),
    ...(contact ? viewKnown(contact, leftOutOf(contactId, dialer), letters, now) : UNKNOWN),
    calltools_id: callToolsId,
    dialer: dialer.map(viewDialer),
    same_phone: samePhone,
    same_calltools_contact: sameCallToolsContact,
    duplicate_labels: dialer.some(({ calltools_id }) => calltools_id !== null) ? doubled.map(viewDoubled) : [],
    dead_letters: letters.map(viewDeadLetter),
    calls: calls.map((call) => viewCall(call, dialer)),
  };
}

/** Only its dead letters are known. */
const UNKNOWN = {
  state: 'unknown',
  reason: null,
  explanation: 'A hint about this contact ended as a dead letter before any work on it was done.',
  what_to_do: 'See dead_letters.',
} as const;

/** What is missing of this contact's data, where CallTools shows it and not another contact with its number. */
export function leftOutOf(contactId: string, dialer: DialerStory[]): string[] {
  const shown = dialer.find(({ contact_id, present }) => present === 1 && contact_id === contactId);
  return shown?.left_out ? (JSON.parse(shown.left_out) as string[]) : [];
}

/** Reasons that one condition of the rules explains. */
const CONDITIONAL: readonly string[] = ['not_permitted', 'rule_in_doubt'];

function viewKnown(contact: ContactStory, left_out: string[], letters: StoredDeadLetter[], now: number) {
  const { state, reason, route, intent, attempts, error } = contact;
  const { what, todo } = explain(reason);
  const condition = CONDITIONAL.includes(reason) ? error : null;
  const advice = left_out.length > 0 ? `${todo === NOTHING ? '' : `${todo} `}${LEFT_OUT.todo}` : todo;
  const lettered = state !== 'failed' || letters.some(({ status }) => status === 'waiting');
  return {
    state,
    reason,
    explanation: [
      STATES[state as ContactState],
      what,
      condition && `The condition: ${condition}.`,
      lacks(left_out),
      condition === null ? retried(contact) : null,
      lookedAt(contact),
    ]
      .filter(Boolean)
      .join(' '),
    what_to_do: lettered ? advice : `${advice} No dead letter waits for it any more. ${RETRY_OR_FORGET}`,
    left_out,
    route,
    wish: intent,
    attempts,
    condition,
    error: condition === null ? error : null,
    lease: contact.lease_until > now ? { until: iso(contact.lease_until) } : null,
    read_at: iso(contact.read_at),
    read_again_at: iso(contact.look_at),
    created_at: iso(contact.created_at),
    updated_at: iso(contact.updated_at),
    history: historyOf(contact.history),
  };
}

function lacks(fields: string[]): string | null {
  return fields.length > 0 ? `${LEFT_OUT.what} ${fields.join(', ')}.` : null;
}

/** An error of a contact that has not failed for good. */
function retried({ state, error, attempts }: ContactStory): string | null {
  return state === 'failed' || error === null
    ? null
    : `The last ${attempts} tries failed (see error); it is tried again.`;
}

/** A read was too early, or could not be judged. */
function lookedAt({ look_at }: ContactStory): string | null {
  return look_at === null
    ? null
    : 'It is read again soon: a webhook tells more than GoHighLevel’s API shows yet, or a list that the rules need could not be read.';
}

function viewDialer({ contact_id, calltools_id, held, verified_at, hold, present }: DialerStory): DialerState {
  return {
    number: present === 1 ? 'present' : 'earlier',
    calltools_id,
    in_a_bucket: held === 1,
    shows_contact_id: contact_id,
    verified_at: iso(verified_at),
    hold: hold === null ? null : viewHold(JSON.parse(hold) as Hold),
  };
}

function viewHold({ reason, route, at }: Hold) {
  return { reason, route, since: iso(at) };
}

/** A later call that says no holds the numbers anew, and the earlier ones with it. */
function viewCall(
  { disposition, calledAt, seenAt, hold, heldAt, writes }: CallStory,
  dialer: DialerStory[],
): NotedCall {
  return {
    disposition: disposition === '' ? null : disposition,
    called_at: iso(calledAt),
    seen_at: iso(seenAt),
    hold,
    held_at: iso(heldAt),
    released: heldAt !== null && dialer.length > 0 && !dialer.some((number) => isHeldSince(number, heldAt)),
    writes: writes.map(({ step, state, at }) => ({ step, state: state === 'sent' ? 'waiting' : state, at: iso(at) })),
  };
}

function isHeldSince({ hold }: DialerStory, at: number): boolean {
  const { reason, at: since } = hold === null ? { reason: null, at: 0 } : (JSON.parse(hold) as Hold);
  return reason === 'said_no' && since >= at;
}

/** Buckets or tags of one name: contacts are put into `used_id`, and taken out of all of them. */
function viewDoubled({ kind, name, callToolsId, otherIds }: LabelRow) {
  return { kind, name, used_id: callToolsId, other_ids: otherIds };
}

/** Newest first. */
function historyOf(history: string): HistoryEntry[] {
  return endsOf(history).map(({ at, outcome, reason, eventId, source }) => ({
    at: iso(at),
    outcome,
    reason,
    source,
    event_id: eventId,
  }));
}
