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
    const entries = Object.entries({ ...base, ...fields }).filter(([, value]) => value !== undefined);
    const safe = entries.map(([key, value]) => [
      key,
      typeof value === 'string' && !ID_FIELDS.has(key) ? redact(value) : value,
    ]);
    write(JSON.stringify({ event, ...Object.fromEntries(safe) }));
  };
}

/** Ids are machine-made and must stay whole to be searched for; everything else is prose that may quote a person. */
const ID_FIELDS = new Set(['contactId', 'locationId', 'eventId', 'runId', 'deadLetterId', 'ray', 'at']);

const EMAIL = /[^\s"'<>()[\]{},;:=]+@[^\s"'<>()[\]{},;:=]+/gu;
/** Seven digits or more, however they are grouped: "+1 (305) 555-0142", "3055550142". */
const PHONE = /\+?\(?\d(?:[\s().-]{0,3}\d){6,}/g;
const SECRET = /\b(?:Bearer|Token)\s+\S+|\bpit-[\w-]+/gi;

/** The text without email addresses, phone numbers and tokens. */
export function redact(text: string): string {
  return text.replace(SECRET, '[secret]').replace(EMAIL, '[email]').replace(PHONE, '[phone]');
}
