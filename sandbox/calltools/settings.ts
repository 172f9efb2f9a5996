// What differs between CallTools accounts, or is not known. A test picks the account that it needs.

import { type BucketAutomation, DISPOSITIONS, type Disposition, type DispositionForm } from './calls/dispositions.ts';

/** A contact field that the account has made. */
export interface CustomField {
  name: string;
  type: 'text' | 'number' | 'boolean' | 'date' | 'choice';
  /** Of a choice field: the values that it takes. */
  choices?: string[];
}

/** A user of the account, as `GET /users/` shows one. */
export interface CallToolsUser {
  /** UUID, in lower case. */
  id: string;
  username: string;
  email: string;
  first_name: string;
  last_name: string;
}

/** A campaign of the account, as `GET /campaigns/` shows one (docs/vendors.md, CallTools: buckets and tags). */
export interface Campaign {
  id: number;
  name: string;
  bucket: number | null;
  live_filter: number | null;
}

/** Habits in which CallTools accounts differ, or may differ. */
export interface CallToolsSettings {
  /** Contact fields that hold phones; their names differ by account (docs/vendors.md, CallTools: contact fields). */
  phoneFields: string[];
  emailField: string;
  /** Fields that the account has made; all other unknown keys are dropped (docs/vendors.md, CallTools: writes). */
  customFields: CustomField[];
  /** Who may own a contact. */
  users: CallToolsUser[];
  campaigns: Campaign[];
  /** Addresses that CallTools refuses although they look right. */
  refusedEmails: string[];
  /**
   * Where a 400 says that an email is refused (docs/vendors.md, CallTools: errors; the place is not known): under the field's name with
   * all other complaints; or, once nothing else is wrong, as `{"detail": …}` or as a list of one text.
   */
  emailRefusal: 'field' | 'detail' | 'list';
  /**
   * What a POST does with a phone that is already there: overwrite that contact and name it (docs/vendors.md, CallTools: duplicates),
   * the same and show it, make a second contact, or refuse it.
   */
  duplicateMode: 'merge' | 'merge-and-show' | 'create' | 'refuse';
  /** `?phone_number=` on /contacts/ and /phonenumbers/: a filter, or unknown and so ignored (2 [?]). */
  phoneFilter: 'works' | 'ignored';
  /** The same on /phonenumbers/ alone, where it differs. */
  phoneNumbersFilter: 'works' | 'ignored' | 'same';
  /** `?buckets__id=` on /contacts/ (docs/vendors.md, CallTools: lists and filters); an account may ignore it like any other filter. */
  bucketFilter: 'works' | 'ignored';
  /** False: a phone only attaches on PATCH (docs/vendors.md, CallTools: phone numbers). */
  phoneAttachOnCreate: boolean;
  /** List rows lack the phones that the detail view has (docs/vendors.md, CallTools: phone numbers). */
  listRowsOmitPhones: boolean;
  /** Rows that lack phones show the first of `phoneFields` all the same: a contact's other numbers are hidden behind it. */
  listRowsKeepMainPhone: boolean;
  /**
   * Which answers show what calls have left: all, or a GET of the contact alone (docs/vendors.md, CallTools: contact fields; that an
   * account is so is not known).
   */
  callFieldsShown: 'always' | 'detail';
  /** Shape of `_phone_numbers`: objects in one account, texts in another (docs/vendors.md, CallTools: phone numbers). */
  phoneNumbersShape: 'objects' | 'texts';
  /** add_buckets and remove_buckets on a contact, POST and PATCH alike (docs/vendors.md, CallTools: buckets and tags). */
  bucketPatch: 'applied' | 'ignored';
  /** add_contacts and remove_contacts on a bucket (docs/vendors.md, CallTools: buckets and tags), which may do nothing. */
  bucketSidePatch: 'applied' | 'ignored';
  /** How times of calls are spelled. */
  callTimes: 'documented' | 'iso';
  /** What agents can say of a call. */
  dispositions: Disposition[];
  /** How a row of the record names its disposition (docs/vendors.md, CallTools: dispositions). */
  dispositionForm: DispositionForm;
  /** Which dispositions take a contact out of which bucket. */
  bucketAutomations: BucketAutomation[];
  /** The fields that a REST hook sends; null for all that a GET shows (docs/vendors.md, CallTools: call hooks). */
  hookFields: string[] | null;
  /** How often a hook is sent that is not answered with a 2xx; the real number is not known. */
  hookTries: number;
  /** How automations spell values in the body of a request: as Python prints them, or plainly. */
  mergeValues: 'python' | 'plain';
  /** Whether `do_not_contact` of a write is stored (docs/vendors.md, CallTools: do-not-contact); otherwise it is dropped like an unknown field. */
  doNotContactWrite: 'applied' | 'ignored';
  /** False: a DELETE is refused, for the key's role may not (docs/vendors.md, CallTools: writes). */
  mayDelete: boolean;
  /** What `GET /silos/` answers without a key; its form is not known (docs/vendors.md, CallTools: silos and keys). */
  silos: unknown;
  /** 403 on reading buckets: the vendor's own role for lead posting may lack it. */
  readDenied: boolean;
  /** The account describes its own API (docs/vendors.md, CallTools: API description); a token may lack the right to it. */
  describesItself: boolean;
  /** docs/vendors.md, CallTools: lists and filters. */
  pageSizeDefault: number;
  pageSizeMax: number;
}

const CUSTOM_FIELDS: CustomField[] = [
  { name: 'ghl_contact_id', type: 'text' },
  { name: 'company', type: 'text' },
  { name: 'lead_source', type: 'text' },
  { name: 'website', type: 'text' },
  { name: 'trusted_form', type: 'text' },
  { name: 'monthly_bill', type: 'number' },
  { name: 'consent', type: 'boolean' },
  { name: 'consent_date', type: 'date' },
  { name: 'product', type: 'choice', choices: ['Solar', 'Roofing', 'Windows'] },
  { name: 'agent_note', type: 'text' },
];

function user(digit: string, first_name: string, last_name: string): CallToolsUser {
  const username = `${first_name}.${last_name}`.toLowerCase();
  return {
    id: `${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`,
    username,
    email: `${username}@dialer.example`,
    first_name,
    last_name,
  };
}

/** An account as most are believed to be. */
export const DEFAULT_SETTINGS: CallToolsSettings = {
  phoneFields: ['mobile_phone_number', 'home_phone_number', 'office_phone_number'],
  emailField: 'personal_email_address',
  customFields: CUSTOM_FIELDS,
  users: [user('a', 'Maria', 'Lopez'), user('b', 'Sam', 'Carter'), user('c', 'Priya', 'Nair')],
  campaigns: [],
  refusedEmails: [],
  emailRefusal: 'field',
  duplicateMode: 'merge',
  phoneFilter: 'works',
  phoneNumbersFilter: 'same',
  bucketFilter: 'works',
  phoneAttachOnCreate: true,
  listRowsOmitPhones: true,
  listRowsKeepMainPhone: false,
  callFieldsShown: 'always',
  phoneNumbersShape: 'objects',
  bucketPatch: 'applied',
  bucketSidePatch: 'applied',
  callTimes: 'documented',
  dispositions: DISPOSITIONS,
  dispositionForm: 'id',
  bucketAutomations: [],
  hookFields: null,
  hookTries: 1,
  mergeValues: 'python',
  doNotContactWrite: 'applied',
  mayDelete: true,
  silos: ['east-1', 'east-2', 'east-3', 'west-2'],
  readDenied: false,
  describesItself: true,
  pageSizeDefault: 25,
  pageSizeMax: 250,
};
