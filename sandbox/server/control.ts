// A plain API, without authentication, for people who play with the sandbox: act as a GoHighLevel user, look into the dialer, break things.

import { json } from '../answers.ts';
import type { CallLog } from '../call-log.ts';
import type { CallTools } from '../calltools.ts';
import type { Faults } from '../faults.ts';
import type { GoHighLevel } from '../gohighlevel.ts';
import { callEntry } from './call-entry.ts';
import { contactFields } from './contact-entry.ts';
import { BadEntry, type Entry, faultPlan, readEntry } from './entry.ts';
import { answerOpportunities } from './opportunity-control.ts';
import { callToolsSettings, ghlSettings } from './settings-entry.ts';

const ROUTES = {
  'GET /sandbox': 'this list',
  'GET /sandbox/ghl/contacts': 'contacts in GoHighLevel',
  'POST /sandbox/ghl/contacts':
    'create one, e.g. {"firstName":"Dana","phone":"+13055550142","tags":["cold lead"],"customFields":[{"key":"contact.product","value":"Solar"}]}; fires webhooks',
  'PATCH /sandbox/ghl/contacts/:id':
    'edit it; fires webhooks. Tags and custom fields are the whole list. {"call":"active"} refuses calls, ?silent=true loses the webhooks',
  'DELETE /sandbox/ghl/contacts/:id': 'delete it; fires webhooks',
  'GET /sandbox/ghl/opportunities': 'opportunities in GoHighLevel, and the pipelines with their stages',
  'POST /sandbox/ghl/opportunities':
    'make one, e.g. {"contactId":"ID","pipeline":"Sales","stage":"New Lead","status":"open"}; fires webhooks',
  'PATCH /sandbox/ghl/opportunities/:id':
    'move it or end it, e.g. {"stage":"Booked"} or {"status":"lost"}; fires webhooks',
  'DELETE /sandbox/ghl/opportunities/:id': 'delete it; fires webhooks',
  'GET /sandbox/ghl/deliveries': 'webhooks sent, and how that went',
  'GET /sandbox/ghl/written': 'workflows started and notes written over the API',
  'GET /sandbox/ghl/settings': 'how GoHighLevel behaves',
  'POST /sandbox/ghl/settings':
    'make its reads lag behind its webhooks, e.g. {"readLagMs":5000} or {"readLagMs":{"min":0,"max":10000}}; take a right from the token, e.g. {"scopes":["contacts.readonly"]}; let a write of do-not-disturb drop the other channels: {"dndWrite":"replaced"}; or give the location other "customFields" or "users"',
  'GET /sandbox/calltools/contacts': 'what the dialer holds',
  'POST /sandbox/calltools/agent-calls':
    'an agent calls somebody and says how it went, e.g. {"phone":"+13055550142","disposition":"Not Interested"}; "force" also calls whom the dialer would not, "rowAfterMs" (with "lateId") lets the record learn of it late. 409 says why nobody was called',
  'POST /sandbox/calltools/agent-calls/:uuid/hang-up': 'end a call that went on, such as a transfer',
  'GET /sandbox/calltools/hooks': 'what REST hooks and automations have sent, and how that went',
  'GET /sandbox/calltools/settings': 'the account: its fields, its users, and how it behaves',
  'POST /sandbox/calltools/settings':
    'make it refuse an email that looks right, e.g. {"refusedEmails":["dana@example.com"]}, and say so in another place: {"emailRefusal":"detail"} or "list"; or give it other fields: {"customFields":[{"name":"product","type":"choice","choices":["Solar"]}]}; or let an automation take people out: {"bucketAutomations":[{"disposition":"Not Interested","bucket":"Cold Leads","afterMs":0}]}; or change "dispositions", "dispositionForm", "hookFields", "hookTries", "mergeValues"',
  'GET /sandbox/{ghl,calltools}/calls': 'API calls received: how many, and the last 100',
  'GET /sandbox/{ghl,calltools}/faults': 'what goes wrong at present',
  'POST /sandbox/{ghl,calltools}/faults':
    'make it fail, e.g. {"times":3,"do":{"kind":"html500"}} (without "times" until it is made to work again), {"do":{"kind":"throttle","seconds":10}} (429), {"do":{"kind":"hang"}} (silence), {"do":{"kind":"status","status":401}} (wrong key), {"do":{"kind":"nonsense"}} (an error in a 200), {"record":"ID","do":{"kind":"status","status":403,"body":{"message":"Forbidden"}}} (one record is refused), {"field":"remove_buckets","do":{"kind":"status","status":403}} (one part of a write is refused) or {"latency":500}',
  'DELETE /sandbox/{ghl,calltools}/faults': 'make it work again',
};

interface Vendors {
  ghl: GoHighLevel;
  callTools: CallTools;
}

