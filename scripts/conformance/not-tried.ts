// Open facts of docs/vendors.md that the conformance test does not try: those to look for by hand, and those whose answer changes nothing.

/** An open fact that is not tried. */
export interface Untried {
  /** Heading in docs/vendors.md. */
  section: string;
  /** Its words there, with their marks: a test holds them equal. */
  facts: readonly string[];
  /** Why it is not tried. */
  why: string;
  /** What a person may look for; absent where the answer changes nothing. */
  look?: string;
}

const BOTH = 'Either way is handled.';
const UNUSED = 'The pipeline does not use it.';
const OVER_TIME = 'It is only seen over time.';

/** All of them, in the order of docs/vendors.md. */
export const UNTRIED: readonly Untried[] = [
  {
    section: 'GoHighLevel: deliveries and retries',
    facts: ['Its timestamp may be hours old (inferred)'],
    why: OVER_TIME,
    look: 'Press Resend for a webhook of yesterday (app > Webhook Logs). The dashboard shows the contact as checked.',
  },
  {
    section: 'GoHighLevel: deliveries and retries',
    facts: ['Order is not promised (inferred). The time that an answer may take is not published'],
    why: BOTH,
  },
  {
    section: 'GoHighLevel: webhooks',
    facts: ['One edit may cause several events (inferred from issue #27)'],
    why: BOTH,
  },
  {
    section: 'GoHighLevel: workflow actions',
    facts: ['Absent values are left out, `""`, or the text `null` (seen, two captures)'],
    why: 'Only the id of the contact is taken from such a body.',
  },
  {
    section: 'GoHighLevel: contacts API',
    facts: [
      '`dateOfBirth`, `address1` and names differ in form between the contact, the search and the webhook (seen)',
    ],
    why: BOTH,
  },
  {
    section: 'GoHighLevel: contacts API',
    facts: ['Which events fire is not documented (inferred)'],
    why: 'Merging is done by hand.',
    look: 'Merge two contacts. The dashboard shows the one that is gone as deleted: at once where an event fires, else after the nightly sync.',
  },
  {
    section: 'GoHighLevel: search',
    facts: ["The range filter's value is an ISO text or epoch ms (seen, not verified)"],
    why: UNUSED,
  },
  {
    section: 'GoHighLevel: custom fields',
    facts: [
      'The name of `value` differs in other places of the API (`field_value`, `fieldValueString`; seen)',
      'A field without a value may be left out (inferred)',
    ],
    why: BOTH,
  },
  {
    section: 'GoHighLevel: custom fields',
    facts: ['A file is an object of objects by their ids, each with `meta`, `url` and `documentId` (seen)'],
    why: 'The test contact has no file.',
    look: 'Map a file field with FIELD_MAP, and run npm run fields with a contact that has a file.',
  },
  {
    section: 'GoHighLevel: opportunities',
    facts: [
      '"Updates may take a few seconds to appear in the search results" is said of the newer `POST` of the same path (seen, a copy of the Opportunities Search API), so it is expected of GET too (inferred)',
    ],
    why: 'The conformance test makes no opportunity: that needs one more scope.',
    look: 'Move an opportunity of a test contact to a stage that a rule names. The dashboard shows the contact in its bucket within a minute.',
  },
  {
    section: 'GoHighLevel: do-not-disturb',
    facts: ['An unknown status counts as a block (inferred)'],
    why: 'In doubt nobody is called.',
  },
  {
    section: 'GoHighLevel: writes',
    facts: ['Both do so again when they are repeated (inferred)'],
    why: 'Neither is sent twice.',
  },
  {
    section: 'GoHighLevel: writes',
    facts: ['A tag that is written over the API fires ContactTagUpdate like any other (inferred)'],
    why: 'The conformance test receives no webhooks.',
    look: 'With CALL_RESULTS that writes a tag: the dashboard shows a webhook for the contact after the tag was written.',
  },
  {
    section: 'GoHighLevel: tags and numbers',
    facts: ['"Nothing" is written as null, an empty text, or the text `null` (seen)'],
    why: BOTH,
  },
  {
    section: 'CallTools: silos and keys',
    facts: [
      'Each customer lives on one silo, a sub-domain of `calltools.io` (doc, API Conventions), such as `east-1` (seen)',
      "`app.calltools.io` takes a POST with an account's key (seen); whether it serves the rest is not known.",
    ],
    why: 'The address of the silo itself is used: every call of the conformance test tries it.',
  },
  {
    section: 'CallTools: silos and keys',
    facts: ["Without one a read is redirected and a write is lost (inferred, Django's habit)"],
    why: 'Every path that is sent ends in a slash.',
  },
  {
    section: 'CallTools: lists and filters',
    facts: ['`name` is seen on tags only, and how exact it matches is not known.'],
    why: UNUSED,
  },
  {
    section: 'CallTools: contact fields',
    facts: ['an account may make a text field for it (seen)'],
    why: 'It is a setting of its own, CALLTOOLS_EXTERNAL_ID_FIELD, which npm run doctor tries.',
  },
  {
    section: 'CallTools: contact fields',
    facts: ['Whether the answer to a write and the rows of a list show it is not known.'],
    why: 'The test contact is never called. Where an answer shows no call, the contact is read.',
  },
  {
    section: 'CallTools: contact fields',
    facts: [
      'What calls leave is read-only: `last_call_outbound_human`, `calls_outbound`, `disposition` and others (seen, inferred)',
    ],
    why: 'The test contact is never called.',
    look: 'Call a contact, and open it in the dashboard: it shows the call.',
  },
  {
    section: 'CallTools: writes',
    facts: [
      'Empty texts overwrite when CallTools merges (seen)',
      'PUT blanks every field that the body leaves out (inferred)',
    ],
    why: 'Empty texts and PUT are never sent.',
  },
  {
    section: 'CallTools: writes',
    facts: ['Types of custom fields are enforced with 400 (seen)'],
    why: 'Either way is handled; npm run doctor compares FIELD_MAP with the types that the account describes.',
  },
  {
    section: 'CallTools: buckets and tags',
    facts: [
      '`PATCH /alltags/{id}/ {"add_contacts": […]}` says success and does nothing (seen)',
      'Nothing says that names of buckets and tags are unique (inferred)',
    ],
    why: 'The first is never sent, and either way of the second is handled.',
  },
  {
    section: 'CallTools: buckets and tags',
    facts: ['`GET /alltags/{id}/` one tag (inferred)'],
    why: 'Either way is handled: where a tag is not shown by its id, the list of tags is believed.',
  },
  {
    section: 'CallTools: do-not-contact',
    facts: ['Sending false might lift a refusal when CallTools merges (inferred)'],
    why: 'False is never sent, not even to try it.',
  },
  {
    section: 'CallTools: calls',
    facts: [
      'Agents, managers and automations take contacts out of buckets (inferred)',
      'A contact shows its last calls and dispositions (seen)',
    ],
    why: 'The test contact is never called.',
    look: 'Take a called contact out of its bucket by hand. After its next check the dashboard says taken_out_in_calltools.',
  },
  {
    section: 'CallTools: dispositions',
    facts: ['Its public reader goes back one hour further than it had read, so rows may come late (inferred)'],
    why: OVER_TIME,
    look: 'With CALL_RESULTS: note how long after a call the dashboard shows its disposition.',
  },
  {
    section: 'CallTools: dispositions',
    facts: [
      '`GET /calls/?uuid=…` shows the call, with times in ISO 8601 with Z (seen). `call_disposition` and `campaign` may be null (seen). A transfer is disposed of while the call still runs (seen); that the call is not listed before its end is inferred.',
    ],
    why: UNUSED,
  },
  {
    section: 'CallTools: dispositions',
    facts: ['What a role sees that may not read them is not known'],
    why: 'The key has one role. An error and an empty list are both taken for a list that cannot be read.',
  },
  {
    section: 'CallTools: dispositions',
    facts: [
      'A public client dials a contact that is ready, not marked as do-not-contact, not suppressed, has a number, and not all of whose numbers are on the federal list (seen)',
      "That a number's own mark counts too is inferred.",
    ],
    why: 'It is the dialer that decides so.',
    look: 'If a contact in a bucket is never called, compare it with what docs/vendors.md says there of who is dialed.',
  },
  {
    section: 'CallTools: call hooks',
    facts: [
      '`POST /resthooksubscriptions/ {"resthook_model": "Call", "url": …, "description": …}` answers 201 with an `id` (seen)',
      "One about a call comes after the call's end (seen)",
      'how that is spelled in `resthook_model` is inferred.',
      'There is no signature, and no header can be given (inferred)',
      'Whether they are tried again is not known.',
    ],
    why: 'A subscription sends calls of real people, so the conformance test makes none.',
    look: 'Run npm run setup -- --call-hooks: it says which model CallTools takes. Then call somebody: the dashboard shows the result at once.',
  },
  {
    section: 'CallTools: call hooks',
    facts: [
      '`/automations/` its conditions; `/webhookactions/` joins the two (seen, a live account)',
      'Values may arrive as Python prints them: `AppUser object (…)`, `None`, numbers in quotes (seen)',
    ],
    why: 'Automations are made by hand; every way of writing a value is read.',
  },
  {
    section: 'CallTools: errors',
    facts: [
      'It looks like Django REST framework behind Cloudflare (inferred)',
      'Complaints about data: `400 {"employment": ["\\"unemployed\\" is not a valid choice."]}` (seen). They repeat the value, which need not look like an email (seen)',
    ],
    why: 'ct-undialable and ct-bad-email try what matters of it.',
  },
  {
    section: 'CallTools: errors',
    facts: [
      'or pages of HTML with 5xx (seen)',
      '530 with "error code: 1016" is Cloudflare\'s word that there is no such host (seen). 1015 is its own rate-limit page (inferred)',
    ],
    why: OVER_TIME,
    look: 'The log names the status of each answer that was not expected.',
  },
  {
    section: 'CallTools: errors',
    facts: ['A role without read rights may answer 403 to a key that is right (inferred)'],
    why: 'ct-key tells it where it happens.',
  },
  {
    section: 'CallTools: speed and limits',
    facts: ['No limit is documented.'],
    why: 'The conformance test does not provoke a limit.',
    look: 'After the first night: npm run doctor, and the log line of a throttle, if there was one.',
  },
  {
    section: 'GoHighLevel: rate limits',
    facts: ['No `Retry-After` is documented.'],
    why: 'The conformance test does not provoke a limit.',
  },
  {
    section: 'Cloudflare: workers',
    facts: ['A cron may be late or left out (inferred)'],
    why: 'What is due is kept in D1, and caught up with.',
  },
];
