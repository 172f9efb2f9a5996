// When a contact's opportunities and the list of pipelines are asked for, and what is concluded where they cannot be told.

import { describe, expect, test } from 'vitest';
import { VendorError } from '../../../workers/consumer/domain/failure.ts';
import type { FoundOpportunity } from '../../../workers/consumer/vendors/opportunities.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { BUSY, COLD, found, opportunity, readAll, readOne, SALES, unread } from './read-harness.ts';

const BOOKED_OUT = { name: 'booked', opportunity: { pipeline: 'Sales', stages: ['Booked'] }, bucket: null };
const routes = [BOOKED_OUT, COLD];
const KNOWN = { routes, plan: { pipelines: [SALES] } };
const BOOKED = opportunity({ stageId: 's1' });
const OTHER = opportunity({ id: 'o2', pipelineId: 'p2', stageId: 's2' });
const REFUSED = () => new VendorError({ kind: 'setup', vendor: 'gohighlevel', error: 'GET: 401' });
/** A pipeline that was made since the list was read. */
const MORE = { id: 'p2', name: 'Service', stages: [{ id: 's2', name: 'New' }] };

const showing = (list: FoundOpportunity[] | 'no_scope', more: object = {}) => ({
  ...KNOWN,
  opportunities: async () => list,
  ...more,
});

describe('opportunities', () => {
  test.each<[string, Parameters<typeof readOne>, number]>([
    ['where the route depends on them', [found(), KNOWN], 1],
    ['not where the rules do not go by them', [found(), {}], 0],
    ['not of a contact that is gone', [{ kind: 'gone', flagged: true }, KNOWN], 0],
    ['not of one that asked not to be called', [found({ dnd: true }), KNOWN], 0],
    ['not of one without a number', [found({ phone: '' }), KNOWN], 0],
    ['not of another location’s', [found({}, { elsewhere: true }), KNOWN], 0],
    [
      'not of one that a webhook keeps out anyway',
      [found(), KNOWN, unread({}, { told: { dnd: { at: NOON, on: true } } })],
      0,
    ],
  ])('are asked for %s', async (_, [read, stage, task], asked) => {
    expect((await readOne(read, stage, task)).counts.opportunities).toBe(asked);
  });

  test('decide, and are noted', async () => {
    const { task, noted } = await readOne(found(), showing([BOOKED]));
    expect(task).toMatchObject({ decision: { intent: 'out', route: 'booked' }, failure: null });
    expect([noted, task.readHash !== null]).toEqual([['o1'], true]);
  });

  test('that there are none of, cost no write', async () => {
    const { task, counts } = await readOne(found(), showing([]));
    expect(task).toMatchObject({ decision: { intent: 'place', route: 'cold' } });
    expect(counts.statements).toBe(0);
  });

  test('that the token may not read leave the contact in doubt, to be read each night', async () => {
    const { task, noted } = await readOne(found(), showing('no_scope'));
    expect(task).toMatchObject({ decision: { intent: 'out', inDoubt: true }, readHash: null });
    expect([task.listUnread, noted]).toEqual([false, []]);
  });

  test('that cannot be read whole are in doubt each night too', async () => {
    const { task } = await readOne(found(), showing([opportunity({ stageId: 's1', status: null })]));
    expect(task).toMatchObject({ decision: { intent: 'out' }, readHash: null });
  });

  test('that cannot be had at present fail the contact, and what was said before stays', async () => {
    const told = { heard: NOON - 300_000 };
    const fails = { ...KNOWN, opportunities: () => Promise.reject(BUSY()) };
    const { task } = await readOne(found(), fails, unread({}, { told }));
    expect(task).toMatchObject({ decision: null, failure: { kind: 'transient' }, told });
  });

  test('that webhooks tell of make it stricter, and are contradicted', async () => {
    const at = NOON - 1000;
    const said = { id: 'o1', pipelineId: 'p1', stageId: 's1', status: 'open', deleted: false, at };
    const plain = opportunity({ stageId: 's0' });
    const list = { ...SALES, stages: [...SALES.stages, { id: 's0', name: 'New' }] };
    const stage = showing([plain], { plan: { pipelines: [list] } });
    const { task } = await readOne(found(), stage, unread({}, { told: { opportunities: [said] } }));
    expect(task).toMatchObject({ decision: { intent: 'out', reason: 'webhook_said_out' }, against: [at] });
  });
});

describe('the list of pipelines', () => {
  const asked = async (list: FoundOpportunity[], more: object = {}) =>
    (await readOne(found(), showing(list, more))).counts.pipelines;

  test('is read again only for a pipeline or stage that it lacks', async () => {
    expect(await asked([])).toBe(0);
    expect(await asked([BOOKED])).toBe(0);
    expect(await asked([opportunity({ pipelineId: null, stageId: null })])).toBe(0);
    expect(await asked([opportunity({ pipelineId: 'p2', stageId: 's1' })])).toBe(1);
    expect(await asked([opportunity({ stageId: 's9' })])).toBe(1);
    expect(await asked([BOOKED, OTHER])).toBe(1);
  });

  test('is not read where none is known: then the ids alone tell', async () => {
    expect(await asked([OTHER], { plan: { pipelines: null } })).toBe(0);
  });

  test('is read again for one that only a webhook names', async () => {
    const said = { id: 'o1', pipelineId: 'p2', stageId: 's2', status: 'open', deleted: false, at: NOON };
    const { counts } = await readOne(found(), showing([BOOKED]), unread({}, { told: { opportunities: [said] } }));
    expect(counts.pipelines).toBe(1);
  });

  test('is read once for the whole batch', async () => {
    const tasks = [unread(), unread({ contactId: 'two' }), unread({ contactId: 'three' })];
    const { counts } = await readAll(tasks, async (id) => found({ id }), showing([OTHER]));
    expect([counts.opportunities, counts.pipelines]).toEqual([3, 1]);
  });

  test('that names it now decides, and a hash is kept', async () => {
    const { task } = await readOne(found(), showing([OTHER], { pipelines: async () => [SALES, MORE] }));
    expect(task).toMatchObject({ decision: { intent: 'place' }, listUnread: false });
    expect(task.readHash).not.toBeNull();
  });

  test.each<[string, () => Promise<never> | Promise<'no_scope'>, boolean]>([
    ['that has trouble at present: it is read again soon', () => Promise.reject(BUSY()), true],
    ['that refuses the list', () => Promise.reject(REFUSED()), false],
    ['that does not let the token read it', async () => 'no_scope', false],
  ])('leaves the contact in doubt at a GoHighLevel %s', async (_, pipelines, listUnread) => {
    const { task } = await readOne(found(), showing([OTHER], { pipelines }));
    expect(task).toMatchObject({ decision: { intent: 'out', inDoubt: true }, readHash: null, listUnread });
  });

  test('of which nothing could be read before is read again soon', async () => {
    const { task } = await readOne(found(), showing([OTHER], { plan: { pipelines: null, isUnread: true } }));
    expect(task).toMatchObject({ decision: { inDoubt: true }, listUnread: true });
    expect(task.readHash).not.toBeNull();
  });
});
