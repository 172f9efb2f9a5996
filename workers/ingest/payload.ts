// Reads webhook bodies: tolerant of every form seen (docs/vendors.md, GoHighLevel: webhooks; GoHighLevel: workflow actions), and
// never more certain than the sender was.

import { deletionIn } from '../../shared/deleted.ts';
import { callBlocked, dndOf } from '../../shared/dnd.ts';
import { sha256Hex } from '../../shared/hash.ts';
import {
  type Against,
  OPPORTUNITY_EVENTS,
  type Snapshot,
  type ToldOpportunity,
  validId,
} from '../../shared/messages.ts';
import { phoneMark } from '../../shared/phone-mark.ts';
import { readTags } from '../../shared/tags.ts';

/** Events about a contact. Beside these only those about its opportunities concern it; all other types are answered and ignored. */
export const EVENT_TYPES = ['ContactCreate', 'ContactUpdate', 'ContactTagUpdate', 'ContactDelete', 'ContactDndUpdate'];

/** More tags than this are not worth carrying: the contact is read again anyway. */
const MAX_SNAPSHOT_TAGS = 100;
/** Characters of tags that are carried because they may speak against dialing. */
const MAX_SIGNS = 20_000;

type Json = { readonly [key: string]: unknown };

/** Bytes as a JSON object; otherwise what is wrong with them, and the JSON if it is some. */
export type Body = { kind: 'object'; object: Json } | { kind: 'unreadable'; detail: string; json: unknown };

/** An id as sent: `malformed` is something that cannot be an id, as opposed to nothing at all. */
export type SentId = { kind: 'absent' } | { kind: 'malformed' } | { kind: 'id'; id: string };

/** What an app webhook says, whatever its form. `timestamp` is as sent: it is judged together with the clock. */
export interface AppWebhook {
  type: SentType;
  locationId: SentId;
  contactId: SentId;
  appId: string | null;
  /** Null when there is none, or it cannot be an id. */
  webhookId: string | null;
  timestamp: unknown;
  /** Null when the body does not give the contact's tags. */
  snapshot: Snapshot | null;
  /** What it says against dialing where there is no snapshot; null where it says nothing against it. */
  against: Against | null;
  /** Null where it is not about an opportunity, or about one whose id cannot be read. */
  opportunity: ToldOpportunity | null;
}

/** The event type that a webhook names. `contact`: one about a contact. `opportunity`: one about an opportunity of a contact. */
export type SentType =
  | { kind: 'absent' }
  | { kind: 'malformed' }
  | { kind: 'contact' | 'opportunity'; type: string }
  | { kind: 'other'; type: string };

/** What a workflow action says (snake_case, no type, no time; its `id` is an opportunity's). */
export interface WorkflowWebhook {
  locationId: SentId;
  contactId: SentId;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The body as a JSON object. */
export function parseBody(bytes: Uint8Array): Body {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return { kind: 'unreadable', detail: 'The body is not UTF-8 text. Send JSON encoded as UTF-8.', json: undefined };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return {
      kind: 'unreadable',
      detail: 'The body is not JSON. Send a JSON object (content type application/json).',
      json: undefined,
    };
  }
  if (isObject(json)) return { kind: 'object', object: json };
  return { kind: 'unreadable', detail: 'The body is JSON, but not an object: it must start with {.', json };
}

/**
 * Reads the flat form `{type, locationId, id, tags…}`, the wrapped one `{type, locationId, data: {id, tags…}}` and the set-up
 * guide's nested one `{type, location_id, contact: {id, tags…}}`. Contact data is taken from the innermost object, the
 * envelope from the outermost; the `id` beside a nested contact is not the contact's. That of an opportunity event is never the
 * contact's, and such an event says nothing of the contact itself.
 */
