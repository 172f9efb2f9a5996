// Where the demo runs: the local pipeline without this machine's own settings, and webhooks whose answers are timed.

import { DEFAULT_SETTINGS } from '../../sandbox/gohighlevel/settings.ts';
import { ed25519KeyPair } from '../../sandbox/keys.ts';
import { DO_NOT_CALL_TAG, NOT_INTERESTED_TAG } from '../../sandbox/observe/check.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { ed25519Signer } from '../../sandbox/webhooks.ts';
import { type Bundle, bundleWorkers } from '../local/bundle.ts';
import { type Pipeline, startPipeline } from '../local/pipeline.ts';

/** How the pipeline answered a webhook, or an operator. */
export interface Answer {
  status: number;
  ms: number;
  /** Of a 202: the event's id. */
  id: string | undefined;
}

/** A running pipeline and its vendors. */
export interface World {
  pipeline: Pipeline;
  sandbox: Sandbox;
  /** Sends a request to the pipeline, and times the answer. */
  post(path: string, body: string, headers: Record<string, string>): Promise<Answer>;
  /** Takes the answers to webhooks that GoHighLevel sends by itself about this contact. */
  listen(contactId: string, take: (answer: Answer) => void): void;
  /** An operator's request; the `data` of the answer, undefined if it is not found. */
  operator<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
  /** Does what cron does each minute. */
  cron(): Promise<void>;
}

/** Search shows an edit this late. */
const SEARCH_LAG_MS = 500;
const EVERY_MINUTE = '* * * * *';
const CALLTOOLS_KEY = 'demo-key-of-calltools';
const CALLS_TOKEN = 'demo-token-of-calltools';
const CALL_RESULTS = {
  poll: '1m',
  results: [
    { dispositions: ['Not Interested'], tags: [NOT_INTERESTED_TAG], hold: true },
    { dispositions: ['Do Not Call'], tags: [DO_NOT_CALL_TAG], dnd: 'call', hold: true },
  ],
};

/** Starts it, all in memory. `log` takes the workers' log lines. */
export async function openWorld(log: (line: string) => void, signal: AbortSignal): Promise<World> {
  const { ingest, consumer } = await bundleWorkers(signal);
  const keys = ed25519KeyPair();
  const pipeline = await startPipeline({
    log,
    signal,
    bundles: { ingest: withoutVars(ingest), consumer: withoutVars(consumer) },
    env: {
      GHL_ED25519_PUBLIC_KEYS: keys.publicKeyPem,
      CALL_RESULTS: JSON.stringify(CALL_RESULTS),
      CALLTOOLS_API_KEY: CALLTOOLS_KEY,
      CALLTOOLS_WEBHOOK_TOKEN: CALLS_TOKEN,
    },
    sandbox: {
      ghlSettings: { searchLagMs: SEARCH_LAG_MS, scopes: [...DEFAULT_SETTINGS.scopes, 'contacts.write'] },
      // An account that keeps a second contact with the same phone, so that a duplicate would show.
      callToolsSettings: { duplicateMode: 'create' },
    },
  });
  const { sandbox, url, adminToken } = pipeline;
  if (!sandbox) throw new Error('the demo plays in the sandbox only');

  const listeners = new Map<string, (answer: Answer) => void>();
  sandbox.ghl.sendWebhooksTo({
    url: `${url}/webhook/ghl`,
    sign: await ed25519Signer(keys.privateKeyPem),
    async fetch(input, init) {
      const at = performance.now();
      const response = await fetch(input, init);
      listeners.get(contactIdOf(init?.body))?.(await answerOf(response.clone(), at));
      return response;
    },
  });

  await tellOfCalls(sandbox, url);
  const cron = () => pipeline.runCron(EVERY_MINUTE);
  // The first poll of the record of calls, which only remembers where that stands.
  await cron();

  return {
    pipeline,
    sandbox,
    cron,
    listen: (contactId, take) => listeners.set(contactId, take),
    async post(path, body, headers) {
      const at = performance.now();
      return answerOf(await fetch(`${url}${path}`, { method: 'POST', body, headers, signal }), at);
    },
    async operator<T>(method: string, path: string, body: unknown) {
      const response = await fetch(`${url}${path}`, {
        method,
        signal,
        headers: { authorization: `Bearer ${adminToken}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok && response.status !== 404) throw new Error(`${method} ${path} answered ${response.status}`);
      return ((await response.json()) as { data: T }).data;
    },
  };
}

/** Subscribes in CallTools, as `npm run setup -- --call-hooks` does. */
async function tellOfCalls({ callToolsBaseUrl }: Sandbox, url: string): Promise<void> {
  const response = await fetch(`${callToolsBaseUrl}/api/resthooksubscriptions/`, {
    method: 'POST',
    headers: { authorization: `Token ${CALLTOOLS_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      resthook_model: 'Historical Call Disposition',
      url: `${url}/webhook/calltools?token=${CALLS_TOKEN}`,
    }),
  });
  if (!response.ok) throw new Error(`the subscription to calls was answered with ${response.status}`);
}

/** The demo ignores vars that were edited for a deployment. */
function withoutVars(bundle: Bundle): Bundle {
  return { ...bundle, config: { ...bundle.config, vars: {} } };
}

async function answerOf(response: Response, at: number): Promise<Answer> {
  const body = (await response.json().catch(() => ({}))) as { id?: string };
  return { status: response.status, ms: performance.now() - at, id: body.id };
}

function contactIdOf(body: RequestInit['body']): string {
  return JSON.parse(new TextDecoder().decode(body as Uint8Array)).id;
}
