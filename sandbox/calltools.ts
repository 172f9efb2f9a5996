// A stand-in for CallTools' REST API with its awkward habits (docs/vendors.md), and hooks to look inside and change things by hand.

import { type CallLog, createCallLog } from './call-log.ts';
import type { Account } from './calltools/account.ts';
import { createHands, type Hands } from './calltools/by-hand.ts';
import { type Agents, createAgents, happen } from './calltools/calls/agents.ts';
import { createHookSender, type HookDelivery } from './calltools/calls/hook-sender.ts';
import { createCallRecord } from './calltools/calls/record.ts';
import { route } from './calltools/routes.ts';
import { type CallToolsSettings, DEFAULT_SETTINGS } from './calltools/settings.ts';
import { createTable } from './calltools/table.ts';
import { createView, type View } from './calltools/view.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFrontDoor } from './front-door.ts';
import { createRateWindow } from './rate-window.ts';
import { randomUuid, type World } from './world.ts';

/** The stand-in for CallTools, with what a test may see and change. */
export interface CallTools extends View, Hands, Agents {
  /** Takes requests whose path is `/api/...`, or has that after a base path. */
  handle(request: Request): Promise<Response>;
  /** May be changed at any time. */
  settings: CallToolsSettings;
  /** What hooks have sent, oldest first. */
  hookDeliveries: HookDelivery[];
  /** Waits until no hook is under way. */
  settled(): Promise<void>;
  faults: Faults;
  calls: CallLog;
  snapshot(): unknown;
  restore(state: unknown): void;
}

interface Options extends World {
  token: string;
  settings?: Partial<CallToolsSettings>;
  onChange?: () => void;
  /** Takes what hooks send. */
  fetch?: typeof fetch;
}

/** An account without contacts. `onChange` is called after each change. */
export function createCallTools(options: Options): CallTools {
  const { token, settings: chosen, onChange = () => {}, fetch: send = fetch, now, random, wait } = options;
  const world = { now, random, wait };
  const settings = { ...structuredClone(DEFAULT_SETTINGS), ...chosen };
  const table = createTable();
  const record = createCallRecord(world);
  const hooks = createHookSender({ record, settings, table, world, changed: onChange, fetch: send });
  const uuid = () => randomUuid(world.random);
  const account: Account = { table, record, hooks, settings, world, uuid, changed: onChange };
  const faults = createFaults();
  const calls = createCallLog();
  const window = createRateWindow(world.now);

  return {
    ...createView(account),
    ...createHands(account),
    ...createAgents(account),
    handle: createFrontDoor({
      ...world,
      root: /(\/api\/.*)$/,
      faults,
      calls,
      throttleBody: (seconds) => ({ detail: `Request was throttled. Expected available in ${seconds} seconds.` }),
      admit() {
        const limit = faults.rateLimit;
        if (!limit) return { waitMs: 0, headers: {}, limit };
        return { waitMs: window.take(limit).waitMs, headers: {}, limit: { retryAfter: 'seconds', ...limit } };
      },
      answer: (visit) => route(account, token, visit),
    }),
    settings,
    hookDeliveries: hooks.deliveries,
    settled: hooks.settled,
    faults,
    calls,
    snapshot: () => ({ ...table.snapshot(), record: record.snapshot() }),
    restore(state) {
      table.restore(state);
      record.restore((state as { record?: unknown }).record ?? {}, (pending) => happen(pending, account));
    },
  };
}
