// Every reason that a contact or a dead letter can carry, in plain English, with what a person can do about it.

import type { Reason } from './decide.ts';
import type { ContactCode } from './failure.ts';

/** Why a write to GoHighLevel that a call has caused is a dead letter. The contact itself is not failed. */
export const WRITE_FAILURES = ['write_refused', 'write_failed', 'write_unconfirmed'] as const;
export type WriteFailure = (typeof WRITE_FAILURES)[number];

/** Why something is a dead letter; a failed contact carries the same code. */
export type FailureReason =
  | ContactCode
  | WriteFailure
  | 'exhausted' // attempts spent while the vendors were well
  | 'other_location' // a hint about a contact of a location that is not, or no longer, in the settings
  | 'retries_exhausted' // the platform gave up delivering a hint to the consumer
  | 'unreadable_webhook' // authentic, but its body is of no known form
  | 'unreadable_message' // a queue message that this build cannot read
  | 'backstop_page_failed'; // the platform gave up delivering a page of a backstop run

/** Why a contact is where it is; `received` until the first work on it is done. */
export type PlaceReason = Reason | 'received';

/** `what` happened, and what to do about it (`todo`): whole sentences for a person. */
export interface Explanation {
  what: string;
  todo: string;
}

/** What to do where nothing needs to be done. */
export const NOTHING = 'Nothing to do.';

/** Why a contact is where it is. docs/troubleshooting.md lists these word for word. */
export const PLACES: Record<PlaceReason, Explanation> = {
  received: {
    what: 'A first hint about this contact has arrived, and has not been processed yet.',
    todo: 'Wait a minute. If it stays like this, the check-up says what is wrong.',
  },
  placed: { what: 'A route gives this contact a bucket, and CallTools holds it there.', todo: NOTHING },
  route: {
    what: 'The first route that matches it keeps it out of the dialer (its bucket is null).',
    todo: 'If it should be dialed, change in GoHighLevel what the route asks for, such as the tag, or change the rules (rules.jsonc, or SYNC_RULES).',
  },
  no_route: {
    what: 'No route matches it, so the dialer does not hold it.',
    todo: 'If it should be dialed, give it in GoHighLevel what a route asks for, such as the tag, or add a route to the rules (rules.jsonc, or SYNC_RULES). The tester of the rules says what each route asks for that it does not have.',
  },
  not_permitted: {
    what: 'A route would place it, but it does not meet what "require" in the rules asks of everybody who is dialed.',
    todo: 'Look at the condition that is named. If the person may be called, enter what is missing in GoHighLevel. If it is there, the check-up says whether GoHighLevel has the field that the rules name.',
  },
  rule_in_doubt: {
    what: 'A route might place it, but a value that the route asks for cannot be read, and doubt means that it is not dialed.',
    todo: 'Look at the condition that is named. Correct the value in GoHighLevel, or the condition in the rules. The check-up says whether the accounts have what the rules name.',
  },
  no_phone: {
    what: 'GoHighLevel has no usable phone number for it.',
    todo: 'Enter a valid number in GoHighLevel. Numbers without a country code are read as numbers of DEFAULT_COUNTRY.',
  },
  dnd: {
    what: 'It asked not to be called: DND is on in GoHighLevel, for all channels or for calls, or its state is unclear.',
    todo: 'Leave it, unless DND is set by mistake: then switch it off in GoHighLevel, and do-not-contact in CallTools by hand.',
  },
  deleted: { what: 'It no longer exists in GoHighLevel: deleted, or merged into another contact.', todo: NOTHING },
  shared_phone: {
    what: 'Another contact in GoHighLevel has the same phone number, and CallTools keeps one contact a number: the other one decides.',
    todo: 'Look at the other contact (same_phone). Merge the two in GoHighLevel if they are one person.',
  },
  shared_contact: {
    what: 'CallTools has one contact that carries this number and another contact’s number, so both are dialed or neither: the other one decides.',
    todo: 'Look at the other contact (same_calltools_contact). If they are two people, give each number a CallTools contact of its own.',
  },
  webhook_said_out: {
    what: 'A webhook says that it must not be dialed (deleted, DND, its tags or an opportunity), and GoHighLevel’s API does not show that yet: it is kept out, and read again within minutes.',
    todo: 'Wait three minutes. If it stays like this, check the contact again, or start a sync.',
  },
  do_not_contact_set: {
    what: 'It is in its bucket, but CallTools has do-not-contact set on it, so it is not dialed. The pipeline never clears that.',
    todo: 'If the person may be called again, clear do-not-contact in CallTools by hand.',
  },
  held_by_brake: {
    what: 'It is new for CallTools, and MAX_NEW_PLACEMENTS new ones had been placed within the hour: it is held back until somebody confirms it.',
    todo: 'If the new contacts should be dialed, confirm them on the dashboard’s first page (Place them), or with npm run place. If not, correct the rules or the contacts.',
  },
  taken_out_in_calltools: {
    what: 'After a call it was taken out of its bucket in CallTools, by an agent, a manager or an automation. It stays out until it has another route.',
    todo: 'If the person may be called again, place the contact again (Place again in the dashboard, or npm run place).',
  },
  said_no: {
    what: 'The person said no in a call: its disposition keeps the person out of the dialer, by CALL_RESULTS or because CallTools marks it as do-not-contact. It stays out until it has another route.',
    todo: 'If the person may be called again, place the contact again (Place again in the dashboard, or npm run place). That clears no do-not-contact in CallTools.',
  },
};

