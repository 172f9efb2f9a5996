// Every answer: what is accepted, and each way to turn a request away, with what the person who set this up should do.

import { problem } from '../../shared/problem.ts';
import type { Scheme } from './keys.ts';

/** 202: the webhook need not be sent again. */
export function accepted(status: 'queued' | 'ignored' | 'quarantined', id: string, detail?: string): Response {
  return json(202, { status, id, ...(detail ? { detail } : {}) });
}

/** Each answer gets a copy. Made anew from an object they would cost a webhook a twentieth of its CPU time. */
const JSON_HEADERS = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' });

/** An answer that is never cached. */
export function json(status: number, body: object): Response {
  return new Response(JSON.stringify(body), { status, headers: JSON_HEADERS });
}

/** Why a request is turned away, with what the log should say about it. */
export type Refusal =
  | { reason: 'no_signature' | 'malformed_signature' | 'legacy_signature_off' }
  | { reason: 'no_key' | 'wrong_signature'; scheme: Scheme }
  | { reason: 'stale'; ageMs: number }
  | { reason: 'future'; aheadMs: number }
  | { reason: 'wrong_workflow_token' | 'wrong_calltools_token' | 'wrong_admin_token' }
  | { reason: 'viewer_may_not_act' }
  | { reason: 'body_too_large' | 'body_broken' }
  | { reason: 'unknown_path' | 'which_location' }
  | { reason: 'method_not_allowed'; allow: string }
  | { reason: 'no_location' | 'not_stored' | 'webhook_crashed' }
  | { reason: 'consumer_unreachable' | 'crashed' };

/** The answer to a refused request. One switch, so that a new refusal cannot be left without an answer. */
export function refusalAnswer(refusal: Refusal): Response {
  switch (refusal.reason) {
    case 'no_signature':
      return unauthorized(
        'There is no X-GHL-Signature header (N/A counts as none). Sign the raw body; there is no way to send an unsigned webhook.',
      );
    case 'malformed_signature':
      return unauthorized(
        'The signature has no known form: X-GHL-Signature is one signature of 64 hex digits or 44 base64 characters (HMAC-SHA256) or 88 base64 characters (Ed25519), X-WH-Signature of 684 base64 characters (RSA).',
      );
    case 'legacy_signature_off':
      return unauthorized(
        'Only the legacy X-WH-Signature header was sent. Send X-GHL-Signature, or set GHL_LEGACY_RSA to on.',
      );
    case 'no_key':
      return unauthorized(`There is no key to verify this signature with: check that ${CHECK[refusal.scheme]}.`);
    case 'wrong_signature':
      return unauthorized(`The signature does not match the body: check that ${CHECK[refusal.scheme]}.`);
    case 'stale':
      return unauthorized(
        'The timestamp is too old (WEBHOOK_MAX_AGE_SECONDS). Sign and send the webhook with the current time.',
      );
    case 'future':
      return unauthorized("The timestamp lies more than 60 s in the future. Check the sender's clock.");
    case 'wrong_workflow_token':
      return wrongToken('GHL_WORKFLOW_TOKEN');
    case 'wrong_calltools_token':
      return unauthorized(
        'Put the token set as CALLTOOLS_WEBHOOK_TOKEN into the address (?token=…), or send it as "Authorization: Bearer". The route is closed while none is set: npm run setup -- --call-hooks sets it, and subscribes.',
        BEARER,
      );
    case 'which_location':
      return problem(
        400,
        'Which location?',
        'Add location=… to the address, with the id of one of your locations (GHL_LOCATION_ID, LOCATIONS): there are several, or the one that is named is none of them.',
      );
    case 'wrong_admin_token':
      return wrongToken('ADMIN_TOKEN');
    case 'viewer_may_not_act':
      return problem(403, 'Forbidden', VIEWER_MAY_NOT_ACT);
    case 'body_too_large':
      return problem(413, 'Body too large', 'A webhook may have at most 256 KiB.');
    case 'body_broken':
      return problem(400, 'Body incomplete', 'The body ended before all of it had arrived. Send it again.');
    case 'unknown_path':
      return problem(
        404,
        'Not found',
        'Webhooks go to POST /webhook/ghl or POST /webhook/ghl-workflow, notices of CallTools to POST /webhook/calltools. For all other paths see docs/api.md.',
      );
    case 'method_not_allowed':
      return problem(405, 'Method not allowed', `Use ${refusal.allow}.`, { allow: refusal.allow });
    case 'no_location':
      return later(
        RETRY_UNCONFIGURED_SECONDS,
        'Set GHL_LOCATION_ID to the id of your GoHighLevel location, or correct LOCATIONS, and deploy again. Nothing is lost: send this again.',
      );
    case 'not_stored':
      return later(RETRY_UNSTORED_SECONDS, 'The webhook could not be stored just now. Nothing is lost: send it again.');
    case 'webhook_crashed':
      return later(
        RETRY_UNSTORED_SECONDS,
        'The webhook could not be handled, see the log. Nothing is lost: send it again.',
      );
    case 'crashed':
      return problem(500, 'Internal error', 'The request could not be handled, see the log.');
    case 'consumer_unreachable':
      return problem(503, 'Consumer unreachable', UNREACHABLE);
  }
}

/**
 * GoHighLevel retries a 429 under its old policy and its new one (docs/vendors.md, GoHighLevel: deliveries and retries), so nothing
 * is lost.
 */
const RETRY_UNCONFIGURED_SECONDS = 60;
const RETRY_UNSTORED_SECONDS = 30;

const UNREACHABLE = 'Check that the worker contact-consumer is deployed and bound as CONSUMER.';

const VIEWER_MAY_NOT_ACT =
  'This token may look, and not act. To act, send the token set as ADMIN_TOKEN. If VIEWER_TOKEN is the same text, nobody can act: give it another value.';

const BEARER = { 'www-authenticate': 'Bearer' };

const CHECK: Record<Scheme, string> = {
  hmac: 'GHL_WEBHOOK_SECRET is set and equals the secret of the sender, and that the raw body is what was signed',
  ed25519: "GHL_ED25519_PUBLIC_KEYS is unset or holds the sender's public key, and that no proxy changes the body",
  rsa: "GHL_RSA_PUBLIC_KEYS is unset or holds the sender's public key, and that no proxy changes the body",
};

function unauthorized(detail: string, headers: Record<string, string> = {}): Response {
  return problem(401, 'Unauthorized', detail, headers);
}

function wrongToken(name: string): Response {
  const detail = `Send "Authorization: Bearer" with the token set as ${name}. The route is closed while none is set.`;
  return unauthorized(detail, BEARER);
}

function later(retryAfterSeconds: number, detail: string): Response {
  return problem(429, 'Try again later', detail, { 'retry-after': String(retryAfterSeconds) });
}
