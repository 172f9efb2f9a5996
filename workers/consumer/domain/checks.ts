// Every check of the doctor, and every condition of an alert, in plain English, with what a person can do about it.

import type { Explanation } from './explanations.ts';

/** `what` should be, and what to do where it is not (`todo`). docs/troubleshooting.md lists them word for word. */
export const CHECKS = {
  settings: {
    what: 'The consumer’s settings and rules are there and valid.',
    todo: 'Correct what is named (in rules.jsonc, wrangler.consumer.jsonc, or a secret), and deploy. Until then the work waits, and none is lost. Then it goes on by itself within minutes.',
  },
  routes: {
    what: 'Every route of the rules can match somebody, and every state and country that they name is known.',
    todo: 'Put the route that is named before the one that takes its contacts, or remove it, or correct what it asks for (docs/rules.md).',
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
    todo: 'Remove GHL_API_BASE_URL and GHL_API_VERSION from the settings, so that the defaults apply. If they do already, GoHighLevel is down: work waits, and goes on by itself.',
  },
  'ghl-token': {
    what: 'GoHighLevel knows GHL_API_KEY, and it may read contacts.',
    todo: 'Create a Private Integration token in the sub-account itself (not the agency) with the scope contacts.readonly, and set it: npm run setup -- --new GHL_API_KEY.',
  },
  'ghl-location': {
    what: 'The token belongs to the location GHL_LOCATION_ID.',
    todo: 'Set GHL_LOCATION_ID for both workers to the location in which the token was created (or create a token in that location), and deploy.',
  },
  'ghl-rate-limit': {
    what: 'GoHighLevel’s rate limit leaves room.',
    todo: 'Nothing, if it is a busy hour: work waits for the limit. If it stays low, another program uses the same location’s limit.',
  },
  'calltools-host': {
    what: 'CallTools answers at CALLTOOLS_BASE_URL, and that is a silo that CallTools lists.',
    todo: 'Log in to CallTools, copy the host from the address bar, such as https://east-1.calltools.io, set CALLTOOLS_BASE_URL to it, and deploy. If it is right already, CallTools is down: work waits, and goes on by itself.',
  },
  'calltools-token': {
    what: 'This silo knows CALLTOOLS_API_KEY.',
    todo: 'Either the key was revoked, or it belongs to another silo. Compare CALLTOOLS_BASE_URL with the address bar when you are logged in. If it is right, create a new key (Integrations › API Keys) and set it: npm run setup -- --new CALLTOOLS_API_KEY.',
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
    todo: 'Set CALLTOOLS_EMAIL_FIELD to one of the fields named, and deploy. CallTools ignores fields that it does not know, and reports no error.',
  },
  'calltools-external-id-field': {
    what: 'CALLTOOLS_EXTERNAL_ID_FIELD, if set, is a field of this account’s contacts.',
    todo: 'Create a text field of that name in CallTools, or remove the setting.',
  },
  'calltools-phone-filter': {
    what: 'CallTools can be searched by phone: an impossible number finds nobody, and the number of a contact finds it.',
    todo: 'If only a contact is missing to try it with, ask again once there is one. Otherwise set CALLTOOLS_PHONE_LOOKUP to what is named. Where neither search works, set it to off only if your account merges duplicates by phone (ask CallTools): otherwise people would be in the dialer twice.',
  },
  'calltools-bucket': {
    what: 'CallTools has the bucket of each route, and one bucket of that name.',
    todo: 'Create the bucket in CallTools and let a campaign draw from it, or correct its name in the rules. The pipeline would create it with the next contact, but no campaign would draw from it. If several buckets have one name, contacts are put into one and taken out of all: rename or delete the others.',
  },
  'calltools-tag': {
    what: 'CallTools has the tag of each route that names one, and one tag of that name.',
    todo: 'Create the tag in CallTools, or correct calltoolsTag in the rules. The pipeline creates it with the next contact; a live filter must then name it. If several tags have one name, contacts get one and lose all others: rename or delete those.',
  },
  'field-map-calltools': {
    what: 'CallTools has every field that the pipeline fills (FIELD_MAP and the default ones), and their types and choices fit.',
    todo: 'Create what is missing in CallTools, or correct its name, "as" or "default" in FIELD_MAP (docs/fields.md). Nobody waits for it: CallTools drops a field that it does not have, and a value that it refuses is left out.',
  },
  'field-map-gohighlevel': {
    what: 'GoHighLevel has every custom field that FIELD_MAP or the rules name, and lets it be looked up.',
    todo: 'Correct the key, name or id in FIELD_MAP (docs/fields.md) or in the rules (docs/rules.md). If the list may not be read: add the scope locations/customFields.readonly to the Private Integration. Ids work without it.',
  },
  opportunities: {
    what: 'Where a rule asks for opportunities: the token may read them, and GoHighLevel has the pipelines and stages that the rules name.',
    todo: 'Correct the name in the rules, or in GoHighLevel. If the scope is missing: add opportunities.readonly to the Private Integration. Until then nobody is dialed by such a rule.',
  },
  'fields-unfilled': {
    what: 'For information: the fields of the CallTools account that nothing fills.',
    todo: 'Nothing, unless agents should see one of them: then map it in FIELD_MAP (docs/fields.md).',
  },
  'fields-area': {
    what: 'At most one contact in twenty is in the dialer without a state or a zip code.',
    todo: 'Calling hours go by state and zip code: without them a person may be called too early or too late, or not at all. Enter them in GoHighLevel, and ask for them in the forms that bring leads.',
  },
  owners: {
    what: 'Both accounts have the users that OWNERS names.',
    todo: 'Correct the entry in OWNERS. If a list of users may not be read: add the scope users.readonly to the Private Integration, or name users by their ids.',
  },
  'call-results': {
    what: 'CallTools has every disposition that CALL_RESULTS names.',
    todo: 'Correct the name in CALL_RESULTS, as CallTools shows it: until then nothing follows from it. If the list may not be read, or shows no disposition, give the role of the key’s user the right to read call dispositions.',
  },
  'call-record': {
    what: 'The record of calls can be read, the last poll has read it, and CallTools’ list has the dispositions that its rows name.',
    todo: 'Give the role of the key’s user the right to read historical call dispositions and call dispositions. Otherwise do what the failure says. The poll is tried again every minute, and goes on where it stopped.',
  },
  'call-hooks': {
    what: 'Where CallTools is to tell of calls at once: its subscription is there, ingest accepts it, and no delivery failed within a day.',
    todo: 'Run npm run setup -- --call-hooks. Until then nothing is lost: the poll finds every call. If an automation in CallTools sends the notice, no subscription is needed.',
  },
  'call-writes': {
    what: 'GoHighLevel takes the writes that CALL_RESULTS wants: the token has the scope contacts.write.',
    todo: 'Add the scope contacts.write to the Private Integration token of the location. Writes wait until then; a few are tried each minute, and all are done once one succeeds.',
  },
  membership: {
    what: 'A contact that you name (--contact) leaves its bucket and comes back, and both are read back. It is not dialed in between.',
    todo: 'Check that the bucket is active and that the key’s role may change it; GET /contacts/:id says where the contact is.',
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
    what: 'Nothing waits in the outbox, which holds messages that no queue has yet.',
    todo: 'It is drained each minute. If it does not empty, the queue is down or the consumer’s cron does not run: look in the Cloudflare dashboard, and deploy the consumer again.',
  },
  webhooks: {
    what: 'Webhooks arrive: the last one is no older than a day.',
    todo: 'Compare webhook address and events in GoHighLevel with docs/configuration.md (Connect GoHighLevel), and look whether it has paused them. The nightly run finds what was missed.',
  },
  'dead-letters': {
    what: 'No dead letter waits, and no contact is failed.',
    todo: 'Why each waits, and what to do: Needs you in the dashboard, or npm run replay -- --list. To try a failed contact without a dead letter again: Retry there, or npm run replay -- --contact ID.',
  },
  circuits: {
    what: 'No vendor is down or refuses our calls.',
    todo: 'If a vendor refuses our calls, do what is named. If it is down or busy, do nothing: work goes on by itself within minutes after that has passed.',
  },
  backstop: {
    what: 'The last complete comparison of the whole contact list is no older than 30 hours.',
    todo: 'Start one: Start a run now in the dashboard, or POST /sync/trigger. The dashboard and GET /sync/runs show how it ends. If none starts by itself at night, deploy the consumer again.',
  },
} as const satisfies Record<string, Explanation>;

