// The consumer with CALL_RESULTS, contacts in the dialer, and agents who call them.

import type { AgentCallInput } from '../../../sandbox/calltools/calls/agents.ts';
import type { GoHighLevelSettings } from '../../../sandbox/gohighlevel/settings.ts';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { COLD } from '../../support/vendor-harness.ts';

/** Changes in the sandbox whose webhooks a test sends itself. */
export const SILENT = { silent: true };
export const RULES = {
  routes: [
    { name: 'customer', words: ['customer'], bucket: null },
    { name: 'hot', tags: ['hot lead'], bucket: 'Hot Leads' },
    { name: 'cold', tags: ['cold lead'], bucket: COLD },
  ],
};
export const MINUTE = 60_000;
/** A contact's state and reason while a call keeps it out. */
export const OUT = { state: 'kept_out', reason: 'said_no' };
export const IN = { state: 'placed', reason: 'placed' };

export const NOT_INTERESTED = { poll: '1m', results: [{ dispositions: ['not  interested'], hold: true }] };

export type CallsStage = Awaited<ReturnType<typeof callsStage>>;

/** `count` contacts in the dialer, and a record of calls that was polled once. */
export async function callsStage(
  rules: object | null = NOT_INTERESTED,
  count = 1,
  ghl: Partial<GoHighLevelSettings> = {},
) {
  const stage = backstopStage({
    ghl,
    env: { SYNC_RULES: JSON.stringify(RULES), ...(rules && { CALL_RESULTS: JSON.stringify(rules) }) },
  });
  const { clock, callTools } = stage;
  const ids = await stage.leads(count);
  for (const id of ids) stage.hint(id);
  await stage.work();
  const callToolsId = (n = 0) => callTools.withPhone(phoneOf(n))[0]?.id ?? 0;

  const run = {
    ...stage,
    id: ids[0] ?? '',
    ids,
    callToolsId,

    /** The cron of the next minute, and the work that follows from it. */
    async nextMinute(): Promise<void> {
      clock.advance(MINUTE);
      await stage.minute();
      await stage.work();
    },

    /** An agent calls a contact and notes this. */
    dispose(disposition: string, how: Partial<AgentCallInput> = {}, n = 0): void {
      callTools.agentCalls(callToolsId(n), { disposition, force: true, ...how });
    },

    /** A webhook about a contact's tags, later than all before, and the work that it causes. */
    async webhook(contactId = ids[0] ?? ''): Promise<void> {
      clock.advance(2 * MINUTE);
      stage.hint(contactId, { eventType: 'ContactTagUpdate' });
      await stage.work();
    },

    /** State and reason of every contact, in order of creation. */
    reasons: () => stage.sqlite.rows('SELECT state, reason FROM contacts ORDER BY created_at, contact_id'),
    results: () => stage.sqlite.rows('SELECT disposition, hold, pending FROM call_results ORDER BY row_id'),
    placeAgain: (id = ids[0] ?? '') => stage.ask('POST', `/contacts/${id}/place`),
    story: (id = ids[0] ?? '') => stage.ask('GET', `/contacts/${id}`),
    ghlReads: () => stage.ghl.calls.count({ method: 'GET' }),
  };
  if (rules) await run.nextMinute();
  return run;
}
