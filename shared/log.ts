// The log: one JSON object on each line, readable by machines, searchable by people, and free of personal data.

import { MACHINE_MADE } from './machine-made.ts';
import { withAsciiDigits } from './spelling.ts';

/** Values a log line may hold: flat, so that every field can be searched. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Writes one line; `event` says what happened ("webhook.queued", "contact.placed"). */
export type Log = (event: string, fields?: LogFields) => void;

/** How grave a line is: a method of the console, by which Cloudflare's log can be filtered. */
export type Severity = 'log' | 'warn' | 'error';

/** Takes a line. */
export type WriteLine = (line: string, severity: Severity) => void;

/** To the console, as the line's severity says. */
export const toConsole: WriteLine = (line, severity) => console[severity](line);

/** Events that are no everyday matter. An error is for somebody to see to; a warning has an end without them. */
export const SEVERITY: Readonly<Record<string, Severity>> = {
  'webhook.bad_setting': 'error',
  'webhook.consumer_unreachable': 'error',
  'webhook.crashed': 'error',
  'webhook.lost': 'error',
  'webhook.throttled': 'error',
  'webhook.late': 'warn',
  'webhook.outbox': 'warn',
  'webhook.quarantined': 'warn',
  'webhook.refused': 'warn',
  'alert.failed': 'error',
  'audit.failed': 'error',
  'calls.write_dead': 'error',
  'circuit.opened': 'error',
  'consumer.bad_setting': 'error',
  'contact.dead': 'error',
  'cron.failed': 'error',
  'dead_letter.kept': 'error',
  'dead_letter.not_kept': 'error',
  'dead_letter.replay_failed': 'error',
  'operator.failed': 'error',
  'outbox.send_failed': 'error',
  'outbox.not_emptied': 'warn',
  'queue.failed': 'error',
  'queue.send_failed': 'error',
  'backstop.incomplete': 'warn',
  'backstop.labels_unread': 'warn',
  'backstop.opportunities_unread': 'warn',
  'backstop.stray': 'warn',
  'calls.poll_failed': 'warn',
  'calltools.phone_filter_ignored': 'warn',
  'contact.retry': 'warn',
  'fields.list_unreadable': 'warn',
};

/**
 * A log whose every line carries `base`. Text values are redacted, whatever their origin, so that a vendor's error text
 * cannot carry a phone number or an email into the log.
 */
export function createLog(base: LogFields, write: WriteLine): Log {
  const shared = addRedacted({}, base);
  return (event, fields = {}) =>
    write(JSON.stringify(addRedacted({ event, ...shared }, fields)), SEVERITY[event] ?? 'log');
}

function addRedacted(line: LogFields, fields: LogFields): LogFields {
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    line[key] = typeof value === 'string' && !ID_FIELDS.has(key) ? redact(value) : value;
  }
  return line;
}

/** Ids are machine-made and must stay whole, so that they can be searched for. Everything else is prose that may quote a person. */
const ID_FIELDS = new Set(['contactId', 'locationId', 'eventId', 'runId', 'deadLetterId', 'ray', 'at']);

const EMAIL = /[^\s"<>()[\],;:]{1,128}@[^\s"<>()[\],;:]{1,255}/g;
/** `"dana reyes"@example.com` */
const QUOTED_EMAIL = /"[^"@]{1,64}"@[^\s"<>()[\],;:]{1,255}/g;
/** CallTools repeats what it refuses, which need not look like an email (docs/vendors.md, CallTools: errors). */
const REFUSED = /[^\s"<>()[\],;:]{1,255}(?= is an? invalid email)/g;
const GAP = String.raw`[\s()./\p{Pd}]{0,3}`;
/** Before a number stands no letter or digit, and no path, whose last part is an id. */
const APART = String.raw`(?<![\p{L}\p{N}_/]|\d[.,:-])`;
/**
 * What looks like a phone number: digits after a plus or 00, after a trunk 0, or the ten digits of North America, however they are
 * grouped. Counts, ids, dates and addresses of machines have other forms.
 */
const PHONE = [
  String.raw`(?:\+|%2B|${APART}00(?=[1-9]))\s?\(?\d(?:${GAP}\d){6,14}`,
  String.raw`${APART}\(?0[1-9](?:${GAP}\d){7,9}(?![\p{L}\p{N}_]|[.,:-]\d)`,
  String.raw`${APART}(?:1${GAP})?\(?[2-9]\d\d${GAP}[2-9]\d\d${GAP}\d{4}(?![\p{L}\p{N}_]|[.,:-]\d)`,
].join('|');
const MACHINE = `(?<![\\p{L}\\p{N}_])(?:${MACHINE_MADE})(?![\\p{L}\\p{N}_])`;
const DIGITS = new RegExp(`(${MACHINE})|(${PHONE})`, 'giu');
/** A word after Bearer or Token that has a digit in it: "the token is invalid" names no secret. */
const SECRET = /\b(?:Bearer|Token)\s+(?=\S{0,255}\d)\S+|\bpit-[\w-]+/gi;

/** Two quick tests. Most texts that are logged are one word of ours, or contain none of these. */
const ONE_WORD = /^[A-Za-z_.]*$/;
const SUSPECT = /[@\p{Nd}]|invalid email|\bpit-/iu;

/**
 * The text without anything that looks like an email address, a phone number or a token. This is the last check: texts that others wrote
 * are masked where they come in (harmless.ts), because a name does not look like anything.
 */
export function redact(text: string): string {
  if (ONE_WORD.test(text) || !SUSPECT.test(text)) return text;
  return withAsciiDigits(text)
    .replace(SECRET, '[secret]')
    .replace(QUOTED_EMAIL, '[email]')
    .replace(EMAIL, '[email]')
    .replace(REFUSED, '[email]')
    .replace(DIGITS, (all, machine) => (machine !== undefined || /^\d+\.\d+$/.test(all) ? all : '[phone]'));
}
