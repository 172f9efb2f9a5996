// Reads the settings of a vendor that a person may change while it runs.

import type { BucketAutomation, Disposition } from '../calltools/calls/dispositions.ts';
import type { CallToolsSettings, CustomField } from '../calltools/settings.ts';
import { type CustomFieldDefinition, isDataType } from '../gohighlevel/custom-fields.ts';
import type { LocationUser } from '../gohighlevel/location-users.ts';
import type { GoHighLevelSettings } from '../gohighlevel/settings.ts';
import { BadEntry, type Entry, isCount } from './entry.ts';

/** What each setting must be, in words, and whether a value is that. */
type Rules = Record<string, [wanted: string, fits: (value: unknown) => boolean]>;

const GHL: Rules = {
  readLagMs: ['milliseconds, or a range such as {"min": 0, "max": 10000}', isLag],
  dndWrite: oneOf('kept', 'replaced'),
  scopes: ['a list of texts such as ["contacts.readonly"]', isTexts],
  customFields: [
    'a list of definitions such as {"id": "q7Tn0000000000000000", "name": "Roof", "fieldKey": "contact.roof", "dataType": "SINGLE_OPTIONS", "picklistOptions": ["Slate"], "model": "contact"}',
    (value) => isListOf(value, isDefinition),
  ],
  users: [
    'a list of users such as {"id": "user0000000000000001", "name": "Erin Walsh", "firstName": "Erin", "lastName": "Walsh", "email": "erin.walsh@crm.example", "phone": "", "deleted": false}',
    (value) => isListOf(value, isUser),
  ],
};

const CALLTOOLS: Rules = {
  customFields: [
    'a list of fields such as {"name": "product", "type": "choice", "choices": ["Solar"]}; types are text, number, boolean, date and choice',
    (value) => isListOf(value, isCustomField),
  ],
  refusedEmails: ['a list of texts', isTexts],
  dispositions: [
    'a list of dispositions such as {"id": 3001, "name": "Do Not Call", "hang_up_call": true, "no_contact": false, "set_contact_dnc": true, "set_phone_number_dnc": false}',
    (value) => isListOf(value, isDisposition),
  ],
  dispositionForm: oneOf('id', 'name', 'object'),
  bucketAutomations: [
    'a list such as {"disposition": "Not Interested", "bucket": "Cold Leads", "afterMs": 0}',
    (value) => isListOf(value, isAutomation),
  ],
  hookFields: ['a list of texts, or null for all', (value) => value === null || isTexts(value)],
  hookTries: ['how many times, at least 1', (value) => isCount(value) && value >= 1],
  mergeValues: oneOf('python', 'plain'),
  emailRefusal: oneOf('field', 'detail', 'list'),
};

/** Settings of GoHighLevel. Throws BadEntry. */
export function ghlSettings(entry: Entry): Partial<GoHighLevelSettings> {
  return checked(entry, GHL);
}

/** Settings of CallTools. Throws BadEntry. */
export function callToolsSettings(entry: Entry): Partial<CallToolsSettings> {
  return checked(entry, CALLTOOLS);
}

function checked(entry: Entry, rules: Rules): Entry {
  const names = Object.keys(rules).join(', ');
  if (Object.keys(entry).length === 0) throw new BadEntry(`give any of ${names}`);
  for (const [name, value] of Object.entries(entry)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) throw new BadEntry(`"${name}" cannot be set here; these can: ${names}`);
    const [wanted, fits] = rule;
    if (!fits(value)) throw new BadEntry(`"${name}" must be ${wanted}`);
  }
  return entry;
}

function oneOf(...choices: string[]): [string, (value: unknown) => boolean] {
  return [`one of ${choices.join(', ')}`, (value) => choices.some((choice) => choice === value)];
}

function isLag(value: unknown): boolean {
  const { min, max } = (value ?? {}) as { min?: unknown; max?: unknown };
  return isCount(value) || (isCount(min) && isCount(max) && min <= max);
}

function isListOf(value: unknown, fits: (one: Record<string, unknown>) => boolean): boolean {
  return Array.isArray(value) && value.every((one) => fits(one ?? {}));
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

const TYPES: CustomField['type'][] = ['text', 'number', 'boolean', 'date', 'choice'];

function isCustomField({ name, type, choices }: { [key in keyof CustomField]?: unknown }): boolean {
  const isKnown = TYPES.some((known) => known === type);
  return typeof name === 'string' && name !== '' && isKnown && isTexts(type === 'choice' ? choices : (choices ?? []));
}

function isDisposition({ id, name, ...flags }: { [key in keyof Disposition]?: unknown }): boolean {
  const { hang_up_call, no_contact, set_contact_dnc, set_phone_number_dnc } = flags;
  const all = [hang_up_call, no_contact, set_contact_dnc, set_phone_number_dnc];
  return Number.isInteger(id) && typeof name === 'string' && all.every((flag) => typeof flag === 'boolean');
}

function isAutomation({ disposition, bucket, afterMs }: { [key in keyof BucketAutomation]?: unknown }): boolean {
  return isTexts([disposition, bucket]) && isCount(afterMs);
}

function isUser({ deleted, ...texts }: { [key in keyof LocationUser]?: unknown }): boolean {
  const { id, name, firstName, lastName, email, phone } = texts;
  return typeof deleted === 'boolean' && isTexts([id, name, firstName, lastName, email, phone]);
}

function isDefinition({
  id,
  name,
  fieldKey,
  dataType,
  picklistOptions = [],
  model,
}: { [key in keyof CustomFieldDefinition]?: unknown }): boolean {
  const isModel = model === 'contact' || model === 'opportunity';
  return isTexts([id, name, fieldKey]) && isModel && isDataType(dataType) && isTexts(picklistOptions);
}