export function readAppWebhook(body: Json): AppWebhook {
  const { data, contact, inward } = layersOf(body);
  const type = readType(body, data);
  const isOfOpportunity = type.kind === 'opportunity';
  const words = isOfOpportunity
    ? { snapshot: null, against: null }
    : readSaid([...inward].reverse(), nestsOddly(body, data), 'type' in type && type.type === 'ContactDndUpdate');
  return {
    type,
    locationId: readId(first(inward, 'locationId', 'location_id') ?? said(child(body, 'location'), 'id')),
    contactId: readId(
      first([contact], 'id', 'contact_id', 'contactId') ??
        first([data, body], 'contact_id', 'contactId') ??
        (isOfOpportunity ? undefined : first([data, body], 'id')),
    ),
    appId: text(first([body, data], 'appId', 'app_id')),
    webhookId: validId(text(first([body, data], 'webhookId', 'webhook_id'))),
    timestamp: first([body, data], 'timestamp'),
    ...words,
    opportunity: isOfOpportunity ? readOpportunity([data, body], type.type) : null,
  };
}

/** The body's objects from the outermost to the innermost. */
function layersOf(body: Json) {
  const data = child(body, 'data');
  const contact = child(data, 'contact') ?? child(body, 'contact');
  return { data, contact, inward: [body, data, contact].filter((layer) => layer !== undefined) };
}

/**
 * The contact that a body without a readable event type surely names, and what is said against dialing it. Null where the id may be that of
 * something else. A deletion may be of something else too, so it does not count.
 */
export function readUntyped(body: Json): { contactId: string; against: Against | null } | null {
  const { data, contact, inward } = layersOf(body);
  const isOfDeal = first(inward, 'pipelineId', 'pipeline_id', 'pipelineStageId', 'pipeline_stage_id') !== undefined;
  const holder = [data, body].find((layer) => said(layer, 'id') !== undefined);
  const isContact = holder !== undefined && !isOfDeal && (said(holder, 'tags') !== undefined || tellsDnd(holder));
  const contactId = readId(
    first([contact], 'id', 'contact_id', 'contactId') ??
      first([data, body], 'contact_id', 'contactId') ??
      (isContact ? holder.id : undefined),
  );
  if (contactId.kind !== 'id') return null;
  const { snapshot, against } = readSaid(inward, nestsOddly(body, data), false);
  const { tags, dnd } = snapshot ?? against ?? { tags: [], dnd: false };
  const isSign = !isOfDeal && (dnd || tags.length > 0);
  return { contactId: contactId.id, against: isSign ? { tags, dnd, deleted: false } : null };
}

function tellsDnd(layer: Json): boolean {
  return Object.values(dndOf(layer)).some(isSaid);
}

/** Of an opportunity event: which opportunity, and where it stands now. */
function readOpportunity(layers: readonly (Json | undefined)[], type: string): ToldOpportunity | null {
  const idAt = (...keys: string[]) => validId(text(first(layers, ...keys)));
  const id = idAt('id');
  if (id === null) return null;
  return {
    id,
    pipelineId: idAt('pipelineId', 'pipeline_id'),
    stageId: idAt('pipelineStageId', 'pipeline_stage_id'),
    status: idAt('status'),
    deleted: type === 'OpportunityDelete',
  };
}

/** Reads a workflow action's body, where the user's own fields may sit in `customData`. */
export function readWorkflowWebhook(body: Json): WorkflowWebhook {
  const layers = [body, child(body, 'customData')];
  return {
    locationId: readId(said(child(body, 'location'), 'id') ?? first(layers, 'location_id', 'locationId')),
    contactId: readId(first(layers, 'contact_id', 'contactId')),
  };
}

/** The id of a webhook that names none: the same for the same body, so that copies of it are one event. `at` is epoch ms. */
export async function eventIdOf(
  locationId: string | null,
  contactId: string | null,
  eventType: string,
  at: number | null,
  bodySha256: string,
): Promise<string> {
  const hash = await sha256Hex([locationId, contactId, eventType, at, bodySha256].join('|'));
  return `h-${hash.slice(0, 32)}`;
}

function readType(body: Json, data: Json | undefined): SentType {
  const type = said(body, 'type');
  if (type === undefined) {
    // A wrapped contact has a `type` of its own ("lead"): only an event type counts there.
    const inner = text(said(data, 'type'));
    const known = inner === null ? 'other' : kindOf(inner);
    return inner === null || known === 'other' ? { kind: 'absent' } : { kind: known, type: inner };
  }
  const name = text(type);
  if (name === null) return { kind: 'malformed' };
  return { kind: kindOf(name), type: name };
}

