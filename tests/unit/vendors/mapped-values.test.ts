// No value of a mapped field stands in what is quoted of an answer that repeats it, whatever form the field and the value have.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isHarmless } from '../../../shared/harmless.ts';
import type { Call } from '../../../workers/consumer/vendors/call.ts';
import { failureOf, jsonAnswer } from '../../support/vendor-harness.ts';
import { ANY, answering } from './http-harness.ts';

/** Words that may be quoted where nobody has them for a value. */
const PLAIN = 'this field is required not valid must be a number list string date true phone email status of the'.split(
  ' ',
);
const prose = fc.array(fc.constantFrom(...PLAIN, 'Dana', 'Müller', '305', 'x1'), { minLength: 1, maxLength: 16 });
const text = fc.oneof(
  prose.map((words) => words.join(' ')),
  // Too long to be a name as a whole.
  fc.array(fc.constantFrom(...PLAIN), { minLength: 14, maxLength: 20 }).map((words) => words.join(' ')),
  fc.webUrl(),
  fc.emailAddress(),
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  fc.integer().map(String),
);
const value = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.array(text, { minLength: 1, maxLength: 3 }),
);
const field = fc.constantFrom('company', 'agent_note', 'license_id', 'uuid', 'policyId', 'created_on', 'sort');

/** Fewer letters and digits than this are in every text. */
const TELLING = 3;
const letters = (said: string) =>
  said
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
const MASKS = /\[(?:value|field|phone|email|secret)\]/g;
const isTelling = (said: string) => letters(said).replaceAll(' ', '').length >= TELLING;

const BODIES: ((name: string, said: string) => unknown)[] = [
  (name, said) => ({ [name]: [`"${said}" is not a valid choice.`] }),
  (name, said) => ({ [name]: { 0: [said] } }),
  (_, said) => ({ detail: `The value ${said} is not valid.` }),
  (_, said) => [`Invalid: ${said}`],
  (name, said) => ({ errors: [{ about: name, message: said }] }),
  // A word that any field may be called by is not known for a value.
  (_, said) => ({ [isHarmless(said) ? 'x' : said]: ['This field is not known.'] }),
];

test('property: a refused write', async () => {
  await fc.assert(
    fc.asyncProperty(
      field,
      value,
      fc.constantFrom(...BODIES),
      fc.constantFrom(400, 403, 500),
      async (name, given, body, status) => {
        for (const one of [given].flat()) {
          const said = String(one);
          if (!isTelling(said)) continue;
          const call: Call = { ...ANY, method: 'PATCH', path: '/contacts/7/', body: { [name]: given }, personal: true };
          const { http } = answering(jsonAnswer(status, body(name, said)));
          const quoted = await http.call(call).then(
            ({ excerpt }) => excerpt,
            async (thrown) => (await failureOf(Promise.reject(thrown))).error,
          );
          expect(` ${letters(quoted.replace(MASKS, ' '))} `).not.toContain(` ${letters(said)} `);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
