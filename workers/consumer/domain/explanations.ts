// Every reason that a contact or a dead letter can carry, in plain English, with what a person can do about it.

import type { Reason } from './decide.ts';
import type { ContactCode } from './failure.ts';

/** Why something is a dead letter; a failed contact carries the same code. */
export type FailureReason =
  | ContactCode
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

const NOTHING = 'Nothing to do.';

export const PLACES: Record<PlaceReason, Explanation> = {
  received: {
    what: 'A first hint about this contact has arrived; it has not been handled yet.',
    todo: 'Wait a minute. If it stays like this, look at the circuits in GET /sync/stats.',
  },
  placed: { what: 'A route gives this contact a bucket, and CallTools holds it there.', todo: NOTHING },
  route: {
    what: 'The first route that matches its tags keeps it out of the dialer (its bucket is null).',
    todo: 'If it should be dialed, remove the tag in GoHighLevel, or change SYNC_RULES.',
  },
  no_route: {
    what: 'No route matches its tags, so the dialer does not hold it.',
    todo: 'If it should be dialed, give it the tag of a route in GoHighLevel, or add a route to SYNC_RULES.',
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
    what: 'A webhook says that it must not be dialed (deleted, DND, or its tags), and GoHighLevel’s API does not show that yet: it is kept out, and read again within minutes.',
    todo: 'Wait three minutes. If it stays like this, start a run (POST /sync/trigger): it reads the contact again.',
  },
  do_not_contact_set: {
    what: 'It is in its bucket, but CallTools has do-not-contact set on it, so it is not dialed. The pipeline never clears that.',
    todo: 'If the person may be called again, clear do-not-contact in CallTools by hand.',
  },
  taken_out_in_calltools: {
    what: 'After a call it was taken out of its bucket in CallTools, by an agent, a manager or an automation. It stays out until it has another route.',
    todo: 'If the person may be called again: npm run place -- --contact CONTACT_ID, or Place again in the dashboard.',
  },
};

export const FAILURES: Record<FailureReason, Explanation> = {
  refused: {
    what: 'The vendor refuses this one record while it serves others. The error names the call.',
    todo: 'If GoHighLevel says that the token has no access, the contact belongs to another sub-account: discard the letter. Otherwise check in the vendor’s system what is special about the record or about the rights of the key’s user, then replay. CallTools may hold old data until then: if the person must not be dialed, take it out of its bucket by hand.',
  },
  rejected: {
    what: 'The vendor refused the data; the error names the field.',
    todo: 'Correct that field of the contact in GoHighLevel (or the setting that names it), then replay.',
  },
  unexpected_response: {
    what: 'A vendor’s answer about this contact has a field, or a duplicate, that cannot be understood.',
    todo: 'Replay once. If it comes back, compare the error with the vendor’s API documentation: the API may have changed.',
  },
  wrong_location: {
    what: 'GoHighLevel returned this contact, but as one of another location.',
    todo: 'If it is the only one, a webhook has named a contact of another sub-account: discard the letter. If there are many, the token is not of this location: give the location a Private Integration token of its own, then replay.',
  },
  phone_not_attached: {
    what: 'CallTools stored the contact without its phone number, so it cannot be dialed.',
    todo: 'Set CALLTOOLS_PHONE_FIELD to the phone field of your CallTools account, deploy, then replay.',
  },
  membership_not_applied: {
    what: 'CallTools accepted the change of bucket or tag, but did not carry it out, even after a repair.',
    todo: 'Check in CallTools that the bucket is active and that the API user may change it, then replay.',
  },
  dnc_not_applied: {
    what: 'CallTools accepted do-not-contact, but the contact does not carry it: it might be dialed.',
    todo: 'Set do-not-contact in CallTools by hand now, check the API user’s role, then replay.',
  },
  lookup_unsupported: {
    what: 'An earlier write may have created this contact, and this CallTools account cannot be searched by phone.',
    todo: 'Check by hand that CallTools has the number once, then replay. If your account merges duplicates by phone, set CALLTOOLS_PHONE_LOOKUP to off.',
  },
  untraceable: {
    what: 'An earlier write may have created a contact in CallTools whose number is no longer known here: it might be dialed.',
    todo: 'Look for the person by name in CallTools and take it out of its bucket by hand, then replay.',
  },
  exhausted: {
    what: 'Every attempt failed (timeouts, 5xx, an answer that is of no known form) while the vendor served others.',
    todo: 'Replay. If it comes back, the error shows which call fails.',
  },
  other_location: {
    what: 'The hint is about a contact of a location that the settings of the consumer do not name.',
    todo: 'Set GHL_LOCATION_ID and LOCATIONS to the same for both workers, deploy, then replay; or discard it.',
  },
  retries_exhausted: {
    what: 'The queue delivered this hint again and again, and the consumer never finished with it.',
    todo: 'Look in the consumer’s log for crashes or exceeded limits, then replay.',
  },
  unreadable_webhook: {
    what: 'An authentic webhook whose body could not be read; only its structure is kept.',
    todo: 'Correct the sender. A letter that names its contact can be replayed; otherwise the next backstop run finds the contact.',
  },
  unreadable_message: {
    what: 'A queue message that this version cannot read, as after going back to an older version; only its shape is kept.',
    todo: 'Deploy the newer version again. A letter that names its contact can be replayed; otherwise start a run: POST /sync/trigger.',
  },
  backstop_page_failed: {
    what: 'The queue gave up on a page of a backstop run.',
    todo: 'Nothing to replay: a run that stands still is resumed by itself. See GET /sync/runs, then discard this letter.',
  },
};

