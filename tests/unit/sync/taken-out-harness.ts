// The consumer, and a contact in the dialer that an agent calls and somebody takes out.

import { DAY_MS } from '../../../shared/time.ts';
import { backstopStage } from '../../support/consumer-harness.ts';
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
/** A contact's state and reason while it is kept out because somebody took it out. */
export const OUT = { state: 'kept_out', reason: 'taken_out_in_calltools' };
/** The same while it is in the dialer. */
export const IN = { state: 'placed', reason: 'placed' };

export type TakenOutStage = Awaited<ReturnType<typeof takenOutStage>>;

/** One contact, `id`, which is in the dialer. `changed`: settings besides the usual ones. */
export async function takenOutStage(changed: Record<string, string> = {}) {
  const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '2', SYNC_RULES: JSON.stringify(RULES), ...changed } });
  const { clock, callTools, ghl } = stage;
  const [id = ''] = await stage.leads(1);

  /** A webhook about a contact, later than all before, and the work that it causes. */
  async function webhook(contactId = id): Promise<void> {
    clock.advance(120_000);
    stage.hint(contactId);
    await stage.work();
  }

  /** The contact's id in CallTools. */
  const callToolsId = () => callTools.contacts()[0]?.id ?? 0;

  await webhook();
  return {
    ...stage,
    id,
    webhook,
    callToolsId,
    /** The run of the following night. */
    async nextNight() {
      clock.advance(DAY_MS);
      return stage.night();
    },
    /** An agent calls, and somebody takes the contact out. */
    saidNo(fields: Record<string, unknown> = {}): void {
      clock.advance(60_000);
      callTools.call(callToolsId(), { disposition: 'Not interested', fields });
      clock.advance(60_000);
      callTools.takeOutByHand(callToolsId());
    },
    rename: () => ghl.editContact(id, { firstName: `Name${clock.at}` }, SILENT),
    /** State and reason of every contact, in order of creation. */
    reasons: () => stage.sqlite.rows('SELECT state, reason FROM contacts ORDER BY created_at'),
    placeAgain: () => stage.ask('POST', `/contacts/${id}/place`),
  };
}
