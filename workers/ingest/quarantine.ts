// Authentic but unreadable: kept as a dead letter that says what was wrong and how the body was built (keys and types, never values).

import { type ContactChanged, type Quarantined, validId } from '../../shared/messages.ts';
import type { Decision, Facts } from './request.ts';

/** An authentic body that cannot be read. `receivedAt` is epoch ms. */
export interface Unreadable {
  /** What is wrong with the body and how to send it right; repeats nothing that was sent. */
  detail: string;
  json: unknown;
  eventId: string;
  receivedAt: number;
  bytes: number;
  sha256: string;
}

/** The decision to keep it as a dead letter. `hint`: sent beside it, to read the contact that it names. */
export function quarantined(
  { json, ...unreadable }: Unreadable,
  facts: Facts,
  hint: ContactChanged | null = null,
): Decision {
  const { locationId = null, contactId = null } = facts;
  const message: Quarantined = {
    v: 1,
    kind: 'webhook.quarantined',
    ...unreadable,
    locationId,
    contactId,
    shape: shapeOf(json),
  };
  return { kind: 'quarantined', message, facts, hint };
}

/** How a body is built: `number`, `text`, … for values, ids as they are, known keys by name, other keys only counted. */
export type Shape = string | { [key: string]: Shape | number };

/**
 * Keys of GoHighLevel's protocol (docs/vendors.md, GoHighLevel: webhooks; GoHighLevel: workflow actions). Other keys are the user's
 * own words, so they are only counted.
 */
const KNOWN_KEYS = new Set(
  `type locationId location_id location id contact contactId contact_id data appId versionId webhookId timestamp tags dnd dndSettings
  dnd_settings inboundDndSettings status message code Call Email SMS GMB FB WhatsApp RCS all name firstName first_name lastName last_name
  full_name email phone phoneLabel address1 city state country postalCode postal_code companyName company_name website source
  dateAdded date_created dateOfBirth date_of_birth assignedTo attachments customFields customData contact_source contact_type
  workflow triggerData user timezone attributionSource pipelineId pipelineStageId monetaryValue`.split(/\s+/),
);
const ID_KEYS = new Set([
  'id',
  'contactId',
  'contact_id',
  'locationId',
  'location_id',
  'webhookId',
  'appId',
  'versionId',
]);

const MAX_DEPTH = 5;
const MAX_PARTS = 200;

/** Describes `json`, at most 5 levels deep and 200 parts long. */
export function shapeOf(json: unknown): Shape {
  let parts = 0;
  const describe = (value: unknown, key: string, depth: number): Shape => {
    if (value === null) return 'null';
    if (typeof value !== 'object') return (ID_KEYS.has(key) && validId(value)) || nameOf(value);
    if (depth === MAX_DEPTH) return Array.isArray(value) ? 'list' : 'object';
    return Array.isArray(value) ? list(value, depth) : object(value, depth);
  };
  const list = (items: unknown[], depth: number): Shape =>
    items.length === 0 ? { list: 0 } : { list: items.length, first: describe(items[0], '', depth + 1) };
  const object = (value: object, depth: number): Shape => {
    const shape: { [key: string]: Shape | number } = {};
    let others = 0;
    for (const [key, inner] of Object.entries(value)) {
      if (!KNOWN_KEYS.has(key) || parts >= MAX_PARTS) others++;
      else {
        parts++;
        shape[key] = describe(inner, key, depth + 1);
      }
    }
    return others > 0 ? { ...shape, otherKeys: others } : shape;
  };
  return describe(json, '', 0);
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value.trim() === '' ? 'empty text' : 'text';
  return value === undefined ? 'not JSON' : typeof value;
}
