// From a request to GoHighLevel's API: token, version, scope, then read or write one contact, search, or list the custom
// fields, the users or what opportunities there are (docs/vendors.md, GoHighLevel: contacts API; GoHighLevel: tokens; GoHighLevel: custom
// fields; GoHighLevel: users).

import { json } from '../answers.ts';
import type { Visit } from '../front-door.ts';
import type { GhlContact } from './contact.ts';
import type { CustomFieldDefinition } from './custom-fields.ts';
import { refusal } from './refusals.ts';
import type { GoHighLevelSettings } from './settings.ts';
import { showDetail } from './show.ts';

/** docs/vendors.md, GoHighLevel: contacts API. */
const VERSIONS = ['v3', '2023-02-21', '2021-07-28', '2021-04-15'];

interface Options {
  apiKey: string;
  locationId: string;
  settings: Pick<GoHighLevelSettings, 'scopes' | 'customFields' | 'users' | 'missingContactStatus' | 'reshape'>;
  contact(id: string): GhlContact | undefined;
  search(body: Record<string, unknown>): Response;
  /** Answers a GET about opportunities; null where the path is of something else. */
  opportunities(path: string, query: URLSearchParams, version: string): Response | null;
  write(method: string, path: string): ((body: Record<string, unknown>, version: string) => Response) | null;
  traceId: () => string;
}

/** Answers each request to the API. */
export function createRoutes({
  apiKey,
  locationId,
  settings,
  contact,
  search,
  opportunities,
  write,
  traceId,
}: Options): (visit: Visit) => Response {
  function refuse({ headers, method, path }: Visit): Response | null {
    if (headers.get('authorization') !== `Bearer ${apiKey}`)
      return refusal(401, 'Invalid token: access token is invalid', traceId());
    const version = headers.get('version');
    if (version === null) return refusal(401, 'version header was not found.', traceId());
    if (!VERSIONS.includes(version)) return refusal(400, `Invalid API version segment ${version}`, traceId());
    if (settings.scopes.includes(write(method, path) ? 'contacts.write' : scopeOf(path))) return null;
    return refusal(401, 'The token is not authorized for this scope.', traceId());
  }

  function read(id: string, version: string): Response {
    const found = contact(id);
    if (!found) return refusal(settings.missingContactStatus, 'Contact not found', traceId());
    return json(200, { contact: settings.reshape(showDetail(found, version), 'detail'), traceId: traceId() });
  }

  const otherLocation = () => refusal(403, 'The token does not have access to this location.', traceId());

  function listUsers(id: string | null): Response {
    return id === locationId ? json(200, { users: settings.users, traceId: traceId() }) : otherLocation();
  }

  /** `?model=` is documented as contact, opportunity or all. What no model means is not known: here all. */
  function listFields(id: string, model: string | null): Response {
    if (id !== locationId) return otherLocation();
    const isWanted = (field: CustomFieldDefinition) => model === null || model === 'all' || field.model === model;
    return json(200, { customFields: settings.customFields.filter(isWanted), traceId: traceId() });
  }

  /** A search or a write. A write may have no body: starting a workflow needs none. */
  function withBody({ method, path, text, headers }: Visit): Response | null {
    const writing = write(method, path);
    if (!writing && !(method === 'POST' && path === '/contacts/search')) return null;
    const body = readObject(writing && text === '' ? '{}' : text);
    if (!body) return refusal(400, 'Unexpected token in JSON', traceId());
    return writing ? writing(body, headers.get('version') ?? '') : search(body);
  }

  function get({ path, url, headers }: Visit): Response | null {
    const { searchParams: query } = url;
    const id = /^\/contacts\/([^/]+)$/.exec(path)?.[1];
    if (id !== undefined) return read(decodeURIComponent(id), headers.get('version') ?? '');
    const fieldsOf = /^\/locations\/([^/]+)\/customFields$/.exec(path)?.[1];
    if (fieldsOf !== undefined) return listFields(decodeURIComponent(fieldsOf), query.get('model'));
    if (path === '/users/') return listUsers(query.get('locationId'));
    return opportunities(path, query, headers.get('version') ?? '');
  }

  return (visit) => {
    const { method, path } = visit;
    const answer = refuse(visit) ?? (method === 'GET' ? get(visit) : withBody(visit));
    return answer ?? refusal(404, `Cannot ${method} ${path}`, traceId());
  };
}

/** The right that a path asks of the token. */
function scopeOf(path: string): string {
  if (path.startsWith('/locations/')) return 'locations/customFields.readonly';
  if (path.startsWith('/opportunities/')) return 'opportunities.readonly';
  return path.startsWith('/users') ? 'users.readonly' : 'contacts.readonly';
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
