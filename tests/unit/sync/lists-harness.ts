// A location whose settings name custom fields and users, and what became of it.

import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';

export const SILENT = { silent: true };
export const MINUTE = 60_000;
export const DAY = 86_400_000;
/** Ids as GoHighLevel makes them. */
export const BILL = 'bill0123456789ABCDEF';
const FORM = 'form0123456789ABCDEF';
export const DEFINED = [
  { id: BILL, name: 'Monthly Bill', fieldKey: 'contact.monthly_bill', dataType: 'NUMERICAL', model: 'contact' },
  { id: FORM, name: 'Trusted Form', fieldKey: 'contact.trusted_form', dataType: 'TEXT', model: 'contact' },
] as const;
export const BY_NAME = {
  monthly_bill: { from: 'custom:contact.monthly_bill', as: 'number' },
  trusted_form: 'custom:Trusted Form',
};
export const BY_ID = { monthly_bill: { from: `custom:${BILL}`, as: 'number' }, trusted_form: `custom:${FORM}` };

/** A location with these settings and two custom fields. */
export function stageWith(settings: { FIELD_MAP?: object; OWNERS?: object }) {
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value)]));
  const stage = backstopStage({ env, ghl: { customFields: [...DEFINED] as never } });
  return stage;
}

/** A field that the CallTools account has made. */
export function addField(
  { callTools: { settings } }: BackstopStage,
  field: (typeof settings.customFields)[number],
): void {
  settings.customFields = [...settings.customFields, field];
}

let numbers = 0;
/** A lead with values in both custom fields, whose webhook is worked on. */
export async function lead(stage: BackstopStage, changes: object = {}): Promise<string> {
  const customFields = [
    { id: BILL, value: 250 },
    { id: FORM, value: 'https://cert.example/1' },
  ];
  const input = { phone: phoneOf(numbers++), tags: ['cold lead'], customFields, ...changes };
  const { id } = await stage.ghl.addContact(input, SILENT);
  await look(stage, id);
  return id;
}

export async function look(stage: BackstopStage, id: string): Promise<void> {
  stage.clock.at += 10_000;
  stage.hint(id, { snapshot: { tags: ['cold lead'], dnd: false } });
  await stage.work();
}

export const listCalls = ({ ghl, callTools }: BackstopStage) => [
  ghl.calls.count({ path: /\/customFields$/ }),
  ghl.calls.count({ path: '/users' }),
  callTools.calls.count({ path: '/api/users' }),
];
export const calls = ({ ghl, callTools }: BackstopStage) => [ghl.calls.count(), callTools.calls.count()];
/** What CallTools holds of the last contact. */
export const last = ({ callTools }: BackstopStage) => callTools.contacts().at(-1)?.fields as Record<string, unknown>;
export const open = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT vendor FROM circuits WHERE open_reason IS NOT NULL');
export const letters = ({ sqlite }: BackstopStage) => sqlite.rows('SELECT reason FROM dead_letters');
