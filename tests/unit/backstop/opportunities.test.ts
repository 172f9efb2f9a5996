// Changes of opportunities that no webhook announced: noticed by the nightly run, without a call for an unchanged contact.

import { describe, expect, test } from 'vitest';
import { events, phoneOf } from '../../support/consumer-harness.ts';
import { BOOKED, CONTACTED, NEW, opportunityStage, SALES, SILENT } from '../sync/opportunities-harness.ts';

type Stage = ReturnType<typeof opportunityStage>;

const swept = ({ ghl }: Stage) =>
  ghl.calls.list().filter(({ path, query }) => path === '/opportunities/search' && !query?.includes('contact_id'))
    .length;
const known = ({ sqlite }: Stage) =>
  sqlite.rows(
    'SELECT opportunity_id AS id, contact_id AS contact, state FROM opportunities WHERE length(run_id) > 0 ORDER BY 1',
  );
/** What a night reads: contacts, opportunities of one. */
async function night(stage: Stage) {
  const before = stage.asked();
  const run = await stage.night();
  expect(run.state).toBe('complete');
  return stage
    .asked()
    .map((count, n) => count - (before[n] ?? 0))
    .slice(0, 2);
}

/** Three leads of which one night knows everything. */
async function quiet(ghl: Parameters<typeof opportunityStage>[1] = {}) {
  const stage = opportunityStage(undefined, ghl);
  const leads = [await stage.lead([NEW]), await stage.lead([CONTACTED, BOOKED]), await stage.lead([])];
  for (const id of leads) await stage.told(id);
  await night(stage);
  expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(2)]);
  return { stage, leads };
}

