// The report can be sent to anybody: whatever vendors answer, nothing of it is in the report but statuses, types, and names of fields that name nobody.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ASSUMPTIONS } from '../../../../scripts/conformance/assumptions.ts';
import { needsAction, reportOf } from '../../../../scripts/conformance/report.ts';
import { run } from '../../../../scripts/conformance/run.ts';
import { createStage } from '../../../../scripts/conformance/sandbox.ts';
import type { Asked, SandboxAccount, Told } from '../../../../scripts/conformance/sandbox-account.ts';
import { createShapes } from '../../../../scripts/conformance/shape.ts';
import { summary } from '../../../../scripts/conformance/show.ts';

const MADE = { version: '0.3.0', node: '22.20.0', date: '2026-11-30', api_version: '2021-07-28' };
/** Not one of these is a word of ours. */
const PERSONAL = {
  name: 'Zebediah Quillfeather',
  phone: '+14155238899',
  spelled: '(415) 523-8899',
  email: 'zebediah.q@mailinator.test',
  street: '77 Quagmire Terrace',
  key: 'pit-8f14e45f-ceea-467a-9575-1d2b9a0c77aa',
  id: 'Qz7Tn4Xv9Lk2Wp8Rb3Ys',
  number: 8_675_309,
  note: 'wants a call about the quagmire',
};
const TELLTALES = [
  ...[
    'Zebediah',
    'zebediah',
    'Quillfeather',
    '4155238899',
    '523-8899',
    'mailinator',
    'Quagmire',
    'quagmire',
    '8f14e45f',
  ],
  ...['Qz7Tn4Xv9Lk2Wp8Rb3Ys', '8675309'],
];

const values = fc.constantFrom<unknown>(...Object.values(PERSONAL));
/** Some accounts name fields after people. */
const names = fc.constantFrom(
  'Zebediah',
  'zebediah_q',
  'quagmire_notes',
  PERSONAL.phone,
  PERSONAL.email,
  'id',
  'contact',
  'phone_number',
  'detail',
  'message',
);
const junk = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    values,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(names, tie('any'), { maxKeys: 4 }),
  ),
})).any;

/** The same, with the values of people in it wherever it has texts. */
function peopled(json: unknown): unknown {
  if (typeof json === 'string') return PERSONAL.name;
  if (Array.isArray(json)) return json.map(peopled);
  if (typeof json !== 'object' || json === null) return json;
  return {
    ...Object.fromEntries(Object.entries(json).map(([name, value]) => [name, peopled(value)])),
    zebediah: PERSONAL.phone,
  };
}

async function reportFor(account: SandboxAccount): Promise<string> {
  const stage = createStage(account);
  const ids = stage.settings;
  const ran = await run({ ...stage, assumptions: ASSUMPTIONS });
  const report = reportOf(ran, MADE);
  const text = `${JSON.stringify(report)}\n${summary(report)}`;
  for (const own of [ids.phone, ids.phone.slice(2), ids.locationId, ids.callToolsUrl, 'pit-sandbox', 'sandbox-token'])
    expect(text).not.toContain(own);
  return text;
}

test('nothing of a vendor’s answer is in the report', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 200, max: 499 }), junk), { minLength: 1, maxLength: 5 }),
      async (answers) => {
        let calls = 0;
        const instead = ({ method, path }: Asked): Told | undefined => {
          const [status, json] = answers[calls++ % answers.length] ?? [200, null];
          // Creations work, so that there is something to try the rest on.
          if (method === 'POST' && ['/contacts/', '/buckets/'].includes(path)) return undefined;
          return calls % 3 === 0 && status !== 429 ? { status, json } : undefined;
        };
        const text = await reportFor({ instead, person: PERSONAL.name });
        for (const telltale of TELLTALES) expect(text).not.toContain(telltale);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test('nor where all that accounts hold is about people', async () => {
  const text = await reportFor({ reshape: (told) => ({ ...told, json: peopled(told.json) }), person: PERSONAL.id });
  for (const telltale of TELLTALES) expect(text).not.toContain(telltale);
});

test('an id of the test contacts is not in it either', async () => {
  const seen = new Set<string>();
  const account: SandboxAccount = {
    instead({ path }) {
      for (const part of path.split('/')) if (/\d/.test(part)) seen.add(part);
      return undefined;
    },
  };
  const text = await reportFor(account);
  expect(seen.size).toBeGreaterThan(2);
  for (const id of seen) expect(text).not.toContain(id);
});

test('a shape has names and types, and counts the names that may belong to somebody', () => {
  const shape = createShapes()({ id: 1, first_name: 'Zebediah', Zebediah: 1, tags: ['a', 'b', 3], next: null });
  expect(shape).toEqual({
    id: 'number',
    first_name: 'text',
    tags: ['text', 'number'],
    next: 'null',
    '(other fields)': '1',
  });
});

test('what follows is told first, and whether anything of the test stays', async () => {
  const stage = createStage({ callTools: { phoneFilter: 'ignored', phoneNumbersFilter: 'works', mayDelete: false } });
  const ran = await run({ ...stage, assumptions: ASSUMPTIONS });
  const report = reportOf(ran, MADE);
  const [filter] = report.findings.filter(({ id }) => id === 'ct-phone-filter');
  expect(filter && needsAction(filter)).toBe(true);
  const said = summary(report).replace(/\s+/g, ' ');
  expect(said).toContain('What follows: ');
  expect(said).toContain('- ct-phone-filter: Set CALLTOOLS_PHONE_LOOKUP to phonenumbers.');
  expect(said).toContain(
    'This could not be removed: contact in CallTools, bucket in CallTools. Look for "Conformance Test"',
  );
  expect([report.ok, report.counts.does_not_hold > 0, report.by_hand.length > 5]).toEqual([false, true, true]);
});
