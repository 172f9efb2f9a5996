// No value of a mapped or custom field gets into a log line, a table, a message or an alert, whatever the vendors say of it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CustomField } from '../../../sandbox/calltools/settings.ts';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { look, SILENT } from './people-harness.ts';

const ALERTS = 'https://alerts.test/hook';
/** Targets, the sources by the ids of custom fields, and what the account takes: whatever is refused is quoted. */
const TARGETS = ['policy_id', 'loan_amount', 'vehicle', 'consent_on', 'agent_note'];
const FIELDS: CustomField[] = TARGETS.map((name) => ({ name, type: 'choice', choices: ['A choice'] }));
const mapOf = (premium: number) =>
  JSON.stringify({
    ...Object.fromEntries(TARGETS.map((target, index) => [target, `custom:${idOf(index)}`])),
    company: 'companyName',
    county: { text: 'see {custom:contact.remark}' },
    monthly_bill: { from: `custom:${idOf(9)}`, as: 'number', default: premium },
  });

function idOf(index: number): string {
  return `customFieldAa000000${index}`;
}

/** A word that is in no text of ours. */
const word = fc
  .array(fc.constantFrom('vax', 'qor', 'zub', 'jek', 'wiq', 'xoth', 'güz', 'nyq'), { minLength: 2, maxLength: 4 })
  .map((parts) => parts.join(''));
const text = fc.oneof(
  word,
  fc.array(word, { minLength: 2, maxLength: 9 }).map((words) => words.join(' ')),
  fc.tuple(word, word).map(([one, other]) => `${one[0]?.toUpperCase()}${one.slice(1)}'${other}-${one}`),
  fc.tuple(word, fc.integer({ min: 1000, max: 999_999 })).map(([one, n]) => `${one.toUpperCase()}-${n}`),
  fc.tuple(word, word).map(([one, other]) => `https://${one}.example/${other}?token=${one}`),
);
const number = fc.integer({ min: 10_000_019, max: 999_999_937 });
const value = fc.oneof(
  text,
  number,
  number.map(String),
  number.map((n) => `$${n.toLocaleString('en-US')}`),
  fc
    .date({ min: new Date('1931-01-02'), max: new Date('1968-12-30'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.array(text, { minLength: 1, maxLength: 3 }),
  fc.tuple(text, text).map(([one, other]) => ({ [one]: true, second: other })),
  fc
    .tuple(word, text)
    .map(([id, url]) => ({ [id]: { meta: {}, url: `https://files.example/${url}`, documentId: 'd' } })),
);

/** What CallTools says to a write: of the fields, of one that nobody knows, or of anything else, with the values in it. */
const SAYINGS: ((values: string[], body: object) => Response | null)[] = [
  () => null,
  (values) => jsonAnswer(400, { nobody_knows: values.map((one) => `"${one}" is not a valid choice.`) }),
  (values) => jsonAnswer(400, { detail: `Invalid value ${values.join(', ')} for field mobile_phone_number` }),
  (values) => jsonAnswer(400, { mobile_phone_number: values }),
  (values) =>
    jsonAnswer(400, {
      errors: values.map((one) => ({ message: `Contact with ${one.toUpperCase()} exists`, value: one })),
    }),
  (_, body) => jsonAnswer(422, { message: JSON.stringify(body) }),
  (_, body) => jsonAnswer(409, { message: 'Conflict', contact: body }),
  (_, body) => jsonAnswer(500, body),
  (values) => jsonAnswer(503, { detail: `Cannot save ${values.join(' and ')} at the moment.` }),
  (values) => new Response(`<title>Error for ${values.join(' ')}</title>`, { status: 500 }),
  (_, body) => jsonAnswer(200, { message: 'Saved', data: body }),
];

/** Every text and number in it; words and digits of which none may be told. */
function tellings(json: unknown): string[] {
  if (typeof json === 'object' && json !== null)
    return Object.entries(json).flatMap((entry) => entry.flatMap(tellings));
  return String(json).match(/(?:vax|qor|zub|jek|wiq|xoth|güz|nyq){2,}|\d[\d,-]{6,}\d/giu) ?? [];
}

function told({ log, sqlite, queues }: BackstopStage, alerts: string[]): string {
  const tables = sqlite.rows(`SELECT name FROM sqlite_schema WHERE type = 'table'`);
  const rows = tables.map(({ name }) => sqlite.rows(`SELECT * FROM ${name}`));
  return JSON.stringify([log, rows, queues, alerts]).toLowerCase();
}

interface Lead {
  values: unknown[];
  company: string;
  email: string;
  /** Written where the contact has no value. */
  premium: number;
}

/** The lead in GoHighLevel, and a CallTools that says these things to the first writes. */
async function stageOf({ values, company, email, premium }: Lead, says: number[]) {
  const customFields = [...TARGETS, 'remark'].map((name, index) => {
    return { id: idOf(index), name, fieldKey: `contact.${name}`, dataType: 'ANY', model: 'contact' as const };
  });
  const env = { FIELD_MAP: mapOf(premium), ALERT_WEBHOOK_URL: ALERTS };
  const stage = backstopStage({ env, ghl: { customFields } });
  const { callTools, ghl } = stage;
  callTools.settings.customFields = [...callTools.settings.customFields, ...FIELDS];
  const alerts: string[] = [];
  const left = [...says];
  const { handle } = callTools;
  callTools.handle = async (request) => {
    const body = await request.clone().text();
    if (request.url === ALERTS) {
      alerts.push(body);
      return new Response('ok');
    }
    if (request.method === 'GET' || !request.url.includes('/api/contacts/')) return handle(request);
    const sent = JSON.parse(body) as Record<string, unknown>;
    const isOurs = (name: string) => /phone|^(add|remove)_|_contact_/.test(name);
    const texts = Object.entries(sent).flatMap(([name, one]) => (isOurs(name) ? [] : [String(one)]));
    return SAYINGS[left.shift() ?? 0]?.(texts, sent) ?? handle(request);
  };
  const custom = values.map((one, index) => ({ id: idOf(index), value: one }));
  const data = { email: `${email}@nowhere`, companyName: company, customFields: custom, tags: ['cold lead'] };
  await ghl.addContact({ id: 'dana', phone: phoneOf(0), ...data }, SILENT);
  return { stage, alerts };
}

test('property: values of fields are told nowhere', async () => {
  const values = fc.array(value, { minLength: 6, maxLength: 6 });
  const leads = fc.record({ values, company: text, email: word, premium: number });
  const sayings = fc.array(fc.nat(SAYINGS.length - 1), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(leads, sayings, async (lead, says) => {
      const { stage, alerts } = await stageOf(lead, says);
      await look(stage, 'dana');
      await stage.night();
      await stage.minute();
      const all = told(stage, alerts);
      for (const one of tellings(Object.values(lead))) expect(all).not.toContain(one.toLowerCase());
    }),
    { numRuns: 40 },
  );
});
