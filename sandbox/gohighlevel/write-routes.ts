// Writes to contacts over the API: tags, do-not-disturb, workflows, notes (docs/vendors.md, GoHighLevel: writes).

import { json } from '../answers.ts';
import { randomId, type World } from '../world.ts';
import type { ContactPatch, DndChannel, GhlContact } from './contact.ts';
import { createContact } from './create-contact.ts';
import type { Editor } from './editor.ts';
import { refusal } from './refusals.ts';
import type { GoHighLevelSettings } from './settings.ts';
import { showDetail } from './show.ts';
import type { Store } from './store.ts';

/** A contact that was put into a workflow. Each call is one start. */
export interface WorkflowStart {
  contactId: string;
  workflowId: string;
  /** Epoch ms. */
  at: number;
}

/** A note, as GoHighLevel keeps it. Each call is one note, whatever there is. */
export interface Note {
  id: string;
  contactId: string;
  body: string;
  dateAdded: string;
}

/** What writes have left beside the contacts, oldest first. */
export interface Written {
  workflowStarts: WorkflowStart[];
  notes: Note[];
}

interface Options {
  store: Store;
  editor: Editor;
  written: Written;
  settings: Pick<GoHighLevelSettings, 'allowDuplicatePhones' | 'dndWrite' | 'missingContactStatus' | 'reshape'>;
  locationId: string;
  world: World;
  traceId: () => string;
  onChange: () => void;
}

type Body = Record<string, unknown>;
type Write = (contact: GhlContact, body: Body, version: string) => Response;

const STATUSES = ['active', 'inactive', 'permanent'];
/** Fields of a contact that the API may set here. The real one takes most fields; the pipeline has no business with those. */
const WRITABLE = ['dnd', 'dndSettings', 'tags'];

/**
 * The write that a path asks for, or null where it is none. `tail` is what follows the contact's id: empty, `tags`, `notes` or
 * `workflow/{id}`.
 */
export function createWrites(options: Options) {
  const { store, editor, written, settings, world, traceId, onChange } = options;
  const invalid = (...messages: string[]) => refusal(422, messages, traceId());
  const timestamp = () => new Date(world.now()).toISOString();

  function tag(change: (tags: string[], given: string[]) => string[], status: number): Write {
    return ({ id, tags }, { tags: given }) => {
      if (!isTexts(given)) return invalid('tags must be an array');
      const after = editor.edit(id, {
        tags: change(
          tags,
          given.map((one) => one.trim().toLowerCase()),
        ),
      });
      return json(status, { tags: after.tags, traceId: traceId() });
    };
  }

  const put: Write = (contact, body, version) => {
    const complaints = complaintsAbout(body);
    if (complaints.length > 0) return invalid(...complaints);
    const { dndSettings: given, ...rest } = body as ContactPatch;
    const channels = given && storedChannels(given);
    const kept = settings.dndWrite === 'kept' ? contact.dndSettings : {};
    const after = editor.edit(contact.id, { ...rest, ...(channels && { dndSettings: { ...kept, ...channels } }) });
    // `succeded` is GoHighLevel's spelling.
    const shown = settings.reshape(showDetail(after, version), 'detail');
    return json(200, { succeded: true, contact: shown, traceId: traceId() });
  };

  const start = (workflowId: string): Write => {
    return ({ id }) => {
      written.workflowStarts.push({ contactId: id, workflowId, at: world.now() });
      onChange();
      return json(201, { succeded: true, traceId: traceId() });
    };
  };

  const note: Write = ({ id }, { body }) => {
    if (typeof body !== 'string' || body === '') return invalid('body should not be empty', 'body must be a string');
    const row = { id: randomId(world.random), contactId: id, body, dateAdded: timestamp() };
    written.notes.push(row);
    onChange();
    return json(201, { note: row, traceId: traceId() });
  };

  const remove: Write = (contact) => {
    editor.save(contact, null);
    return json(200, { succeded: true, traceId: traceId() });
  };

  function writeOf(method: string, tail: string): Write | null {
    const workflowId = /^workflow\/([^/]+)$/.exec(tail)?.[1];
    if (workflowId !== undefined && method === 'POST') return start(decodeURIComponent(workflowId));
    const writes: Record<string, Write> = {
      'PUT ': put,
      'DELETE ': remove,
      'POST tags': tag((tags, given) => [...tags, ...given], 201),
      'DELETE tags': tag((tags, given) => tags.filter((one) => !given.includes(one)), 200),
      'POST notes': note,
    };
    return writes[`${method} ${tail}`] ?? null;
  }

  return (method: string, path: string) => {
    if (method === 'POST' && path === '/contacts/')
      return (body: Body, version: string) => createContact(body, version, options);
    const [, id = '', tail = ''] = /^\/contacts\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
    const write = id === '' ? null : writeOf(method, tail);
    if (!write) return null;
    return (body: Body, version: string): Response => {
      const contactId = decodeURIComponent(id);
      if (!store.has(contactId)) return refusal(settings.missingContactStatus, 'Contact not found', traceId());
      return write(store.contact(contactId), body, version);
    };
  };
}

function complaintsAbout({ dnd, dndSettings, tags, ...others }: Body): string[] {
  const complaints = Object.keys(others).map(
    (name) => `property ${name} should not exist (here only ${WRITABLE.join(', ')})`,
  );
  if (dnd !== undefined && typeof dnd !== 'boolean') complaints.push('dnd must be a boolean value');
  if (tags !== undefined && !isTexts(tags)) complaints.push('tags must be an array');
  return dndSettings === undefined ? complaints : [...complaints, ...complaintsAboutChannels(dndSettings)];
}

function complaintsAboutChannels(channels: unknown): string[] {
  if (typeof channels !== 'object' || channels === null || Array.isArray(channels))
    return ['dndSettings must be an object'];
  return Object.entries(channels as Record<string, Partial<DndChannel> | null>)
    .filter(([, channel]) => !STATUSES.includes(String(channel?.status)))
    .map(([name]) => `dndSettings.${name}.status must be one of the following values: ${STATUSES.join(', ')}`);
}

const CHANNELS = ['Call', 'SMS', 'Email', 'WhatsApp', 'GMB', 'FB'];

/** v3 spells channels with a small letter, older versions with a capital; here all versions take both. */
function storedChannels(given: Record<string, DndChannel>): Record<string, DndChannel> {
  const spelling = (name: string) => CHANNELS.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
  return Object.fromEntries(Object.entries(given).map(([name, channel]) => [spelling(name), channel]));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
