// From a request to GoHighLevel's contacts API: token, version, then read one contact or search (docs/vendors.md, GoHighLevel:
// contacts API; GoHighLevel: tokens).

import { json } from '../answers.ts';
import type { Visit } from '../front-door.ts';
import type { GhlContact } from './contact.ts';
import { refusal } from './refusals.ts';
import { showDetail } from './show.ts';

/** docs/vendors.md, GoHighLevel: contacts API. */
const VERSIONS = ['v3', '2023-02-21', '2021-07-28', '2021-04-15'];

interface Options {
  apiKey: string;
  contact(id: string): GhlContact | undefined;
  search(body: Record<string, unknown>): Response;
  missingContactStatus: () => number;
  reshape: (shown: Record<string, unknown>) => Record<string, unknown>;
  traceId: () => string;
}

/** Answers each request to the contacts API. */
export function createRoutes({
  apiKey,
  contact,
  search,
  missingContactStatus,
  reshape,
  traceId,
}: Options): (visit: Visit) => Response {
  function refuse(headers: Headers): Response | null {
    if (headers.get('authorization') !== `Bearer ${apiKey}`)
      return refusal(401, 'Invalid token: access token is invalid', traceId());
    const version = headers.get('version');
    if (version === null) return refusal(401, 'version header was not found.', traceId());
    return VERSIONS.includes(version) ? null : refusal(400, `Invalid API version segment ${version}`, traceId());
  }

  function read(id: string, version: string): Response {
    const found = contact(id);
    if (!found) return refusal(missingContactStatus(), 'Contact not found', traceId());
    return json(200, { contact: reshape(showDetail(found, version)), traceId: traceId() });
  }

  return ({ method, path, headers, text }) => {
    const refused = refuse(headers);
    if (refused) return refused;
    if (method === 'POST' && path === '/contacts/search') {
      const body = readObject(text);
      return body ? search(body) : refusal(400, 'Unexpected token in JSON', traceId());
    }
    const id = method === 'GET' ? /^\/contacts\/([^/]+)$/.exec(path)?.[1] : undefined;
    if (id !== undefined) return read(decodeURIComponent(id), headers.get('version') ?? '');
    return refusal(404, `Cannot ${method} ${path}`, traceId());
  };
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
