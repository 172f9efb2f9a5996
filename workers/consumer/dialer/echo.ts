// What CallTools has kept of what it was sent. It answers 2xx to fields that it does not know, and drops them (docs/vendors.md, CallTools:
// writes). Names of fields are noted here, never values.

import { DAY_MS } from '../../../shared/time.ts';
import type { Settings } from '../config/settings.ts';
import type { FieldValue } from '../domain/fields/field-map.ts';
import { type FieldReport, isAbsent } from '../store/fields.ts';
import type { ContactBody } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';

/** `absent`: the answer lacks the field, so the account has none of this name. `altered`: it has another value, or none. */
export type Echo = 'kept' | 'absent' | 'altered';

/** By the account's names of the fields, over a whole batch. */
export type Echoes = Map<string, Echo>;

interface Context {
  settings: Pick<Settings, 'CALLTOOLS_PHONE_FIELD'>;
  echoes: Echoes;
}

/**
 * Notes what the answer to a write shows of each of these optional fields that were sent. An answer that shows none of them, nor the
 * phone field, is no whole contact, and says nothing.
 */
export function noteEcho(
  sent: ContactBody,
  { row = {} }: Pick<DialerContact, 'row'>,
  { settings, echoes }: Context,
): void {
  const shows = (field: string) => Object.hasOwn(row, field);
  if (![...Object.keys(sent), settings.CALLTOOLS_PHONE_FIELD].some(shows)) return;
  for (const [field, value] of Object.entries(sent)) {
    const echo = !shows(field) ? 'absent' : isKept(value as FieldValue | null, row[field]) ? 'kept' : 'altered';
    const before = echoes.get(field);
    if (before === undefined || SAYS.indexOf(echo) > SAYS.indexOf(before)) echoes.set(field, echo);
  }
}

/** Of several contacts the last of these counts: any that shows the field proves that the account has it. */
const SAYS: readonly Echo[] = ['absent', 'kept', 'altered'];

/** Whether the answer shows the value that was sent, however it spells it. */
export function isKept(sent: FieldValue | null, shown: unknown): boolean {
  const asked = Array.isArray(sent) ? sent : [sent ?? ''];
  const wanted = asked.filter((one) => one !== '');
  const found = formsOf(shown);
  if (wanted.length === 0) return found.flat().length === 0;
  if (!wanted.every((one) => found.some((forms) => forms.some((form) => isSame(one, form))))) return false;
  return !Array.isArray(sent) || found.every((forms) => wanted.some((one) => forms.some((form) => isSame(one, form))));
}

/** Each value with the forms that it has: a choice may be shown as `{ id, name }`. */
function formsOf(shown: unknown): (string | number | boolean)[][] {
  const all = Array.isArray(shown) ? shown : [shown];
  return all.map((one) => {
    const forms: unknown[] = typeof one === 'object' && one !== null ? Object.values(one) : [one];
    return forms.filter(
      (form) =>
        (typeof form === 'string' && form.trim() !== '') || typeof form === 'number' || typeof form === 'boolean',
    ) as (string | number | boolean)[];
  });
}

const YES = ['true', 'yes', 'y', '1', 'on'];
const NO = ['false', 'no', 'n', '0', 'off'];

function isSame(sent: string | number | boolean, shown: string | number | boolean): boolean {
  const [one, other] = [spelled(sent), spelled(shown)];
  if (one === other) return true;
  if (typeof sent === 'boolean' || typeof shown === 'boolean')
    return [YES, NO].some((words) => words.includes(one) && words.includes(other));
  if (isDay(one) && isDay(other)) return one.slice(0, 10) === other.slice(0, 10);
  return isAmount(one) && isAmount(other) && Number(one) === Number(other);
}

function spelled(value: string | number | boolean): string {
  return String(value).normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d($|[t ])/.test(text);
}

/** A zip code that starts with 0 is no amount: 2134 is another one. */
function isAmount(text: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text);
}

/** A problem that goes on is written once in this time. */
const NOTED_EVERY_MS = DAY_MS;
/**
 * A field that comes and goes is said to be added this often at most: contacts that lack it are then written again. Answers of two calls
 * may differ in what they show.
 */
const ADDED_EVERY_MS = 7 * DAY_MS;

/** The rows of fields that are to be written because of what a batch has seen. `known`: as they are stored. `now` is epoch ms. */
export function fieldChanges(echoes: Echoes, known: readonly FieldReport[], now: number): FieldReport[] {
  return [...echoes].flatMap(([field, echo]) => {
    const before = known.find((row) => row.field === field);
    const after = reportAfter(field, echo, before, now);
    return after === null ? [] : [after];
  });
}

/** Null where nothing is to be written. */
function reportAfter(field: string, echo: Echo, before: FieldReport | undefined, now: number): FieldReport | null {
  if (before === undefined)
    return echo === 'kept' ? null : { field, problem: echo, since: now, seenAt: now, addedAt: null };
  if (echo === 'absent') {
    if (!isAbsent(before)) return { ...before, problem: 'absent', since: now, seenAt: now };
    return before.seenAt <= now - NOTED_EVERY_MS ? { ...before, seenAt: now } : null;
  }
  const returned = isAbsent(before);
  if (returned && before.addedAt !== null && before.addedAt > now - ADDED_EVERY_MS) return null;
  const addedAt = returned ? now : before.addedAt;
  if (echo === 'kept') return returned ? { ...before, addedAt } : null;
  if (before.problem !== 'altered') return { ...before, problem: 'altered', since: now, seenAt: now, addedAt };
  return before.seenAt <= now - NOTED_EVERY_MS ? { ...before, seenAt: now } : null;
}
