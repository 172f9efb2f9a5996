// While lists of the accounts are all that fails: nobody waits because of them, and a refused field that may be missing keeps nobody out.

import type { Setup } from './history.ts';
import type { Report } from './verdict.ts';

/** To be called with every line of the consumer's log. */
export function createFieldsWatch(setup: Setup, report: Report) {
  return (event: string, { contactId, reason, error }: Record<string, unknown>): void => {
    if (!setup.fields) return;
    if (event === 'contact.dead' && reason === 'rejected')
      report('isolated', `${contactId} is kept out because of a field that may be missing: ${error}`);
    if (!setup.fields.calm) return;
    if (event === 'circuit.opened') report('isolated', `a list that cannot be read opened a circuit: ${error}`);
    if (event === 'queue.failed') report('isolated', `a batch was lost although only lists fail: ${error}`);
    const held = ['contact.retry', 'contact.dead'].includes(event);
    if (held) report('isolated', `${contactId} ended as ${event} although only lists fail: ${error}`);
  };
}
