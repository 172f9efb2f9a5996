// Reading contacts from a GoHighLevel that answers as a test says.

import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { LocationContext } from '../../../workers/consumer/config/context.ts';
import { readSettings } from '../../../workers/consumer/config/settings.ts';
import { type Known, readContact } from '../../../workers/consumer/domain/contact.ts';
import { VendorError } from '../../../workers/consumer/domain/failure.ts';
import type { FieldPlan } from '../../../workers/consumer/domain/fields/field-map.ts';
import { planOf } from '../../../workers/consumer/domain/fields/field-plan.ts';
import type { Pipeline } from '../../../workers/consumer/domain/rules/conditions.ts';
import { readAndDecide } from '../../../workers/consumer/sync/read.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { createCallMonitor } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import type { Vendors } from '../../../workers/consumer/vendors/clients.ts';
import type { FoundOpportunity } from '../../../workers/consumer/vendors/opportunities.ts';
import { taskOf } from '../../support/batch-harness.ts';
import { ENV, LOCATION, PHONE } from '../../support/vendor-harness.ts';
import { VirtualClock, worldOn } from '../../support/virtual-clock.ts';

export const SALES: Pipeline = { id: 'p1', name: 'Sales', stages: [{ id: 's1', name: 'Booked' }] };
export const COLD = { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' };
/** A vendor that has trouble at present. */
export const BUSY = () => new VendorError({ kind: 'transient', vendor: 'gohighlevel', error: 'GET: 503' });

/** One of the contact's, in a pipeline that is known and a stage that is not. */
export const opportunity = (changes: Partial<FoundOpportunity> = {}): FoundOpportunity => ({
  ...{ id: 'o1', contactId: 'one', pipelineId: 'p1', stageId: 's9', status: 'open' },
  ...changes,
});

/** A contact that GoHighLevel shows. */
export const found = (changes: Record<string, unknown> = {}, more: object = {}): Known => {
  const json = { id: 'one', locationId: LOCATION, phone: PHONE, tags: ['cold lead'], dnd: false, ...changes };
  const { contact, unread } = readContact(json);
  return { kind: 'found', contact, ...(unread.length > 0 && { unread }), ...more } as Known;
};

interface Stage {
  routes?: object[];
  plan?: Partial<FieldPlan>;
  opportunities?: () => Promise<FoundOpportunity[] | 'no_scope'>;
  pipelines?: () => Promise<Pipeline[] | 'no_scope'>;
}

/** Reads these tasks; `reads` answers for each contact. */
export async function readAll(
  tasks: Task[],
  reads: (id: string) => Promise<Known>,
  { routes = [COLD], plan = {}, opportunities = async () => [], pipelines = async () => [SALES] }: Stage = {},
) {
  const sqlite = openSqlite();
  const settings = readSettings({ ...ENV, SYNC_RULES: { routes, optOutTags: false } });
  const counts = { opportunities: 0, pipelines: 0, statements: 0, open: 0, most: 0 };
  const ghl = {
    async read(id: string) {
      counts.most = Math.max(counts.most, ++counts.open);
      await new Promise((resolve) => setImmediate(resolve));
      counts.open--;
      return reads(id);
    },
    shows: async () => true,
    async opportunitiesOf() {
      counts.opportunities++;
      return opportunities();
    },
    async pipelines() {
      counts.pipelines++;
      return pipelines();
    },
  };
  const world = worldOn(new VirtualClock(), async () => new Response());
  const DB = sqlite.bind(async (act) => {
    counts.statements++;
    return act();
  });
  await readAndDecide(
    tasks,
    { circuits: [], dialer: new Map() },
    { monitor: createCallMonitor(), ghl } as unknown as Vendors,
    { ...planOf(settings.fields, []), ...plan },
    { env: { DB }, settings, world } as unknown as LocationContext,
  );
  return { counts, noted: sqlite.rows('SELECT opportunity_id AS id FROM opportunities').map(({ id }) => id) };
}

/** A task before it is read. */
export const unread = (options: Parameters<typeof taskOf>[0] = {}, more: Partial<Task> = {}): Task => ({
  ...taskOf({ decision: null, ...options }),
  phoneHash: null,
  ...more,
});

export async function readOne(read: Known, stage: Stage = {}, task = unread()) {
  const { counts, noted } = await readAll([task], async () => read, stage);
  return { task, counts, noted };
}
