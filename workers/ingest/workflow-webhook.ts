// POST /webhook/ghl-workflow: GoHighLevel's workflow actions cannot sign and carry no time, so a token admits them and only the
// contact's id is taken from them (docs/vendors.md, GoHighLevel: workflow actions).

import { sha256Hex } from '../../shared/hash.ts';
import type { ContactChanged } from '../../shared/messages.ts';
import { readBody } from './body.ts';
import { locationOf, type NamedLocation } from './location.ts';
import { eventIdOf, parseBody, readWorkflowWebhook, type WorkflowWebhook } from './payload.ts';
import { quarantined } from './quarantine.ts';
import { type Decision, type Facts, type RequestContext, refused } from './request.ts';
import { bearerToken, sameSecret } from './secret.ts';
import type { Settings } from './settings.ts';

/** The event type of a workflow action, which names none. */
export const WORKFLOW_EVENT = 'WorkflowWebhook';

/** Checks the token, and only then reads the body. */
export async function decideWorkflowWebhook(request: Request, { settings, world }: RequestContext): Promise<Decision> {
  if (!(await sameSecret(bearerToken(request), settings.workflowToken)))
    return refused({ reason: 'wrong_workflow_token' });
  const body = await readBody(request);
  if (body.kind === 'refused') return refused({ reason: body.reason }, { scheme: 'token' });
  return classifyWorkflowWebhook(body.bytes, settings, world.now());
}

async function classifyWorkflowWebhook(
  bytes: Uint8Array<ArrayBuffer>,
  settings: Settings,
  receivedAt: number,
): Promise<Decision> {
  const parsed = parseBody(bytes);
  const webhook = readWorkflowWebhook(parsed.kind === 'object' ? parsed.object : {});
  const contactId = webhook.contactId.kind === 'id' ? webhook.contactId.id : null;
  const location = locationOf(webhook.locationId, true, settings);
  const locationId = 'id' in location ? location.id : null;
  const facts: Facts = { scheme: 'token', eventType: WORKFLOW_EVENT, locationId, contactId };
  if (location.kind === 'unknown') return refused({ reason: 'no_location' }, facts);
  const sha256 = await sha256Hex(bytes);
  const eventId = await eventIdOf(locationId, contactId, WORKFLOW_EVENT, null, sha256);
  if (location.kind === 'other') return { kind: 'ignored', why: 'other_location', eventId, facts };

  const detail = parsed.kind === 'object' ? faultOf(webhook, location) : parsed.detail;
  if (detail !== null || locationId === null || contactId === null) {
    const json = parsed.kind === 'object' ? parsed.object : parsed.json;
    return quarantined({ detail: detail ?? '', json, eventId, receivedAt, bytes: bytes.length, sha256 }, facts);
  }
  const message: ContactChanged = {
    v: 1,
    kind: 'contact.changed',
    locationId,
    contactId,
    eventType: WORKFLOW_EVENT,
    source: 'workflow',
    eventId,
    occurredAt: null,
    receivedAt,
    snapshot: null,
  };
  return { kind: 'queued', message, facts };
}

function faultOf({ contactId }: WorkflowWebhook, location: NamedLocation): string | null {
  if (location.kind === 'malformed') return 'The location id is not 1 to 64 letters, digits, - or _.';
  if (location.kind === 'unsaid')
    return 'The body has no "location_id", and there are several locations here: add it as {{location.id}}.';
  if (contactId.kind === 'malformed') return 'The "contact_id" is not 1 to 64 letters, digits, - or _.';
  if (contactId.kind === 'absent')
    return 'The body has no "contact_id" ("id" is the opportunity\'s): add it as {{contact.id}}.';
  return null;
}
