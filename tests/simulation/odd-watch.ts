// While odd answers come: one record's trouble is its own, and nobody is taken for deleted who exists.

import type { Setup } from './history.ts';
import type { Truth } from './truth.ts';
import type { Report } from './verdict.ts';

interface Options {
  setup: Setup;
  truth: Truth;
  /** By id, contacts that a vendor refuses. */
  refused: ReadonlyMap<string, { status: number }>;
  report: Report;
}

/** To be called with every line of the consumer's log. */
export function createOddWatch({ setup, truth, refused, report }: Options) {
  return (event: string, { contactId, reason, error }: Record<string, unknown>): void => {
    const id = String(contactId);
    if (setup.odd === undefined) return;
    if (event === 'contact.kept_out' && reason === 'deleted' && truth.latest(id) !== undefined)
      report('deleted', `${id} exists, and was taken for deleted`);
    if (setup.odd !== 'record' || refused.size === 0) return;
    if (
      event === 'circuit.opened' &&
      (refused.size === 1 || [...refused.values()].every(({ status }) => isClear(status)))
    )
      report('isolated', `records that are refused opened a circuit: ${error}`);
    const held = ['contact.wait', 'contact.retry', 'contact.dead'].includes(event) && !refused.has(id);
    // While a bucket or tag is being created, contacts that are not refused wait too.
    if (held && !/^another instance is creating/.test(String(error)))
      report('isolated', `${id} ended as ${event} although only another is refused: ${error}`);
  };
}

/** A refusal that cannot be taken for the vendor's own trouble, as long as it serves what concerns no record. */
export function isClear(status: number): boolean {
  return status > 400 && status < 500;
}
