// The stand-in for CallTools has automations that send an HTTP request after a call, with values as Python prints them.

import { describe, expect, test } from 'vitest';
import { DISPOSITIONS } from '../../../sandbox/calltools/calls/dispositions.ts';
import { callCenter } from './calls-harness.ts';

const URL = 'https://ingest.test/webhook/calltools';
const [, , NOT_INTERESTED] = DISPOSITIONS;

type Center = ReturnType<typeof callCenter>;

describe('an automation', () => {
  const REQUEST = {
    name: 'pipeline',
    url: URL,
    trigger_model: 'Call Disposition',
    request_type: 'Post',
    content_type: 'Application Json',
    headers: { authorization: 'Bearer secret' },
    body: {
      agent: '{{%locals[historicalcalldisposition][app_user]}}',
      phone: 'tel {{%locals[historicalcalldisposition][phone_number]}}',
      call_id: '{{%locals[historicalcalldisposition][call_uuid]}}',
      contact: '{{%locals[historicalcalldisposition][contact]}}',
      contact_id: '{{%locals[historicalcalldisposition][contact_id]}}',
      campaign: '{{%locals[historicalcalldisposition][campaign]}}',
      disposition: '{{%locals[historicalcalldisposition][disposition_id]}}',
      at: '{{%locals[historicalcalldisposition][created_on]}}',
      queue: '{{%locals[historicalcalldisposition][queue]}}',
      first: '{{%locals[contact][first_name]}}',
      refused: '{{%locals[contact][do_not_contact]}}',
      buckets: ['{{%locals[contact][buckets]}}'],
      shoe: '{{%locals[contact][shoe]}}',
      leg: 'fronter',
      version: 1,
    },
  };
  const isOneOf = (ids: unknown[]) => ({
    operator: 'and',
    child_sets: [
      {
        operator: 'or',
        child_sets: [],
        conditions: ids.map((id) => ({
          operator: 'equals',
          value_left: '{{%locals[historicalcalldisposition][disposition_id]}}',
          value_right: id,
        })),
      },
    ],
    conditions: [],
  });

  async function automate(center: Center, condition_set: object = isOneOf([NOT_INTERESTED?.id, 3001])) {
    const make = async (path: string, body: object) => (await center.call('POST', path, body)).json.id;
    const http_request = await make('/httprequests/', REQUEST);
    const automation = await make('/automations/', {
      name: 'pipeline',
      trigger_model: 'Call Disposition',
      condition_set,
    });
    const action = await make('/webhookactions/', { automation, http_request });
    return { http_request, automation, action };
  }

  test('sends its request with its headers, and with values as Python prints them', async () => {
    const center = callCenter();
    const { action } = await automate(center);
    const made = center.dispose('Not Interested', { campaign: null });
    await center.pass(0);
    const [maria] = center.vendor.settings.users;
    const bucket = center.vendor.bucketNamed('Cold Leads')?.id;
    expect(center.inbox).toEqual([
      {
        url: URL,
        headers: { 'content-type': 'application/json', authorization: 'Bearer secret' },
        body: {
          agent: `AppUser object (${maria?.id})`,
          phone: 'tel +13055550142',
          call_id: made.called && made.callUuid,
          contact: `Contact object (${center.id})`,
          contact_id: String(center.id),
          campaign: 'None',
          disposition: '3003',
          at: '2026-11-20 12:00:00+00:00',
          queue: 'None',
          first: 'Dana',
          refused: 'False',
          buckets: [`[${bucket}]`],
          shoe: 'None',
          leg: 'fronter',
          version: 1,
        },
      },
    ]);
    expect(center.vendor.hookDeliveries).toMatchObject([{ from: 'automation', id: action }]);
  });

  test('may spell values plainly', async () => {
    const center = callCenter({ mergeValues: 'plain' });
    await automate(center);
    center.dispose('Not Interested', { campaign: null });
    await center.pass(0);
    expect(center.inbox[0]?.body).toMatchObject({
      agent: center.vendor.settings.users[0]?.id,
      contact: String(center.id),
      campaign: '',
      refused: 'false',
    });
  });

  test('runs only after the dispositions that it names', async () => {
    const center = callCenter();
    await automate(center);
    for (const name of ['Callback', 'Not Interested', 'Do Not Call']) center.dispose(name);
    await center.pass(0);
    expect(center.inbox.map(({ body }) => body.disposition)).toEqual(['3003', '3001']);
  });

  test.each([
    [{}, 1],
    [{ operator: 'or', conditions: [], child_sets: [isOneOf([1]), isOneOf([3003])] }, 1],
    [{ operator: 'and', conditions: [], child_sets: [isOneOf([1]), isOneOf([3003])] }, 0],
    [{ operator: 'and', conditions: [{ operator: 'above', value_left: '3003', value_right: 3003 }] }, 0],
  ])('with the conditions %j', async (conditions, sent) => {
    const center = callCenter();
    await automate(center, conditions);
    center.dispose('Not Interested');
    await center.pass(0);
    expect(center.inbox).toHaveLength(sent);
  });

  test.each(['automation', 'action'] as const)('does nothing once the %s is off', async (which) => {
    const center = callCenter();
    const made = await automate(center);
    const path = which === 'automation' ? 'automations' : 'webhookactions';
    expect((await center.call('PATCH', `/${path}/${made[which]}/`, { active: false })).json.active).toBe(false);
    center.dispose('Not Interested');
    await center.pass(0);
    expect(center.inbox).toEqual([]);
    const put = { name: 'x', trigger_model: 'Call Disposition', condition_set: {} };
    expect((await center.call('PUT', `/automations/${made.automation}/`, put)).json.active).toBe(true);
    expect((await center.call('PUT', `/automations/${made.automation}/`, {})).status).toBe(400);
  });

  test('that fails is in no log', async () => {
    const center = callCenter({}, [500]);
    await automate(center);
    center.dispose('Not Interested');
    await center.pass(0);
    expect((await center.call('GET', '/resthookerrorlogs/')).json.count).toBe(0);
  });

  test('what is missing or unknown is refused', async () => {
    const { call } = callCenter();
    expect((await call('POST', '/webhookactions/', { automation: 7, http_request: 8 })).json).toEqual({
      automation: ['Invalid pk "7" - object does not exist.'],
      http_request: ['Invalid pk "8" - object does not exist.'],
    });
    const wrong = { ...REQUEST, request_type: 'POST', headers: [], body: 'x', trigger_model: 'Call' };
    expect(Object.keys((await call('POST', '/httprequests/', wrong)).json)).toEqual([
      'trigger_model',
      'request_type',
      'headers',
      'body',
    ]);
    expect((await call('POST', '/automations/', { active: 'yes' })).json).toEqual({
      name: ['This field is required.'],
      active: ['Must be a valid boolean.'],
      trigger_model: ['This field is required.'],
      condition_set: ['This field is required.'],
    });
  });
});
