// Both watches of what calls say: of what CallTools shows of a contact, and of the record that CALL_RESULTS reads.

import { type CallOptions, createCalls } from './calls.ts';
import { createSaidNo } from './said-no.ts';

export function createCallWatches(options: CallOptions) {
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
