// A stand-in for CallTools' REST API with its awkward habits (docs/vendors.md), and hooks to look inside and change things by hand.

import { type CallLog, createCallLog } from './call-log.ts';
import type { Account } from './calltools/account.ts';
import { createHands, type Hands } from './calltools/by-hand.ts';
import { route } from './calltools/routes.ts';
import { type CallToolsSettings, DEFAULT_SETTINGS } from './calltools/settings.ts';
import { createTable } from './calltools/table.ts';
import { createView, type View } from './calltools/view.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFrontDoor } from './front-door.ts';
import { createRateWindow } from './rate-window.ts';
import { randomUuid, type World } from './world.ts';

/** The stand-in for CallTools, with what a test may see and change. */
export interface CallTools extends View, Hands {
  /** Takes requests whose path is `/api/...`, or has that after a base path. */
  handle(request: Request): Promise<Response>;
  /** May be changed at any time. */
  settings: CallToolsSettings;
  faults: Faults;
  calls: CallLog;
  snapshot(): unknown;
  restore(state: unknown): void;
}

interface Options extends World {
  token: string;
  settings?: Partial<CallToolsSettings>;
  onChange?: () => void;
}

/** An account without contacts. `onChange` is called after each change. */
export function createCallTools({ token, settings: chosen, onChange = () => {}, ...world }: Options): CallTools {
  const settings = { ...DEFAULT_SETTINGS, ...chosen };
  const table = createTable();
  const account: Account = { table, settings, world, uuid: () => randomUuid(world.random), changed: onChange };
  const faults = createFaults();
  const calls = createCallLog();
  const window = createRateWindow(world.now);

  return {
    ...createView(account),
    ...createHands(account),
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
    faults,
    calls,
    snapshot: table.snapshot,
    restore: table.restore,
  };
}
