// Writes to a GoHighLevel contact. Facts: docs/vendors.md, GoHighLevel: writes.

import * as v from 'valibot';
import { callBlocked } from '../../../../shared/dnd.ts';
import { type Read, requireOurs } from '../../domain/contact.ts';
import { fail, VendorError } from '../../domain/failure.ts';
import type { Request } from '../call.ts';
import { hasFieldErrors, lacksScope, saysGone } from '../gohighlevel-errors.ts';
import type { Answer, Http } from '../http.ts';

/** How a write ended. `gone`: there is no such contact. `no_scope`: the token may not write, to nobody; the error says so. */
export type Written = { kind: 'done' | 'gone' } | { kind: 'no_scope'; error: string };

/** GoHighLevel's writes. Each throws VendorError where it cannot be done. */
export interface GhlWrites {
  /** Adds tags; those that the contact has stay. */
  addTags(contactId: string, tags: readonly string[]): Promise<Written>;
  /** Sets do-not-disturb for calls, unless calls are blocked already. The other channels are sent back as they are read. */
  blockCalls(contactId: string): Promise<Written>;
  /** Puts the contact into a workflow: each call starts it once more. */
  startWorkflow(contactId: string, workflowId: string): Promise<Written>;
  /** Each call is one more note. */
  addNote(contactId: string, text: string): Promise<Written>;
}

/** GoHighLevel shows this beside the channel. */
const DND_MESSAGE = 'Said in a call (CallTools)';

const ONCE = { once: true } as const;

/** What the answer to a write that was done has, as far as that is known (docs/vendors.md, GoHighLevel: writes). */
const DONE_KEYS = ['tags', 'contact', 'note', 'id', 'succeded', 'succeeded', 'success'];
const SUCCESS_KEYS = ['succeded', 'succeeded', 'success'];
const STATUS_KEYS = ['statusCode', 'status'];
const COMPLAINT_KEYS = ['message', 'detail', 'error', 'errors'];
/** Not all forms of the answer are known, so everything is taken but an error in disguise. */
const WriteAnswer = v.pipe(
  v.unknown(),
  v.check((json) => !isDisguised(json), 'an error'),
);

/** The writes. `read` is the client's own. */
export function ghlWrites(http: Http, read: (contactId: string) => Promise<Read>): GhlWrites {
  const write = async (
    method: 'POST' | 'PUT',
    contactId: string,
    tail: string,
    body: Record<string, unknown>,
    more: Pick<Request, 'once'> = {},
  ): Promise<Written> => {
    const path = `/contacts/${encodeURIComponent(contactId)}${tail}`;
    const call: Request = { method, path, body, about: 'record', optional: true, ...more };
    return writtenOf(call, await sent(call, http));
  };
  return {
    addTags: (contactId, tags) => write('POST', contactId, '/tags', { tags }),

    async blockCalls(contactId) {
      const seen = await read(contactId);
      if (seen.kind === 'gone') return { kind: 'gone' };
      if (seen.kind === 'doubtful') return fail(seen.failure);
      requireOurs(seen);
      const { dnd, dndSettings } = seen.contact;
      if (callBlocked(dnd, dndSettings)) return { kind: 'done' };
      const channels = typeof dndSettings === 'object' && !Array.isArray(dndSettings) ? { ...dndSettings } : {};
      const name = Object.keys(channels).find((key) => key.trim().toLowerCase() === 'call') ?? 'Call';
      const calls = { status: 'active', message: DND_MESSAGE };
      return write('PUT', contactId, '', { dndSettings: { ...channels, [name]: calls } });
    },

    startWorkflow: (contactId, workflowId) =>
      write('POST', contactId, `/workflow/${encodeURIComponent(workflowId)}`, {}, ONCE),

    addNote: (contactId, text) => write('POST', contactId, '/notes', { body: text }, ONCE),
  };
}

/** A write that fails is no sign that reads fail too, so it makes nobody suspect: GoHighLevel is down where its list does not answer. */
async function sent(call: Request, http: Http): Promise<Answer> {
  try {
    return await http.call({ ...call, shape: WriteAnswer });
  } catch (thrown) {
    if (!(thrown instanceof VendorError) || thrown.failure.kind !== 'transient') throw thrown;
    throw new VendorError({ ...thrown.failure, lagging: true });
  }
}

function writtenOf({ method, path }: Request, answer: Answer): Written {
  if (answer.ok) return { kind: 'done' };
  if (saysGone(answer)) return { kind: 'gone' };
  const error = `${method} ${path}: ${answer.status} ${answer.excerpt}`.trim();
  if (lacksScope(answer)) return { kind: 'no_scope', error: `${error} (the token needs the scope contacts.write)` };
  if (hasFieldErrors(answer)) return fail({ kind: 'contact', code: 'rejected', error });
  return fail({ kind: 'refused', vendor: 'gohighlevel', sign: 'record', error });
}

/** A 2xx that is an error: its own status says so, or it complains and shows nothing that was done. */
function isDisguised(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  const answer = json as Record<string, unknown>;
  if (STATUS_KEYS.some((key) => Number(answer[key]) >= 400)) return true;
  if (SUCCESS_KEYS.some((key) => answer[key] === false)) return true;
  return COMPLAINT_KEYS.some((key) => isFilled(answer[key])) && !DONE_KEYS.some((key) => isShown(answer[key]));
}

function isShown(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isFilled(value: unknown): boolean {
  return isShown(value) && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
}