/** The code of a doctor check. */
export type CheckCode = keyof typeof CHECKS;

/** `what` stands, `todo` about it, and what is said once it is `resolved`. docs/operations.md lists them word for word. */
export const CONDITIONS = {
  settings: {
    what: 'A setting or a rule is faulty: the work of its location waits, and none is lost.',
    todo: 'Correct what is named and deploy. Then work goes on by itself within minutes.',
    resolved: 'The settings are valid.',
  },
  'circuit-gohighlevel': {
    what: 'GoHighLevel refuses our calls, or is down: contacts wait, and none is lost.',
    todo: 'The message says which, since when, how many wait, and what to check. If it is down, nothing needs to be done.',
    resolved: 'GoHighLevel works again.',
  },
  'circuit-calltools': {
    what: 'CallTools refuses our calls, or is down: contacts wait, and none is lost.',
    todo: 'The message says which, since when, how many wait, and what to check. If it is down, nothing needs to be done.',
    resolved: 'CallTools works again.',
  },
  'dead-letters': {
    what: 'New dead letters: contacts that could not be synced.',
    todo: 'Why each waits, and what to do: Needs you in the dashboard, or npm run replay -- --list. To try a failed contact without a dead letter again: Retry there, or npm run replay -- --contact ID.',
    resolved: 'No dead letter waits, and no contact is failed.',
  },
  backstop: {
    what: 'The comparison of the whole contact list is incomplete, or has not been completed for 30 hours.',
    todo: 'See Nightly sync in the dashboard, or GET /sync/runs. Start one there, or with POST /sync/trigger.',
    resolved: 'The whole contact list has been compared.',
  },
  brake: {
    what: 'More new contacts were to be placed within an hour than MAX_NEW_PLACEMENTS allows: the rest is held back, and none of it is dialed.',
    todo: 'Look at some of them in the dashboard, or with GET /contacts/ID. If they should be dialed, confirm them as the message says. If not, correct the rules or the contacts: what no route places leaves those that are held back.',
    resolved: 'Nothing is held back any more.',
  },
  'rules-emptied': {
    what: 'A change of the rules takes more than half of a bucket out of the dialer. It is carried out, because out is safe.',
    todo: 'If it was meant, do nothing. If not: put the rules back as they were (rules.jsonc, or SYNC_RULES where that is set), deploy with npm run setup, and start a run: Start a run now in the dashboard, or POST /sync/trigger. It puts everybody back whom the rules place.',
    resolved: 'A later run has begun.',
  },
  drift: {
    what: 'The last run had to repair more contacts than ALERT_DRIFT_OVER.',
    todo: 'Expected after a change of the rules or an outage. Otherwise webhooks are being missed, or people change contacts in CallTools by hand.',
    resolved: 'The last run had little to repair.',
  },
  signatures: {
    what: 'Requests are refused: webhooks that are unsigned, wrongly signed or stale, or a wrong ADMIN_TOKEN.',
    todo: 'After a change of secret set GHL_WEBHOOK_SECRET (or GHL_WORKFLOW_TOKEN, CALLTOOLS_WEBHOOK_TOKEN) to the sender’s. Otherwise somebody is probing or guessing, which does no harm.',
    resolved: 'No more requests are refused.',
  },
  webhooks: {
    what: 'Webhooks have stopped: none for ALERT_QUIET_HOURS, and the backstop finds changes that no webhook announced.',
    todo: 'Look in GoHighLevel whether deliveries are paused (it does that below 90 % success) or the subscription is gone; the nightly run finds what is missed.',
    resolved: 'Webhooks arrive again, or the last run found no change that one should have announced.',
  },
  outbox: {
    what: 'The outbox does not empty: the queue accepts no messages. Nothing is lost, but work is late.',
    todo: 'Look at Cloudflare’s status page and the consumer’s log (outbox.send_failed).',
    resolved: 'The outbox is empty.',
  },
  'left-out': {
    what: 'CallTools refused the values of fields. The contacts are in the dialer without these.',
    todo: 'Correct the values in GoHighLevel, the type or choices of the field in CallTools, or "as" in FIELD_MAP. The dashboard and GET /sync/stats name a contact for each field, and npm run fields -- --contact ID shows its values. All are tried again when the contact changes, and when the nightly run verifies it.',
    resolved: 'No contact lacks a field that CallTools refused.',
  },
  'fields-not-kept': {
    what: 'CallTools accepts fields and does not keep them as they are sent. The contacts are dialed all the same.',
    todo: 'Create the fields that are missing in CallTools, or take them out of the settings (FIELD_MAP, CALLTOOLS_EMAIL_FIELD, CALLTOOLS_EXTERNAL_ID_FIELD). For the others look at the type, length and choices of the field in CallTools.',
    resolved: 'CallTools keeps the fields that it is sent, or they were not sent for 30 days.',
  },
  'call-record': {
    what: 'CallTools’ record of calls cannot be read: who says no now is still dialed. Nothing is lost.',
    todo: 'Run npm run doctor (call-record): it says whether the role of the key lacks a right. The record is tried again every minute, and read on from where it stopped.',
    resolved: 'The record of calls is read again.',
  },
  'call-writes': {
    what: 'GoHighLevel takes no writes that calls cause. They wait, and none is lost.',
    todo: 'Add the scope contacts.write to the Private Integration, if it lacks it. Then nothing else needs to be done.',
    resolved: 'GoHighLevel takes writes again.',
  },
} as const;

/** The code of an alert. */
export type Condition = keyof typeof CONDITIONS;
