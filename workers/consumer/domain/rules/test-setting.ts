// Reads what a condition asks of one value: a list of texts, or an object with one of the other forms.

import { dateOf } from '../fields/field-values.ts';
import type { Test } from './conditions.ts';
import { daysOf, type Report, refuseUnknown } from './report.ts';

const FORMS = { text: ['exists'], custom: ['exists', 'min', 'max', 'withinDays', 'sameAs'] } as const;

/** Null where it is reported. `kind`: fields that are texts take only lists and `exists`. */
export function testOf(
  where: readonly string[],
  given: unknown,
  kind: keyof typeof FORMS,
  report: Report,
): Test | null {
  if (Array.isArray(given)) return oneOf(where, given, report);
  if (typeof given !== 'object' || given === null) {
    const example = ['string', 'number', 'boolean'].includes(typeof given) ? `[${JSON.stringify(given)}]` : '["yes"]';
    report(where, `must be a list such as ${example.length > 60 ? '["yes"]' : example}, or {"exists": true}`);
    return null;
  }
  const forms = given as Readonly<Record<string, unknown>>;
  const before = Object.keys(forms).length;
  refuseUnknown(where, forms, FORMS[kind], report);
  const asked = FORMS[kind].filter((form) => forms[form] !== undefined);
  if (asked.length === 0) {
    if (before === 0) report(where, `needs one of ${FORMS[kind].join(', ')}`);
    return null;
  }
  if (asked.length > 1 && !(asked.length === 2 && asked.includes('min') && asked.includes('max'))) {
    report(where, `has ${asked.join(' and ')}. Only min and max go together`);
    return null;
  }
  return formOf(where, forms, report);
}

function formOf(
  where: readonly string[],
  { exists, min, max, withinDays, sameAs }: Readonly<Record<string, unknown>>,
  report: Report,
): Test | null {
  if (withinDays !== undefined) return { withinDays: daysOf([...where, 'withinDays'], withinDays, report) };
  if (sameAs !== undefined) {
    if (sameAs === 'phone') return { sameAs };
    report(where, '"sameAs" must be "phone": the same number as the contact’s phone');
    return null;
  }
  if (exists !== undefined) {
    if (exists === true) return { exists };
    report(where, '"exists" must be true. A missing value matches nothing, and so it cannot be asked for');
    return null;
  }
  return rangeOf(where, min, max, report);
}

function oneOf(where: readonly string[], given: readonly unknown[], report: Report): Test | null {
  if (given.length === 0) report(where, 'must not be an empty list');
  const texts = given.map((one) => (['string', 'number', 'boolean'].includes(typeof one) ? String(one).trim() : ''));
  if (texts.includes('')) report(where, 'must hold texts, numbers, true or false, and none of them empty');
  return { oneOf: texts };
}

/** Numbers, or days such as 2026-11-01; both ends of one kind. */
function rangeOf(where: readonly string[], min: unknown, max: unknown, report: Report): Test | null {
  const ends = [min, max].filter((end) => end !== undefined);
  if (ends.every((end) => typeof end === 'number' && Number.isFinite(end))) {
    const [least, most] = [min, max] as [number | undefined, number | undefined];
    if (least !== undefined && most !== undefined && least > most)
      report(where, 'has a min above its max: it would match nothing');
    return { ...(least !== undefined && { least }), ...(most !== undefined && { most }) };
  }
  if (ends.every((end) => typeof end === 'string' && /^\d{4}-/.test(end) && dateOf(end) === end)) {
    const [from, to] = [min, max] as [string | undefined, string | undefined];
    if (from !== undefined && to !== undefined && from > to)
      report(where, 'has a min after its max: it would match nothing');
    return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  }
  report(where, '"min" and "max" must be numbers such as 5000, or days such as "2026-11-01"');
  return null;
}
