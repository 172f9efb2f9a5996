// The custom fields of a location: their definitions, and which values fit them (docs/vendors.md, GoHighLevel: custom fields).

/** A definition, as `GET /locations/{id}/customFields` shows it. */
export interface CustomFieldDefinition {
  id: string;
  name: string;
  /** `contact.` or `opportunity.`, and a key that outlives a new name. */
  fieldKey: string;
  /** One of DATA_TYPES; GoHighLevel may have more. */
  dataType: string;
  /** What may be chosen, where something may. */
  picklistOptions?: string[];
  model: 'contact' | 'opportunity';
}

/** The shape of a value, by data type. `MONETORY` is GoHighLevel's spelling. */
const DATA_TYPES: Record<string, 'text' | 'number' | 'one' | 'several' | 'date' | 'texts' | 'files'> = {
  TEXT: 'text',
  LARGE_TEXT: 'text',
  PHONE: 'text',
  NUMERICAL: 'number',
  MONETORY: 'number',
  SINGLE_OPTIONS: 'one',
  RADIO: 'one',
  MULTIPLE_OPTIONS: 'several',
  CHECKBOX: 'several',
  DATE: 'date',
  TEXTBOX_LIST: 'texts',
  FILE_UPLOAD: 'files',
};

/** A location with a field of each shape, and one field of another model. */
export const CUSTOM_FIELDS: CustomFieldDefinition[] = [
  field('trustedformUrl', 'TrustedForm Certificate URL', 'contact.trustedform_url', 'TEXT'),
  field('agentNote', 'Note for the agent', 'contact.agent_note', 'LARGE_TEXT'),
  field('monthlyBill', 'Monthly bill', 'contact.monthly_bill', 'MONETORY'),
  field('homeAge', 'Age of the home', 'contact.age_of_the_home', 'NUMERICAL'),
  field('consent', 'Consent to calls', 'contact.consent_to_calls', 'RADIO', ['Yes', 'No']),
  field('consentDate', 'Date of consent', 'contact.date_of_consent', 'DATE'),
  field('product', 'Product', 'contact.product', 'SINGLE_OPTIONS', ['Solar', 'Roofing', 'Windows']),
  field('interests', 'Interests', 'contact.interests', 'CHECKBOX', ['Battery', 'Heat pump', 'Financing']),
  field('site', 'Site', 'contact.site', 'TEXTBOX_LIST'),
  field('utilityBill', 'Utility bill', 'contact.utility_bill', 'FILE_UPLOAD'),
  field('loanAmount', 'Loan amount', 'opportunity.loan_amount', 'MONETORY'),
];

function field(
  id: string,
  name: string,
  fieldKey: string,
  dataType: string,
  picklistOptions?: string[],
): CustomFieldDefinition {
  const model = fieldKey.startsWith('contact.') ? 'contact' : 'opportunity';
  const choices = picklistOptions && { picklistOptions };
  // Ids have 20 letters and digits, as all of GoHighLevel's.
  return { id: id.padEnd(20, '0'), name, fieldKey, dataType, ...choices, model };
}

/** Whether there is such a data type. */
export function isDataType(dataType: unknown): dataType is string {
  return typeof dataType === 'string' && Object.hasOwn(DATA_TYPES, dataType);
}

/** What a value of this field must be, in words; null when this value is that. An empty text fits all: it empties the field. */
export function misfit({ dataType, picklistOptions = [] }: CustomFieldDefinition, value: unknown): string | null {
  if (value === '') return null;
  const isChoice = (one: unknown) => typeof one === 'string' && picklistOptions.includes(one);
  const isText = (one: unknown) => typeof one === 'string';
  const choices = picklistOptions.join(', ');
  switch (DATA_TYPES[dataType]) {
    case 'text':
      return isText(value) ? null : 'a text';
    case 'number':
      return typeof value === 'number' ? null : 'a number';
    case 'one':
      return isChoice(value) ? null : `one of ${choices}`;
    case 'several':
      return Array.isArray(value) && value.every(isChoice) ? null : `a list of some of ${choices}`;
    case 'date':
      return isDate(value) ? null : 'a date, as ISO text or epoch milliseconds';
    case 'texts':
      return isObject(value) && Object.values(value).every(isText) ? null : 'an object of texts by their ids';
    case 'files':
      return isObject(value) && Object.values(value).every(isFile)
        ? null
        : 'an object of files by their ids, each {"meta": {…}, "url": "…", "documentId": "…"}';
    default:
      return null;
  }
}

/** In which form GoHighLevel keeps a date is not known: both are seen. */
function isDate(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && !Number.isNaN(Date.parse(value)));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFile(value: unknown): boolean {
  const { meta, url, documentId } = (value ?? {}) as Record<string, unknown>;
  return isObject(meta) && typeof url === 'string' && typeof documentId === 'string';
}
