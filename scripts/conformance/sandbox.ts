// The conformance test against the sandbox: each assumption once for each of its answers, on accounts that answer so, in a time of their own.

import { type CallTools, createCallTools } from '../../sandbox/calltools.ts';
import { createGoHighLevel, type GoHighLevel } from '../../sandbox/gohighlevel.ts';
import type { World } from '../../workers/consumer/config/env.ts';
import { createAsking } from './asking.ts';
import type { Assumption } from './assumption.ts';
import { type Finding, run } from './run.ts';
import type { Asked, SandboxAccount, Told } from './sandbox-account.ts';
import { fictionalNumber } from './test-name.ts';

/** One assumption and one answer, and what came of it on an account of the sandbox. */
export interface Rehearsal {
  /** The answer that the account gives. */
  planned: string;
  finding: Finding;
  /** The conformance test saw that answer, and left nothing behind but what it says. */
  isAsPlanned: boolean;
}

const LOCATION = 'sandboxLocation0001';
const NEVER = new AbortController().signal;
const START_MS = Date.UTC(2026, 10, 30);

/** Every answer of these assumptions. */
export async function rehearse(assumptions: readonly Assumption[]): Promise<Rehearsal[]> {
  const rehearsals: Rehearsal[] = [];
  for (const assumption of assumptions) {
    for (const [planned, { sandbox }] of Object.entries(assumption.answers)) {
      rehearsals.push(await rehearseOne(assumption, planned, sandbox));
    }
  }
  return rehearsals;
}

async function rehearseOne(assumption: Assumption, planned: string, account: SandboxAccount): Promise<Rehearsal> {
  const stage = createStage(account);
  const { findings, stays } = await run({ ...stage, assumptions: [assumption] });
  const [finding] = findings;
  if (finding === undefined) throw new Error(`${assumption.id} was not tried at all`);
  const isClean = stays.length === 0 ? stage.left() === 0 : account.callTools?.mayDelete === false;
  return { planned, finding, isAsPlanned: finding.answer === planned && isClean };
}

/** A pair of accounts, and all that a run needs to reach them. */
export function createStage(account: SandboxAccount, random: () => number = () => 0.4) {
  let clock = START_MS;
  const wait = async (ms: number) => {
    clock += ms;
  };
  const vendorWorld = { now: () => clock, random: mixed(random), wait };
  const ghl = createGoHighLevel({
    ...vendorWorld,
    locationId: LOCATION,
    apiKey: 'pit-sandbox',
    settings: { scopes: ALL_SCOPES, ...account.ghl },
  });
  const callTools = createCallTools({ ...vendorWorld, token: 'sandbox-token', settings: account.callTools ?? {} });
  fill(ghl, callTools);
  // All searches show it.
  clock += 60_000;
  account.prepare?.({ ghl, callTools });
  const before = { ghl: ghl.contacts().length, callTools: callTools.contacts().length };
  const world: World = {
    now: () => clock,
    random,
    newId: () => 'unused',
    wait,
    fetch: (url, init) => serve(new Request(url, init), account, { ghl, callTools }),
    deadline: () => new AbortController().signal,
    write: () => {},
  };
  return {
    ghl,
    callTools,
    world,
    access: {
      gohighlevel: {
        baseUrl: 'https://ghl.sandbox',
        headers: { authorization: 'Bearer pit-sandbox', version: '2021-07-28', accept: 'application/json' },
      },
      calltools: {
        baseUrl: 'https://east-1.calltools.io/api',
        headers: { authorization: 'Token sandbox-token', accept: 'application/json' },
      },
    },
    settings: {
      locationId: LOCATION,
      appUrl: 'https://app.gohighlevel.com',
      phoneField: 'mobile_phone_number',
      emailField: 'personal_email_address',
      callToolsUrl: 'https://east-1.calltools.io',
      phone: fictionalNumber(random),
      apiVersion: '2021-07-28',
    },
    asking: {
      ...createAsking({ prompt: null, readOnly: false, say: () => {}, stop: NEVER }),
      look: async (show: string) => account.person?.replace('ID', show.replace(/\D/g, '')) ?? null,
    },
    stop: NEVER,
    timeoutMs: 10_000,
    /** Contacts that were not there before. */
    left: () => ghl.contacts().length - before.ghl + callTools.contacts().length - before.callTools,
  };
}

const ALL_SCOPES = [
  'contacts.readonly',
  'contacts.write',
  'locations/customFields.readonly',
  'users.readonly',
  'opportunities.readonly',
];

/** Ids must differ, whatever `random` is. */
function mixed(random: () => number): () => number {
  let n = 0;
  return () => (random() + ++n * 0.618_033_988_749_895) % 1;
}

/** A few people, in a bucket, of whom some were called. */
function fill(ghl: GoHighLevel, callTools: CallTools): void {
  for (const n of [1, 2, 3]) {
    const phone = `+1212555${String(n).padStart(4, '0')}`;
    void ghl.addContact({ firstName: 'Robin', lastName: 'Example', phone });
    const { id } = callTools.addContactByHand({ mobile_phone_number: phone, buckets: ['Solar'] });
    callTools.agentCalls(id, { disposition: 'Callback', force: true });
  }
}

async function serve(
  request: Request,
  account: SandboxAccount,
  { ghl, callTools }: { ghl: GoHighLevel; callTools: CallTools },
): Promise<Response> {
  const url = new URL(request.url);
  const text = await request.text();
  const vendor = url.hostname.startsWith('ghl') ? 'gohighlevel' : 'calltools';
  const asked: Asked = {
    vendor,
    method: request.method,
    path: url.pathname.replace(/^\/api(?=\/)/, ''),
    query: url.searchParams,
    body: text === '' ? undefined : JSON.parse(text),
  };
  const instead = account.instead?.(asked);
  if (instead) return answer(instead);
  const { method, headers } = request;
  const sent = new Request(url, { method, headers, ...(text !== '' && { body: text }) });
  const response = await (vendor === 'gohighlevel' ? ghl : callTools).handle(sent);
  const said = await response.text();
  if (!account.reshape || !/json/.test(response.headers.get('content-type') ?? ''))
    return new Response(said === '' ? null : said, response);
  return answer(account.reshape({ status: response.status, json: JSON.parse(said) }, asked));
}

function answer({ status, json }: Told): Response {
  return new Response(JSON.stringify(json), { status, headers: { 'content-type': 'application/json' } });
}
