// A contact as GoHighLevel stores it, and how what people type is normalised on save (docs/vendors.md, GoHighLevel: tags and numbers).

/** `active` and `permanent` block the channel (docs/vendors.md, GoHighLevel: do-not-disturb). */
export interface DndChannel {
  status: string;
  message?: string;
  code?: string;
}

/** A contact as GoHighLevel stores it. */
export interface GhlContact {
  id: string;
  locationId: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  companyName: string;
  address1: string;
  city: string;
  state: string;
  postalCode: string;
  country: string;
  timezone: string;
  website: string;
  source: string;
  type: string;
  assignedTo: string | null;
  /** Lower case, each once. */
  tags: string[];
  dnd: boolean;
  /** By channel: Call, SMS, Email, WhatsApp, GMB, FB, RCS. */
  dndSettings: Record<string, DndChannel>;
  /** By id alone; a value is a text, a number, a list or an object (docs/vendors.md, GoHighLevel: custom fields). */
  customFields: { id: string; value: unknown }[];
  /** ISO. */
  dateOfBirth: string | null;
  dateAdded: string;
  dateUpdated: string;
}

/** What a person can enter; the rest is GoHighLevel's own. */
export type ContactInput = Partial<Omit<GhlContact, 'locationId' | 'dateUpdated'>>;
/** What an edit may change. */
export type ContactPatch = Omit<ContactInput, 'id' | 'dateAdded'>;

/** A contact of which nothing is known. */
export const BLANK_CONTACT: Omit<GhlContact, 'id' | 'locationId' | 'dateAdded' | 'dateUpdated'> = {
  firstName: '',
  lastName: '',
  email: '',
  phone: '',
  companyName: '',
  address1: '',
  city: '',
  state: '',
  postalCode: '',
  country: 'US',
  timezone: '',
  website: '',
  source: '',
  type: 'lead',
  assignedTo: null,
  tags: [],
  dnd: false,
  dndSettings: {},
  customFields: [],
  dateOfBirth: null,
};

/** What is saved of an input: tags lower-cased and unique, phones in E.164 where they can be read as a number. */
export function normalise<T extends ContactPatch>(input: T): T {
  const saved = structuredClone(input);
  if (saved.tags) saved.tags = [...new Set(saved.tags.map((tag) => tag.trim().toLowerCase()).filter(Boolean))];
  if (saved.phone) saved.phone = savedPhone(saved.phone);
  return saved;
}

/** `+1 888-888-8888` and US numbers become E.164; what is no number stays as typed, as imports leave it. */
function savedPhone(phone: string): string {
  if (/[a-z]/i.test(phone)) return phone;
  const digits = phone.replace(/\D/g, '');
  if (phone.trim().startsWith('+') && digits.length >= 8) return `+${digits}`;
  return digits.length === 10 ? `+1${digits}` : phone;
}

/** First and last name. */
export function fullName({ firstName, lastName }: GhlContact): string {
  return `${firstName} ${lastName}`.trim();
}
