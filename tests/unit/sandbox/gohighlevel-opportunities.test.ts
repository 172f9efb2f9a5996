import { describe, expect, it } from 'vitest';
import { location } from './gohighlevel-harness.ts';

const SALES = 'sales000000000000000';
const STAGE = (number: number) => `salesStage${number}`.padEnd(20, '0');

/** A location with a contact that has an opportunity, of which the search knows. */
async function withOpportunity(settings: Parameters<typeof location>[0] = {}) {
  const there = location(settings);
  const contact = await there.vendor.addContact({ phone: '+15550100001' }, { silent: true });
  const opportunity = await there.vendor.addOpportunity(
    { id: 'opp1', contactId: contact.id, pipelineId: SALES, pipelineStageId: STAGE(1) },
    { silent: true },
  );
  await there.advance(5000);
  const find = (query = '', headers?: Record<string, string>) =>
    there.call('GET', `/opportunities/search?location_id=loc${query}`, undefined, headers);
  return { ...there, contact, opportunity, find };
}

describe('opportunities of the sandbox', () => {
  it('fires OpportunityUpdate beside the special event, and names the contact', async () => {
    const { vendor, types, inbox, contact } = await withOpportunity();
    await vendor.addOpportunity({ contactId: contact.id, pipelineId: SALES, pipelineStageId: STAGE(1) });
    await vendor.editOpportunity('opp1', { pipelineStageId: STAGE(3) });
    await vendor.editOpportunity('opp1', { status: 'won' });
    await vendor.editOpportunity('opp1', { status: 'won' });
    await vendor.editOpportunity('opp1', { name: 'Roof' });
    await vendor.deleteOpportunity('opp1');
    expect(await types()).toEqual([
      'OpportunityCreate',
      ...['OpportunityStageUpdate', 'OpportunityUpdate'],
      ...['OpportunityStatusUpdate', 'OpportunityUpdate'],
      'OpportunityUpdate',
      'OpportunityDelete',
    ]);
    expect(inbox[1]?.body).toMatchObject({
      ...{ type: 'OpportunityStageUpdate', locationId: 'loc', id: 'opp1', contactId: contact.id },
      ...{ pipelineId: SALES, pipelineStageId: STAGE(3), status: 'open' },
    });
    expect(vendor.deliveries[1]?.contactId).toBe(contact.id);
  });

  it('finds by contact, pipeline, stage and status', async () => {
    const { find, contact } = await withOpportunity();
    const ids = async (query: string) => (await find(query)).json.opportunities.map(({ id }) => id);
    expect(await ids(`&contact_id=${contact.id}&pipeline_id=${SALES}&pipeline_stage_id=${STAGE(1)}`)).toEqual(['opp1']);
    expect(await ids('&status=open')).toEqual(['opp1']);
    expect(await ids('&status=all')).toEqual(['opp1']);
    for (const none of ['&contact_id=x', '&pipeline_id=x', '&pipeline_stage_id=x', '&status=won'])
      expect(await ids(none)).toEqual([]);
  });

  it('spells its parameters in camel case from v3 on', async () => {
    const { call, find } = await withOpportunity();
    const headers = { authorization: 'Bearer k', version: 'v3' };
    expect((await find('', headers)).status).toBe(422);
    const found = await call('GET', '/opportunities/search?locationId=loc&contactId=x', undefined, headers);
    expect(found.json.opportunities).toEqual([]);
  });

  it.each(['added_asc', 'added_desc'])('pages by startAfter in the order %s, each once', async (order) => {
    const { vendor, find, contact, advance } = await withOpportunity();
    for (let n = 2; n <= 5; n++)
      await vendor.addOpportunity({ id: `opp${n}`, contactId: contact.id, pipelineId: SALES, pipelineStageId: 'x' });
    await advance(5000);
    const seen: string[] = [];
    for (let after = ''; seen.length < 10; ) {
      const { json } = await find(`&limit=2&order=${order}${after}`);
      seen.push(...json.opportunities.map(({ id }) => id));
      expect(json.meta.total).toBe(5);
      if (json.meta.nextPage === null) break;
      after = `&startAfter=${json.meta.startAfter}&startAfterId=${json.meta.startAfterId}`;
    }
    expect(seen.toSorted()).toEqual(['opp1', 'opp2', 'opp3', 'opp4', 'opp5']);
  });

  it('shows changes only after the lag, and nothing of a deleted contact', async () => {
    const { vendor, find, advance, contact } = await withOpportunity({ searchLagMs: 3000 });
    await vendor.editOpportunity('opp1', { status: 'won' });
    expect((await find('&status=won')).json.opportunities).toEqual([]);
    await advance(3000);
    expect((await find('&status=won')).json.opportunities).toHaveLength(1);
    await vendor.deleteContact(contact.id);
    expect((await find()).json.opportunities).toEqual([]);
  });

  it('refuses what is documented as refused', async () => {
    const { call, find, vendor } = await withOpportunity();
    expect((await call('GET', '/opportunities/search')).status).toBe(422);
    expect((await find('&limit=101')).status).toBe(422);
    expect((await call('GET', '/opportunities/search?location_id=other')).status).toBe(403);
    expect((await call('GET', '/opportunities/pipelines?locationId=other')).status).toBe(403);
    const pipelines = await call('GET', '/opportunities/pipelines?locationId=loc');
    expect(pipelines.json.pipelines.map(({ name }) => name)).toEqual(['Sales', 'Installation']);
    vendor.settings.scopes = ['contacts.readonly'];
    for (const path of ['/opportunities/search?location_id=loc', '/opportunities/pipelines?locationId=loc']) {
      const { status, json } = await call('GET', path);
      expect([status, json.message]).toEqual([401, 'The token is not authorized for this scope.']);
    }
  });

  it('lists them in rows of the contact search only where that is switched on', async () => {
    const { search, vendor } = await withOpportunity();
    expect((await search()).json.contacts[0]).not.toHaveProperty('opportunities');
    vendor.settings.searchShowsOpportunities = true;
    expect((await search()).json.contacts[0]?.opportunities).toEqual([
      { id: 'opp1', pipeline_id: SALES, pipeline_stage_id: STAGE(1), monetary_value: 0, status: 'open' },
    ]);
  });

  it('keeps them over a restart', async () => {
    const { vendor, find, advance } = await withOpportunity();
    const saved = vendor.snapshot();
    await vendor.deleteOpportunity('opp1', { silent: true });
    await advance(5000);
    expect((await find()).json.opportunities).toEqual([]);
    vendor.restore(saved);
    expect((await find()).json.opportunities).toHaveLength(1);
  });
});