/** What can be done about a failed contact without a dead letter. */
export const RETRY_OR_FORGET =
  'To try a contact again: npm run replay -- --contact ID, or Retry in its story in the dashboard. To give a person up: delete the contact in GoHighLevel, then npm run forget -- ID.';

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

export const CHECKS = {
  settings: {
    what: 'The consumer’s settings and rules are there and valid.',
    todo: 'Correct the setting that is named (wrangler.consumer.jsonc, or a secret), and deploy.',
  },
  secrets: {
    what: 'GHL_API_KEY and CALLTOOLS_API_KEY are set.',
    todo: 'Set what is missing: npm run setup, or npx wrangler secret put NAME -c wrangler.consumer.jsonc.',
  },
  ingest: {
    what: 'Ingest takes webhooks of this location.',
    todo: 'Set GHL_LOCATION_ID to the same location in wrangler.ingest.jsonc and wrangler.consumer.jsonc, and deploy both.',
  },
  'ghl-host': {
    what: 'GoHighLevel’s API answers at GHL_API_BASE_URL.',
    todo: 'Take GHL_API_BASE_URL and GHL_API_VERSION out of the settings, so that the defaults count. If they do, GoHighLevel is down: work waits, and goes on by itself.',
  },
  'ghl-token': {
    what: 'GoHighLevel knows GHL_API_KEY, and it may read contacts.',
    todo: 'Make a Private Integration token in the sub-account itself (not the agency) with the scope contacts.readonly, and set it: npm run setup -- --new GHL_API_KEY.',
  },
  'ghl-location': {
    what: 'The token is of the location GHL_LOCATION_ID.',
    todo: 'Set GHL_LOCATION_ID for both workers to the location in which the token was made (or make the token in that location), and deploy.',
  },
  'ghl-rate-limit': {
    what: 'GoHighLevel’s rate limit leaves room.',
    todo: 'Nothing, if it is a busy hour: work waits for the limit. If it stays low, another program uses the same location’s limit.',
  },
  'calltools-host': {
    what: 'CallTools answers at CALLTOOLS_BASE_URL, and that is a silo that CallTools lists.',
    todo: 'Log in to CallTools and take the host from the address bar, such as https://east-1.calltools.io: set CALLTOOLS_BASE_URL to it, and deploy. If it is right, CallTools is down: work waits, and goes on by itself.',
  },
  'calltools-token': {
    what: 'This silo knows CALLTOOLS_API_KEY.',
    todo: 'Either the key was revoked, or it is of another silo. Compare CALLTOOLS_BASE_URL with the address bar when you are logged in; if it is right, make a new key (Integrations › API Keys) and set it: npm run setup -- --new CALLTOOLS_API_KEY.',
  },
  'calltools-rights': {
    what: 'The key’s role may read what the pipeline reads: contacts, buckets, tags, memberships, phone numbers.',
    todo: 'Give the role of the key’s user the right to read what is named, and to create and change contacts and buckets.',
  },
  'calltools-phone-field': {
    what: 'CALLTOOLS_PHONE_FIELD is a field of this account’s contacts.',
    todo: 'Set CALLTOOLS_PHONE_FIELD to one of the fields named, and deploy. With a wrong one contacts arrive without a phone, and nobody is dialed.',
  },
  'calltools-email-field': {
    what: 'CALLTOOLS_EMAIL_FIELD is a field of this account’s contacts.',
    todo: 'Set CALLTOOLS_EMAIL_FIELD to one of the fields named, and deploy. CallTools drops what it does not know, without a word.',
  },
  'calltools-external-id-field': {
    what: 'CALLTOOLS_EXTERNAL_ID_FIELD, if set, is a field of this account’s contacts.',
    todo: 'Make a text field of that name in CallTools, or take the setting out.',
  },
  'calltools-phone-filter': {
    what: 'CallTools can be searched by phone: an impossible number finds nobody, and the number of a contact finds it.',
    todo: 'Set CALLTOOLS_PHONE_LOOKUP to what is named. Where neither search works, set it to off only if your account merges duplicates by phone (ask CallTools): otherwise people would be in the dialer twice.',
  },
  'calltools-bucket': {
    what: 'CallTools has the bucket of each route, and one bucket of that name.',
    todo: 'Make the bucket in CallTools and let a campaign draw from it, or correct its name in SYNC_RULES. The pipeline would make it with the next contact, but no campaign would draw from it. If several buckets have one name, contacts are put into one and taken out of all: rename or delete the others.',
  },
  'calltools-tag': {
    what: 'CallTools has the tag of each route that names one, and one tag of that name.',
    todo: 'Make the tag in CallTools, or correct calltoolsTag in SYNC_RULES. The pipeline makes it with the next contact; a live filter must then be told of it. If several tags have one name, contacts get one and lose all others: rename or delete those.',
  },
  membership: {
    what: 'A contact that you name (--contact) leaves its bucket and comes back, both read back. It is not dialed in between.',
    todo: 'Check that the bucket is active and that the key’s role may change it; GET /contacts/:id says how the contact stands.',
  },
  database: {
    what: 'The database has all tables of this version.',
    todo: 'Run npm run setup, or npx wrangler d1 migrations apply contact-pipeline --remote -c wrangler.consumer.jsonc.',
  },
  queues: {
    what: 'The queues are bound, and their oldest message is young.',
    todo: 'If a vendor is down (see circuits), it goes on by itself. Otherwise look in the consumer’s log, and deploy both workers again: npm run setup.',
  },
  outbox: {
    what: 'Nothing waits in the outbox, where messages go that a queue would not take.',
    todo: 'It is drained each minute. If it does not empty, the queue is down or the consumer’s cron does not run: look in the Cloudflare dashboard, and deploy the consumer again.',
  },
  webhooks: {
    what: 'Webhooks arrive: the last one is no older than a day.',
    todo: 'Compare webhook address and events in GoHighLevel with docs/configuration.md (Connect GoHighLevel), and look whether it has paused them. The nightly run finds what was missed.',
  },
  'dead-letters': {
    what: 'No dead letter waits, and no contact is failed.',
    todo: 'npm run replay -- --list says why each waits and what to do. npm run replay -- --contact ID tries a failed contact without a dead letter again.',
  },
  circuits: {
    what: 'No vendor is down or refuses our calls.',
    todo: 'Do what is named where a vendor refuses our calls. Where one is down or busy, nothing: work goes on by itself within minutes after that has passed.',
  },
  backstop: {
    what: 'The last complete comparison of the whole contact list is no older than 30 hours.',
    todo: 'Start one: POST /sync/trigger; GET /sync/runs says what became of it. If none starts by itself at night, deploy the consumer again.',
  },
} as const satisfies Record<string, Explanation>;