/** Why a contact or a message has failed. docs/troubleshooting.md lists these word for word. */
export const FAILURES: Record<FailureReason, Explanation> = {
  refused: {
    what: 'The vendor refuses this one record while it serves others. The error names the call.',
    todo: 'If GoHighLevel says that the token has no access, the contact belongs to another sub-account: discard the letter. Otherwise check in the vendor’s system what is special about the record or about the rights of the key’s user, then retry. CallTools may hold old data until then: if the person must not be dialed, take it out of its bucket by hand.',
  },
  rejected: {
    what: 'The vendor refused the data; the error names the field.',
    todo: 'Correct that field of the contact in GoHighLevel (or the setting that names it), then retry. If it is do_not_contact or a change of tags, check what the key’s user may change in CallTools.',
  },
  unexpected_response: {
    what: 'A vendor’s answer about this contact has a field, or a duplicate, that cannot be understood.',
    todo: 'Retry once. If it comes back, compare the error with the vendor’s API documentation: the API may have changed.',
  },
  wrong_location: {
    what: 'GoHighLevel returned this contact, but as one of another location.',
    todo: 'If it is the only one, a webhook has named a contact of another sub-account: discard the letter. If there are many, the token is not of this location: give the location a Private Integration token of its own, then retry.',
  },
  phone_not_attached: {
    what: 'CallTools stored the contact without its phone number, so it cannot be dialed.',
    todo: 'Set CALLTOOLS_PHONE_FIELD to the phone field of your CallTools account, deploy, then retry.',
  },
  membership_not_applied: {
    what: 'CallTools did not carry out a change of bucket or tag, even after a repair.',
    todo: 'Check in CallTools that the bucket is active and that the API user may change it, then retry.',
  },
  dnc_not_applied: {
    what: 'CallTools accepted do-not-contact, but the contact does not carry it: it might be dialed.',
    todo: 'Set do-not-contact in CallTools by hand now, check the API user’s role, then retry.',
  },
  lookup_unsupported: {
    what: 'An earlier write may have created this contact, and this CallTools account cannot be searched by phone.',
    todo: 'Check by hand that CallTools has the number once, then retry. If your account merges duplicates by phone, set CALLTOOLS_PHONE_LOOKUP to off.',
  },
  untraceable: {
    what: 'An earlier write may have created a contact in CallTools whose number is no longer known here: it might be dialed, or not be marked.',
    todo: 'Look for the person by name in CallTools and take it out of its bucket by hand. Mark it do-not-contact if the person asked for that. Then retry.',
  },
  write_refused: {
    what: 'GoHighLevel refuses to write what a call has caused (CALL_RESULTS) to this contact. The error begins with what was to be written: tags, dnd, workflow or note.',
    todo: 'For a workflow, check that CALL_RESULTS names one of this location that is published. Otherwise the error says what is wrong. Correct it, deploy, then retry; or write it by hand and discard the letter. The dialer is not concerned: who said no is out of it.',
  },
  write_failed: {
    what: 'Every attempt to write to GoHighLevel what a call has caused (CALL_RESULTS) failed, while GoHighLevel served others.',
    todo: 'Retry. If it comes back, the error shows which call fails. The dialer is not concerned: who said no is out of it.',
  },
  write_unconfirmed: {
    what: 'GoHighLevel did not answer, or gave an answer that says nothing, when a workflow was started or a note was written because of a call. It may have been done, and a second try would do it again.',
    todo: 'Look at the contact in GoHighLevel. If the workflow has started, or the note is there, discard the letter. Otherwise retry.',
  },
  exhausted: {
    what: 'Every attempt failed (timeouts, 5xx, an answer of no known form) while the vendor served others.',
    todo: 'Retry. If it comes back, the error shows which call fails.',
  },
  other_location: {
    what: 'The hint is about a contact of a location that the settings of the consumer do not name.',
    todo: 'Set GHL_LOCATION_ID and LOCATIONS to the same values for both workers, deploy, then retry. Or discard it.',
  },
  retries_exhausted: {
    what: 'The queue delivered this hint again and again, and the consumer never finished processing it.',
    todo: 'Look in the consumer’s log for crashes or exceeded limits, then retry.',
  },
  unreadable_webhook: {
    what: 'An authentic webhook whose body could not be read; only its structure is kept.',
    todo: 'Correct the sender. Then retry a letter that names its contact, and discard one that does not: the next backstop run finds the contact.',
  },
  unreadable_message: {
    what: 'A queue message that this version cannot read, as after going back to an older version; only its shape is kept.',
    todo: 'Deploy the newer version again. Then retry a letter that names its contact. If one names none, start a sync, and discard the letter.',
  },
  backstop_page_failed: {
    what: 'The queue gave up on a page of a backstop run.',
    todo: 'Nothing to retry: a stalled run is resumed by itself. See how the sync ended, then discard this letter.',
  },
};

/** Of a contact in the dialer that lacks fields; their names follow `what`. */
export const LEFT_OUT: Explanation = {
  what: 'CallTools refused the values of these fields, so it was placed without them:',
  todo: 'Correct the values in GoHighLevel, the type or choices of the fields in CallTools, or "as" in FIELD_MAP. The contact’s page names the fields, and npm run fields -- --contact ID shows each value. All fields are tried again when the contact changes, and when the nightly sync verifies it.',
};

/** What can be done about a failed contact without a dead letter. */
export const RETRY_OR_FORGET =
  'To try a contact again, retry it on its page in the dashboard (or npm run replay -- --contact ID). To give a person up, delete the contact in GoHighLevel, then forget it there (or npm run forget -- ID).';

/** What a reason means. Reasons of other versions are said to be unknown. */
export function explain(reason: string): Explanation {
  if (isKey(PLACES, reason)) return PLACES[reason];
  if (isKey(FAILURES, reason)) return FAILURES[reason];
  return {
    what: `This version does not know the reason ${reason}.`,
    todo: 'See docs/troubleshooting.md of the version that wrote it.',
  };
}

function isKey<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key);
}
