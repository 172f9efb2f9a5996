// Both watches of what calls say: of what CallTools shows of a contact, and of the record that CALL_RESULTS reads.

import type { CallTools } from '../../sandbox/calltools.ts';
import type { Sqlite } from '../../sandbox/d1-sqlite.ts';
import { createCalls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Setup } from './history.ts';
import { createSaidNo } from './said-no.ts';
import type { Truth } from './truth.ts';
import type { Report } from './verdict.ts';

interface Options {
  clock: Clock;
  callTools: CallTools;
  truth: Truth;
  sqlite: Sqlite;
  setup: Setup;
  /** A write takes effect that its caller has given up. */
  lately(): boolean;
  /** Does it by hand, and whether that is going on. */
  byHand(act?: () => void): boolean;
  report: Report;
}

export function createCallWatches(options: Options) {
  const { rules, calls: active = false } = options.setup;
  const saidNo = createSaidNo({ ...options, rules, active });
  const calls = createCalls(options);
  return {
    saidNo,
    calls,
    look(): void {
      saidNo.look();
      calls.look();
    },
  };
}
