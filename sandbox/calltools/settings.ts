// What differs between CallTools accounts, or is not known: a test picks the account that it fears.

export interface CallToolsSettings {
  /** Contact fields that hold phones; their names differ by account (facts/calltools.md 3.1 [SEEN+]). */
  phoneFields: string[];
  emailField: string;
  /** Text fields that the account has made; all other unknown keys are dropped (3.2 [SEEN+]). */
  customFields: string[];
  /** What a POST does with a phone that is already there: overwrite that contact (3.5 [SEEN+ NBA]), or a second contact. */
  duplicateMode: 'merge' | 'create';
  /** `?phone_number=` on /contacts/ and /phonenumbers/: a filter, or unknown and so ignored (2 [?]). */
  phoneFilter: 'works' | 'ignored';
  /** The same on /phonenumbers/ alone, where it differs. */
  phoneNumbersFilter: 'works' | 'ignored' | 'same';
  /** `?buckets__id=` on /contacts/ (2 [SEEN+ SPEAK]); an account may ignore it like any other filter. */
  bucketFilter: 'works' | 'ignored';
  /** False: a phone only attaches on PATCH (contradiction C3 [SEEN+ SMART]). */
  phoneAttachOnCreate: boolean;
  /** List rows lack the phones that the detail view has (3.3 [SEEN+ SPEAK]). */
  listRowsOmitPhones: boolean;
  /** Shape of `_phone_numbers` (9.3 [INF]: objects per SPEAK, texts per TIT). */
  phoneNumbersShape: 'objects' | 'texts';
  /** add_buckets and remove_buckets on a contact, POST and PATCH alike (4, way A [SEEN]). */
  bucketPatch: 'applied' | 'ignored';
  /** add_contacts and remove_contacts on a bucket (4, way B [SEEN, maybe a silent no-op]). */
  bucketSidePatch: 'applied' | 'ignored';
  /** How times of calls are spelled (contradiction C2). */
  callTimes: 'documented' | 'iso';
  /** 403 on reading buckets: the vendor's own role for lead posting may lack it (9.2 row 2). */
  readDenied: boolean;
  /** The account describes its own API (1 [SEEN+ CARE]); a token may lack the right to it. */
  describesItself: boolean;
  /** 2 [DOC CONV]. */
  pageSizeDefault: number;
  pageSizeMax: number;
}

export const DEFAULT_SETTINGS: CallToolsSettings = {
  phoneFields: ['mobile_phone_number', 'home_phone_number', 'office_phone_number'],
  emailField: 'personal_email_address',
  customFields: ['ghl_contact_id'],
  duplicateMode: 'merge',
  phoneFilter: 'works',
  phoneNumbersFilter: 'same',
  bucketFilter: 'works',
  phoneAttachOnCreate: true,
  listRowsOmitPhones: true,
  phoneNumbersShape: 'objects',
  bucketPatch: 'applied',
  bucketSidePatch: 'applied',
  callTimes: 'documented',
  readDenied: false,
  describesItself: true,
  pageSizeDefault: 25,
  pageSizeMax: 250,
};
