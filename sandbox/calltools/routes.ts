// From a request to one of CallTools' endpoints, with Django's habits on the way: slashes, authentication, methods, bodies.

import { html, json } from '../answers.ts';
import type { Visit } from '../front-door.ts';
import type { Account } from './account.ts';
import { listCalls, listDispositions, listHistory } from './calls/call-routes.ts';
import { changeHook, createHook, deleteHook, listHookErrors, listHooks } from './calls/hook-routes.ts';
import { HOOK_KINDS, type HookKind } from './calls/record.ts';
import { changeContact, createContact, deleteContact, listContacts } from './contact-routes.ts';
import { DESCRIPTION_PATH, describe } from './description.ts';
import {
  changeLabel,
  createLabel,
  deleteLabel,
  listCampaigns,
  listLabels,
  listLinks,
  listPhones,
  showLabel,
} from './label-routes.ts';
import { showContact } from './show.ts';
import type { LabelKind } from './table.ts';
import { listUsers } from './users.ts';

type Body = Record<string, unknown>;
/** What a path offers, by method. */
type Endpoint = Partial<Record<string, (body: Body) => Response>>;

/** The one list that needs no key. The real one stands on app.calltools.io. */
const SILOS_PATH = '/api/silos/';

/** Lists that are only read. */
const READ_LISTS: Record<string, (account: Account, url: URL) => Response> = {
  contactbuckets: listLinks,
  phonenumbers: listPhones,
  campaigns: listCampaigns,
  users: listUsers,
  calls: listCalls,
  calldispositions: listDispositions,
  historicalcalldispositions: listHistory,
  resthookerrorlogs: listHookErrors,
};

const COLLECTIONS = ['contacts', 'buckets', 'alltags', ...Object.keys(READ_LISTS), ...HOOK_KINDS];
const ROUTE = new RegExp(`^/api/(${COLLECTIONS.join('|')})/(?:(\\d+)/)?$`);

/** The vendor's answer to a request that got past the front door. */
export function route(account: Account, token: string, visit: Visit): Response {
  const { method, path, url, headers, text } = visit;
  if (!path.endsWith('/') && ROUTE.test(`${path}/`)) return slashMissing(visit);
  if (path === SILOS_PATH && method === 'GET') return json(200, account.settings.silos);
  const description = path === DESCRIPTION_PATH && account.settings.describesItself;
  const [, collection = description ? 'swagger' : undefined, id] = ROUTE.exec(path) ?? [];
  if (collection === undefined) return html(404, 'Not Found');
  const denied = refuse(account, token, collection, visit);
  if (denied) return denied;
  if (description) return describe(account.settings, visit);
  const endpoint = id === undefined ? list(account, collection, url) : detail(account, collection, Number(id));
  if (endpoint === null) return json(404, { detail: 'Not found.' });
  const action = endpoint[method];
  if (!action)
    return json(405, { detail: `Method "${method}" not allowed.` }, { allow: Object.keys(endpoint).join(', ') });
  const body = method === 'GET' || method === 'DELETE' ? {} : readBody(text, headers);
  return body instanceof Response ? body : action(body);
}

/** Django's usual behaviour (docs/vendors.md, CallTools: silos and keys): a read is redirected, a write is lost. */
function slashMissing({ method, url }: Visit): Response {
  if (method !== 'GET') return html(404, 'Not Found');
  return new Response(null, { status: 301, headers: { location: `${url.pathname}/${url.search}` } });
}

function refuse({ settings }: Account, token: string, collection: string, { method, headers }: Visit): Response | null {
  const sent = headers.get('authorization');
  const challenge = { 'www-authenticate': 'Token' };
  if (!sent?.startsWith('Token '))
    return json(401, { detail: 'Authentication credentials were not provided.' }, challenge);
  if (sent !== `Token ${token}`) return json(401, { detail: 'Invalid token.' }, challenge);
  const isRefusedRead = settings.readDenied && collection === 'buckets' && method === 'GET';
  const forbidden = isRefusedRead || (method === 'DELETE' && !settings.mayDelete);
  return forbidden ? json(403, { detail: 'You do not have permission to perform this action.' }) : null;
}

function list(account: Account, collection: string, url: URL): Endpoint {
  const kind = labelKind(collection);
  if (kind) return { GET: () => listLabels(account, kind, url), POST: (body) => createLabel(account, kind, body) };
  const hooks = hookKind(collection);
  if (hooks) return { GET: () => listHooks(account, hooks, url), POST: (body) => createHook(account, hooks, body) };
  const read = READ_LISTS[collection];
  if (read) return { GET: () => read(account, url) };
  return { GET: () => listContacts(account, url), POST: (body) => createContact(account, body) };
}

/** Null where there is no such row. */
function detail(account: Account, collection: string, id: number): Endpoint | null {
  const kind = labelKind(collection);
  const label = kind && account.table[kind].get(id);
  if (kind && label) {
    return {
      GET: () => json(200, showLabel(account, kind, label)),
      PATCH: (body) => changeLabel(account, kind, label, body),
      DELETE: () => deleteLabel(account, kind, label),
    };
  }
  const hooks = hookKind(collection);
  if (hooks) return hookDetail(account, hooks, id);
  const row = collection === 'contacts' ? account.table.contacts.get(id) : undefined;
  if (!row) return null;
  return {
    GET: () => json(200, showContact(row, account.settings)),
    PATCH: (body) => changeContact(account, row, body, false),
    PUT: (body) => changeContact(account, row, body, true),
    DELETE: () => deleteContact(account, row),
  };
}

function hookDetail(account: Account, kind: HookKind, id: number): Endpoint | null {
  const row = account.record.hooks[kind].find((one) => one.id === id);
  if (!row) return null;
  return {
    GET: () => json(200, row),
    PATCH: (body) => changeHook(account, kind, row, body, false),
    PUT: (body) => changeHook(account, kind, row, body, true),
    DELETE: () => deleteHook(account, kind, row),
  };
}

function hookKind(collection: string): HookKind | undefined {
  return HOOK_KINDS.find((kind) => kind === collection);
}

function labelKind(collection: string): LabelKind | null {
  return collection === 'buckets' ? 'buckets' : collection === 'alltags' ? 'tags' : null;
}

/** The JSON object of a body, or Django REST framework's refusal of it (inferred). */
function readBody(text: string, headers: Headers): Body | Response {
  const type = headers.get('content-type');
  if (type !== null && !type.includes('json'))
    return json(415, { detail: `Unsupported media type "${type}" in request.` });
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body;
    return json(400, { non_field_errors: ['Invalid data. Expected a dictionary.'] });
  } catch (error) {
    return json(400, { detail: `JSON parse error - ${error instanceof Error ? error.message : 'unreadable'}` });
  }
}