export type CheckCode = keyof typeof CHECKS;

/** `what` stands, `todo` about it, and what is said once it is `over`. Listed word for word in docs/operations.md. */
export const CONDITIONS = {
  settings: {
    what: 'A setting is faulty: the work of its location waits.',
    todo: 'Correct it and deploy.',
    over: 'The settings are valid.',
  },
  'circuit-gohighlevel': {
    what: 'GoHighLevel refuses our calls, or is down: contacts wait, and none is lost.',
    todo: 'The message says which, since when, how many wait, and what to check. Nothing needs to be done where it is down.',
    over: 'GoHighLevel works again.',
  },
  'circuit-calltools': {
    what: 'CallTools refuses our calls, or is down: contacts wait, and none is lost.',
    todo: 'The message says which, since when, how many wait, and what to check. Nothing needs to be done where it is down.',
    over: 'CallTools works again.',
  },
  'dead-letters': {
    what: 'New dead letters: contacts that could not be brought into line.',
    todo: 'npm run replay -- --list says why each waits, and what to do. npm run replay -- --contact ID tries a failed contact without a dead letter again.',
    over: 'No dead letter waits, and no contact is failed.',
  },
  backstop: {
    what: 'The comparison of the whole contact list is incomplete, or has not been completed for 30 hours.',
    todo: 'See GET /sync/runs; start one with POST /sync/trigger.',
    over: 'The whole contact list has been compared.',
  },
  drift: {
    what: 'The last run had to repair more contacts than ALERT_DRIFT_OVER.',
    todo: 'Expected after a change of SYNC_RULES or an outage; otherwise webhooks are being missed, or people change contacts in CallTools by hand.',
    over: 'The last run had little to repair.',
  },
  signatures: {
    what: 'Requests are refused: webhooks that are unsigned, wrongly signed or stale, or a wrong ADMIN_TOKEN.',
    todo: 'After a change of secret set GHL_WEBHOOK_SECRET (or GHL_WORKFLOW_TOKEN) to the sender’s. Otherwise somebody is probing or guessing, which does no harm.',
    over: 'No more requests are refused.',
  },
  webhooks: {
    what: 'Webhooks have stopped: none for ALERT_QUIET_HOURS, and the backstop finds changes that nobody told of.',
    todo: 'Look in GoHighLevel whether deliveries are paused (it does that below 90 % success) or the subscription is gone; the nightly run finds what is missed.',
    over: 'Webhooks arrive again, or the last run found no change that one could have told of.',
  },
  outbox: {
    what: 'The outbox does not empty: the queue takes no messages. Nothing is lost, but work is late.',
    todo: 'Look at Cloudflare’s status page and the consumer’s log (outbox.send_failed).',
    over: 'The outbox is empty.',
  },
} as const;

export type Condition = keyof typeof CONDITIONS;