function kindOf(type: string): 'contact' | 'opportunity' | 'other' {
  if (EVENT_TYPES.includes(type)) return 'contact';
  return OPPORTUNITY_EVENTS.includes(type) ? 'opportunity' : 'other';
}

function readId(value: unknown): SentId {
  if (value === undefined) return { kind: 'absent' };
  const id = validId(text(value));
  return id === null ? { kind: 'malformed' } : { kind: 'id', id };
}

/** A contact or its wrapping is there but is no object, so what it says of the contact cannot be read. */
function nestsOddly(body: Json, data: Json | undefined): boolean {
  const nested = [said(body, 'data'), said(body, 'contact'), said(data, 'contact')];
  return nested.some((one) => one !== undefined && !isObject(one));
}

/**
 * There is a snapshot only where all layers give the same tags, in a form that can be read in one way, and nothing nests oddly. Otherwise the
 * contact is read from GoHighLevel. DND or a deletion in any layer counts, whatever else is unreadable. `isOfDnd`: the event is that DND has
 * changed. Where it tells no channels, it may have changed for calls.
 */
function readSaid(layers: readonly Json[], isOdd: boolean, isOfDnd: boolean): Pick<AppWebhook, 'snapshot' | 'against'> {
  const lists = layers.map((layer) => said(layer, 'tags')).filter((tags) => tags !== undefined);
  const read = lists.map(readTags);
  const switches = layers.map(dndOf);
  const dnd = switches.some((said) => callBlocked(said.dnd, said.dndSettings));
  const tellsDnd = !isOfDnd || dnd || switches.some((said) => isSaid(said.dndSettings));
  const deleted = layers.some((layer) => deletionIn(layer) !== 'no');
  const tags = read[0]?.sure;
  const isClear =
    !isOdd &&
    !deleted &&
    tellsDnd &&
    read.every(
      ({ whole, perhaps, sure }) =>
        whole && perhaps.length === 0 && (sure === tags || sure.join('\n') === tags?.join('\n')),
    );
  const phone = markOf(layers);
  if (isClear && tags && tags.length <= MAX_SNAPSHOT_TAGS)
    return { snapshot: { tags, dnd, ...(phone !== null && { phone }) }, against: null };
  const signs = upTo(
    MAX_SIGNS,
    read.flatMap(({ sure, perhaps }) => [...sure, ...perhaps]),
  );
  return { snapshot: null, against: dnd || deleted || signs.length > 0 ? { tags: signs, dnd, deleted } : null };
}

/**
 * The mark of the phone; null where it is not told. Empty fields are left out (docs/vendors.md, GoHighLevel: webhooks), so one that an event
 * lacks may have been removed, if it tells the contact as a whole: `dateAdded` is never empty.
 */
function markOf(layers: readonly Json[]): string | null {
  const withField = (name: string) => layers.find((layer) => Object.hasOwn(layer, name));
  const told = withField('phone') ?? withField('dateAdded');
  return told ? phoneMark(told.phone) : null;
}

/** As many of the texts as fit into so many characters, each once. */
function upTo(characters: number, texts: readonly string[]): string[] {
  let left = characters;
  return [...new Set(texts)].filter((text) => {
    const fits = text.length <= left;
    if (fits) left -= text.length;
    return fits;
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function child(of: Json | undefined, key: string): Json | undefined {
  const value = said(of, key);
  return isObject(value) ? value : undefined;
}

/** The first of `keys` that any layer says, looking through the layers in order. */
function first(layers: readonly (Json | undefined)[], ...keys: string[]): unknown {
  for (const layer of layers) {
    for (const key of keys) {
      const value = said(layer, key);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** The value; undefined for each of GoHighLevel's five forms of nothing: key left out, undefined, null, "" and "null". */
function said(of: Json | undefined, key: string): unknown {
  if (of === undefined || !Object.hasOwn(of, key)) return undefined;
  const value = of[key];
  return isSaid(value) ? value : undefined;
}

function isSaid(value: unknown): boolean {
  const isNothing = typeof value === 'string' && ['', 'null'].includes(value.trim().toLowerCase());
  return value !== undefined && value !== null && !isNothing;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value.trim() : null;
}