describe.each([
  ['by a sweep of its own', {}, 1],
  ['from the rows of the contact list', { searchShowsOpportunities: true }, 0],
])('%s', (_name, settings, sweeps) => {
  test('an unchanged night reads no contact', async () => {
    const { stage } = await quiet(settings);
    const before = swept(stage);
    expect(await night(stage)).toEqual([0, 0]);
    expect(swept(stage) - before).toBe(sweeps);
  });

  test.each([
    [
      'moved',
      (stage: Stage, [first]: string[]) => stage.ghl.editOpportunity(`${first}-0`, { pipelineStageId: BOOKED }, SILENT),
    ],
    [
      'new',
      (stage: Stage, [first = '']: string[]) =>
        stage.ghl.addOpportunity({ contactId: first, pipelineId: SALES, pipelineStageId: BOOKED }, SILENT),
    ],
    [
      'another contact’s now',
      (stage: Stage, [first, second]: string[]) =>
        stage.ghl.editOpportunity(`${second}-1`, { contactId: first ?? '' }, SILENT),
    ],
  ])('one that is %s is noticed', async (_what, change) => {
    const { stage, leads } = await quiet(settings);
    await change(stage, leads);
    const [reads] = await night(stage);
    expect(stage.dialed()).not.toContain(phoneOf(0));
    expect(reads).toBeLessThanOrEqual(2);
    expect(await night(stage)).toEqual([0, 0]);
  });

  test('one that is gone is noticed, and so is a status', async () => {
    const { stage, leads } = await quiet(settings);
    await stage.ghl.deleteOpportunity(`${leads[1]}-1`, SILENT);
    expect(await night(stage)).toEqual([1, 1]);
    expect(stage.dialed()).toContain(phoneOf(1));
    await stage.ghl.editOpportunity(`${leads[0]}-0`, { pipelineStageId: BOOKED, status: 'lost' }, SILENT);
    await night(stage);
    await stage.ghl.editOpportunity(`${leads[0]}-0`, { status: 'open' }, SILENT);
    await night(stage);
    expect(stage.dialed()).not.toContain(phoneOf(0));
  });

  test('one that was another contact’s is noticed there too', async () => {
    const { stage, leads } = await quiet(settings);
    await stage.ghl.editOpportunity(`${leads[1]}-1`, { contactId: leads[0] ?? '' }, SILENT);
    await night(stage);
    expect(stage.dialed()).toEqual([phoneOf(1), phoneOf(2)]);
  });

  test('keeps ids and a status of each, and nothing else', async () => {
    const { stage, leads } = await quiet(settings);
    expect(known(stage)).toEqual(
      [
        { id: `${leads[0]}-0`, contact: leads[0], state: JSON.stringify([SALES, NEW, 'open']) },
        { id: `${leads[1]}-0`, contact: leads[1], state: JSON.stringify([SALES, CONTACTED, 'open']) },
        { id: `${leads[1]}-1`, contact: leads[1], state: JSON.stringify([SALES, BOOKED, 'open']) },
      ].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
  });
});

test('where no rule asks for opportunities nothing is read or stored', async () => {
  const stage = opportunityStage([{ name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' }]);
  await stage.lead([BOOKED]);
  await stage.night();
  expect(swept(stage)).toBe(0);
  expect(known(stage)).toEqual([]);
  expect(stage.statements.filter((sql) => /\bopportunities\b/.test(sql) && !sql.startsWith('DELETE'))).toEqual([]);
});

describe('a sweep of several pages', () => {
  async function many() {
    const stage = opportunityStage();
    const id = await stage.lead([]);
    for (let n = 0; n < 250; n++) {
      stage.clock.at += 1;
      await stage.ghl.addOpportunity({ id: `o${n}`, contactId: id, pipelineId: SALES, pipelineStageId: NEW }, SILENT);
    }
    return { stage, id };
  }

  test('takes a call a page', async () => {
    const { stage } = await many();
    await night(stage);
    expect(swept(stage)).toBe(3);
    expect(known(stage)).toHaveLength(250);
  });

  test('goes on where it was, after the worker was killed', async () => {
    const { stage } = await many();
    await stage.nightly();
    let die = () => {};
    const killed = new Promise<void>((resolve) => {
      die = resolve;
    });
    // It dies once the second page has come, and before that is noted.
    stage.hooks.database = async (sql) => {
      if (!sql.includes('INTO opportunities') || known(stage).length < 100) return;
      die();
      await new Promise(() => {});
    };
    for (let n = 0; n < 3 && known(stage).length < 100; n++)
      await stage.deliver('backstop', stage.queues.backstop.slice(0, 1), killed);
    stage.hooks.database = async () => {};
    stage.clock.advance(20 * 60_000);
    await stage.minute();
    await stage.work();
    await stage.minute();
    expect((await stage.run()).state).toBe('complete');
    expect(known(stage)).toHaveLength(250);
    expect(swept(stage)).toBe(4);
  });

  test('that cannot be read to its end infers nothing, and the contacts are compared all the same', async () => {
    const { stage, id } = await many();
    await night(stage);
    const reshape = stage.ghl.settings.reshapeOpportunities;
    stage.ghl.settings.reshapeOpportunities = ({ opportunities, meta }) => ({
      opportunities,
      meta: { ...meta, startAfter: undefined },
    });
    expect(await night(stage)).toEqual([0, 0]);
    expect(known(stage)).toHaveLength(250);
    expect(events(stage, 'backstop.opportunities_unread')).toHaveLength(1);
    stage.ghl.settings.reshapeOpportunities = reshape;
    stage.ghl.settings.scopes = ['contacts.readonly'];
    expect(await night(stage)).toEqual([0, 0]);
    expect(events(stage, 'backstop.opportunities_unread')).toHaveLength(2);
    expect(stage.row(id)).toMatchObject({ state: 'placed' });
  });

  test('that is refused does not make the run incomplete', async () => {
    const { stage } = await many();
    stage.ghl.faults.plan({
      match: { path: '/opportunities/search' },
      do: { kind: 'status', status: 403, body: { message: 'No' } },
    });
    await stage.nightly();
    for (let n = 0; n < 400 && (await stage.run()).state === 'running'; n++) {
      if (!(await stage.step())) stage.clock.advance(60_000);
    }
    expect((await stage.run()).state).toBe('complete');
  });

  test.each([
    ['is throttled once', 429, 1, 0],
    ['fails once', 500, 1, 0],
    ['fails until the run gives it up', 500, 8, 1],
  ])('that %s does not make the run incomplete', async (_what, status, times, unread) => {
    const { stage } = await many();
    await night(stage);
    stage.ghl.faults.plan({ match: { path: '/opportunities/search' }, times, do: { kind: 'status', status } });
    await stage.nightly();
    for (let n = 0; n < 400 && (await stage.run()).state === 'running'; n++) {
      if (!(await stage.step())) stage.clock.advance(60_000);
    }
    expect(await stage.run()).toMatchObject({ state: 'complete', error: null });
    expect(events(stage, 'backstop.opportunities_unread')).toHaveLength(unread);
    expect(known(stage)).toHaveLength(250);
  });
});

test('an erased contact leaves no opportunity behind', async () => {
  const { stage, leads } = await quiet();
  await stage.ghl.deleteContact(leads[1] ?? '', SILENT);
  await stage.told(leads[1] ?? '', 'ContactDelete');
  const answer = await stage.fetch('POST', `/contacts/${leads[1]}/forget`, { confirm: leads[1] });
  expect(answer.status).toBeLessThan(300);
  expect(known(stage).filter(({ contact }) => contact === leads[1])).toEqual([]);
  expect(stage.sqlite.rows('SELECT sweep FROM runs')).toEqual([{ sweep: null }]);
});
