// Both vendors behind one HTTP server, for whatever speaks HTTP: the local pipeline, the tests of it, and people.

import { setTimeout as sleep } from 'node:timers/promises';
import { json } from './answers.ts';
import type { CallToolsSettings } from './calltools/settings.ts';
import { type CallTools, createCallTools } from './calltools.ts';
import type { GoHighLevelSettings } from './gohighlevel/settings.ts';
import { createGoHighLevel, type GoHighLevel } from './gohighlevel.ts';
import { createControl } from './server/control.ts';
import { listen } from './server/node-http.ts';
import { openStateFile, type StateFile } from './server/state-file.ts';
import type { WebhookTarget } from './webhooks.ts';

/** How the sandbox is started. */
export interface SandboxOptions {
  /** 0 is any free port. */
  port?: number;
  /** JSON; the vendors' state is loaded from it and saved to it, so that a restart keeps them. */
  stateFile?: string;
  locationId?: string;
  ghlApiKey?: string;
  callToolsToken?: string;
  webhook?: WebhookTarget;
  ghlSettings?: Partial<GoHighLevelSettings>;
  callToolsSettings?: Partial<CallToolsSettings>;
  now?: () => number;
  random?: () => number;
}

/** Both vendors over HTTP. */
export interface Sandbox {
  url: string;
  ghlBaseUrl: string;
  /** The client appends `/api`. */
  callToolsBaseUrl: string;
  ghl: GoHighLevel;
  callTools: CallTools;
  close(): Promise<void>;
}

/**
 * A webhook that is not answered by then has failed; GoHighLevel's own limit is not published (docs/vendors.md, GoHighLevel:
 * deliveries and retries).
 */
const WEBHOOK_TIMEOUT_MS = 10_000;

/** Starts it on 127.0.0.1. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, stateFile, locationId = 'sandboxLocation0001', ghlApiKey = 'pit-sandbox' } = options;
  const { callToolsToken = 'sandbox-token', webhook, now = Date.now, random = Math.random } = options;
  const closed = new AbortController();
  const wait = (ms: number) => sleep(ms, undefined, { signal: closed.signal });
  // What was due while the sandbox was down happens as soon as its state is restored.
  let state: StateFile | undefined;
  const onChange = () => state?.changed();

  const ghl = createGoHighLevel({
    locationId,
    apiKey: ghlApiKey,
    now,
    random,
    wait,
    onChange,
    webhook: webhook && bounded(webhook, closed.signal),
    settings: options.ghlSettings ?? {},
  });
  const callTools = createCallTools({
    token: callToolsToken,
    now,
    random,
    wait,
    onChange,
    fetch: within(fetch, closed.signal),
    settings: options.callToolsSettings ?? {},
  });
  state = stateFile ? await openState(stateFile, ghl, callTools) : undefined;
  const control = createControl({ ghl, callTools });

  async function route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/ghl/')) return ghl.handle(request);
    if (pathname.startsWith('/calltools/')) return callTools.handle(request);
    if (pathname === '/sandbox' || pathname.startsWith('/sandbox/')) return control(request);
    return json(404, { error: 'the sandbox answers below /ghl, /calltools and /sandbox' });
  }

  const server = await listen(port, async (request) => {
    const response = await route(request);
    await state?.saved();
    return response;
  });

  return {
    url: server.url,
    ghlBaseUrl: `${server.url}/ghl`,
    callToolsBaseUrl: `${server.url}/calltools`,
    // Webhooks that are redirected later need the same time limit.
    ghl: { ...ghl, sendWebhooksTo: (target) => ghl.sendWebhooksTo(target && bounded(target, closed.signal)) },
    callTools,
    async close() {
      closed.abort();
      await server.close();
      await state?.saved();
    },
  };
}

async function openState(path: string, ghl: GoHighLevel, callTools: CallTools): Promise<StateFile> {
  const file = openStateFile(path, () => ({ ghl: ghl.snapshot(), callTools: callTools.snapshot() }));
  const state = (await file.load()) as { ghl: unknown; callTools: unknown } | undefined;
  if (state) {
    ghl.restore(state.ghl);
    callTools.restore(state.callTools);
    file.changed();
  }
  return file;
}

/** A target whose calls end in time, and with the sandbox. */
function bounded(target: WebhookTarget, closed: AbortSignal): WebhookTarget {
  return { ...target, fetch: within(target.fetch ?? fetch, closed) };
}

function within(send: typeof fetch, closed: AbortSignal): typeof fetch {
  return (input, init) =>
    send(input, { ...init, signal: AbortSignal.any([closed, AbortSignal.timeout(WEBHOOK_TIMEOUT_MS)]) });
}
