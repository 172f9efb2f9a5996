// One JSON object a line, readable by a machine, greppable by a person, and free of personal data.

/** Values a log line may hold: flat, so that every field can be searched. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Writes one line; `event` says what happened ("webhook.queued", "contact.placed"). */
export type Log = (event: string, fields?: LogFields) => void;

/**
 * A log whose every line carries `base`. Text values are redacted, whatever their origin, so that a vendor's error text
 * cannot carry a phone number or an email into the log.
 */
export function createLog(base: LogFields, write: (line: string) => void = console.log): Log {
  return (event, fields = {}) => {
    const line: LogFields = { event };
    for (const some of [base, fields]) {
      for (const [key, value] of Object.entries(some)) {
        line[key] = typeof value === 'string' && !ID_FIELDS.has(key) ? redact(value) : value;
      }
    }
    write(JSON.stringify(line));
  };
}

/** Ids are machine-made and must stay whole to be searched for; everything else is prose that may quote a person. */
const ID_FIELDS = new Set(['contactId', 'locationId', 'eventId', 'runId', 'deadLetterId', 'ray', 'at']);

const EMAIL = /[^\s"<>()[\],;:]{1,128}@[^\s"<>()[\],;:]{1,255}/g;
/** `"dana reyes"@example.com` */
const QUOTED_EMAIL = /"[^"@]{1,64}"@[^\s"<>()[\],;:]{1,255}/g;
/** CallTools repeats what it refuses, which need not look like an email (facts/calltools.md 3.4 [SEEN+]). */
const REFUSED = /[^\s"<>()[\],;:]{1,255}(?= is an? invalid email)/g;
/** Seven digits or more of any script, however they are grouped: "+1 (305) 555-0142", "3055550142", "305–555–0142". */
const PHONE = /\+?\(?\p{Nd}(?:[\s()./\p{Pd}]{0,3}\p{Nd}){6,}/gu;
/** A word after Bearer or Token that has a digit in it: "the token is invalid" names no secret. */
const SECRET = /\b(?:Bearer|Token)\s+(?=\S{0,255}\d)\S+|\bpit-[\w-]+/gi;

/** What any of them has: most texts that are logged have nothing of the kind. */
const SUSPECT = /[@\p{Nd}]|invalid email|\bpit-/iu;

/** The text without email addresses, phone numbers and tokens. */
export function redact(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text
    .replace(SECRET, '[secret]')
    .replace(QUOTED_EMAIL, '[email]')
    .replace(EMAIL, '[email]')
    .replace(REFUSED, '[email]')
    .replace(PHONE, '[phone]');
}