/** Answers requests below /sandbox. */
export function createControl({ ghl, callTools }: Vendors): (request: Request) => Promise<Response> {
  async function contacts(request: Request, id: string | undefined, silent: boolean): Promise<Response> {
    const { method } = request;
    if (id === undefined) {
      if (method === 'GET') return json(200, ghl.contacts());
      if (method === 'POST')
        return json(
          201,
          await ghl.addContact(contactFields(await readEntry(request), ghl.settings.customFields), { silent }),
        );
      return wrongMethod('GET, POST');
    }
    const contact = ghl.contacts().find((one) => one.id === id);
    if (!contact) return json(404, { error: `there is no contact ${id} in GoHighLevel` });
    if (method === 'GET') return json(200, contact);
    if (method === 'PATCH') return editContact(ghl, id, await readEntry(request), silent);
    if (method !== 'DELETE') return wrongMethod('GET, PATCH, DELETE');
    await ghl.deleteContact(id, { silent });
    return new Response(null, { status: 204 });
  }

  async function agentCalls(request: Request, callUuid: string | undefined): Promise<Response> {
    if (request.method !== 'POST') return wrongMethod('POST');
    if (callUuid === undefined) {
      const call = callTools.agentCalls(...callEntry(await readEntry(request), callTools));
      return json(call.called ? 201 : 409, call);
    }
    return callTools.hangUp(callUuid)
      ? json(200, { callUuid })
      : json(404, { error: `no call ${callUuid} goes on in CallTools` });
  }

  /** What can only be looked at, by path. */
  const views: Record<string, () => unknown> = {
    '/sandbox': () => ({ routes: ROUTES }),
    '/sandbox/ghl/deliveries': () => ghl.deliveries,
    '/sandbox/ghl/written': () => ghl.written,
    '/sandbox/ghl/calls': () => recent(ghl.calls),
    '/sandbox/calltools/calls': () => recent(callTools.calls),
    '/sandbox/calltools/hooks': () => callTools.hookDeliveries,
    '/sandbox/calltools/contacts': () => callTools.contacts().map(shown),
  };

  /** What can be changed, by path. */
  const changes: Record<string, (request: Request) => Promise<Response>> = {
    '/sandbox/ghl/faults': (request) => changeFaults(request, ghl.faults),
    '/sandbox/calltools/faults': (request) => changeFaults(request, callTools.faults),
    '/sandbox/ghl/settings': (request) => changeSettings(request, ghl, ghlSettings),
    '/sandbox/calltools/settings': (request) => changeSettings(request, callTools, callToolsSettings),
  };

  async function route(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.replace(/\/$/, '');
    const view = Object.hasOwn(views, path) ? views[path] : undefined;
    if (view) return request.method === 'GET' ? json(200, view()) : wrongMethod('GET');
    const change = Object.hasOwn(changes, path) ? changes[path] : undefined;
    if (change) return change(request);
    const [, calls, callUuid] = /^(\/sandbox\/calltools\/agent-calls)(?:\/([^/]+)\/hang-up)?$/.exec(path) ?? [];
    if (calls !== undefined) return agentCalls(request, callUuid);
    const [, list, id] = /^\/sandbox\/ghl\/(contacts|opportunities)(?:\/([^/]+))?$/.exec(path) ?? [];
    const silent = searchParams.get('silent') === 'true';
    if (list === 'contacts') return contacts(request, id, silent);
    if (list === 'opportunities') return answerOpportunities(ghl, request, id, silent);
    return json(404, { error: `the sandbox has no ${path}; GET /sandbox lists what it has` });
  }

  return async (request) => {
    try {
      return await route(request);
    } catch (error) {
      return json(error instanceof BadEntry ? 400 : 500, {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  };
}

async function editContact(ghl: GoHighLevel, id: string, entry: Entry, silent: boolean): Promise<Response> {
  const { call } = entry;
  if (call !== undefined && call !== 'active' && call !== 'inactive' && call !== 'permanent') {
    throw new BadEntry('"call" must be "active" (do not call), "permanent" or "inactive"');
  }
  const fields = contactFields(entry, ghl.settings.customFields, ['call']);
  const edited = await ghl.editContact(id, fields, { silent });
  return json(200, call === undefined ? edited : await ghl.setDnd(id, { call }, { silent }));
}

function shown({ doNotContact, ...contact }: ReturnType<CallTools['contacts']>[number]) {
  return { ...contact, do_not_contact: doNotContact };
}

async function changeFaults(request: Request, faults: Faults): Promise<Response> {
  if (request.method === 'DELETE') faults.clear();
  else if (request.method === 'POST') {
    const { rules, ...base } = faultPlan(await readEntry(request));
    for (const rule of rules) faults.plan(rule);
    Object.assign(faults, base);
  } else if (request.method !== 'GET') return wrongMethod('GET, POST, DELETE');
  return json(200, { rules: faults.rules(), latency: faults.latency, rateLimit: faults.rateLimit });
}

async function changeSettings<T extends object>(
  request: Request,
  { settings }: { settings: T },
  read: (entry: Entry) => Partial<T>,
): Promise<Response> {
  if (request.method === 'POST') Object.assign(settings, read(await readEntry(request)));
  else if (request.method !== 'GET') return wrongMethod('GET, POST');
  return json(200, settings);
}

function recent(calls: CallLog) {
  return { count: calls.count(), last: calls.list().slice(-100) };
}

function wrongMethod(allow: string): Response {
  return json(405, { error: `only ${allow} here` }, { allow });
}
