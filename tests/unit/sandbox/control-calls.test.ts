// The control API where it speaks of calls: agents, the hooks that tell of them, and how the account behaves.

import { afterEach, expect, test } from 'vitest';
import { DISPOSITIONS } from '../../../sandbox/calltools/calls/dispositions.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox.ts';
import { PHONE } from './calltools-harness.ts';

let sandbox: Sandbox;

/** What a test reads of answers; each holds some of it. */
interface Answer {
  callUuid: string;
  why: string;
  error: string;
  results: unknown[];
  last: unknown[];
}

async function ask(method: string, path: string, body?: unknown) {
  const headers = { authorization: 'Token sandbox-token', 'content-type': 'application/json' };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.url}${path}`, init);
  return { status: response.status, json: (await response.json()) as Answer };
}

const control = (method: string, path: string, body?: unknown) => ask(method, `/sandbox/calltools${path}`, body);

async function start(): Promise<number> {
  sandbox = await startSandbox();
  return sandbox.callTools.addContactByHand({ mobile_phone_number: PHONE, buckets: ['Cold Leads'] }).id;
}

afterEach(() => sandbox.close());

test('an agent calls by phone or id, is told why not, and hangs up', async () => {
  const contact = await start();
  const made = await control('POST', '/agent-calls', { phone: PHONE, disposition: 'Transferred', rowAfterMs: 0 });
  expect(made).toMatchObject({ status: 201, json: { called: true, phone: PHONE } });
  const hangUp = `/agent-calls/${made.json.callUuid}/hang-up`;
  expect((await control('POST', hangUp)).status).toBe(200);
  expect((await control('POST', hangUp)).status).toBe(404);
  await control('POST', '/agent-calls', {
    contact,
    disposition: 'Do Not Call',
    agent: null,
    campaign: 3,
    talkMs: 1000,
  });
  const refused = await control('POST', '/agent-calls', { contact, disposition: 'Callback' });
  expect([refused.status, refused.json]).toEqual([409, { called: false, why: 'it is marked as do-not-contact' }]);
  expect((await control('POST', '/agent-calls', { contact, disposition: 'Callback', force: true })).status).toBe(201);
  const record = await ask('GET', '/calltools/api/historicalcalldispositions/?ordering=-pk');
  expect(record.json.results).toMatchObject([
    { disposition: 3008, contact },
    { disposition: 3001, contact, app_user: null, campaign: 3 },
    { disposition: 3009, contact },
  ]);
  expect((await control('GET', '/calls')).json.last).toHaveLength(1);
});

test('a call that cannot be made is a 400 that says why', async () => {
  const contact = await start();
  for (const [entry, why] of [
    [{ contact: 1, disposition: 'Callback' }, '"contact"'],
    [{ phone: '+13055550199', disposition: 'Callback' }, '"phone"'],
    [{ disposition: 'Callback' }, '"contact"'],
    [{ contact, disposition: 'Not interested' }, 'Not Interested'],
    [{ contact }, '"disposition"'],
    [{ contact, disposition: 'Callback', rowAfterMs: '5s' }, '"rowAfterMs"'],
    [{ contact, disposition: 'Callback', force: 1 }, '"force"'],
    [{ contact, disposition: 'Callback', campaign: 'x' }, '"campaign"'],
    [{ contact, disposition: 'Callback', agent: 7 }, '"agent"'],
    [{ contact, disposition: 'Callback', lateid: true }, 'lateId'],
  ] as const) {
    const { status, json } = await control('POST', '/agent-calls', entry);
    expect([status, json.error]).toEqual([400, expect.stringContaining(why)]);
  }
  expect((await control('GET', '/agent-calls')).status).toBe(405);
  expect(sandbox.callTools.dispositionRows()).toEqual([]);
});

test('hooks leave the sandbox over HTTP, and can be looked at', async () => {
  const contact = await start();
  const url = `${sandbox.url}/sandbox/nowhere`;
  await ask('POST', '/calltools/api/resthooksubscriptions/', { resthook_model: 'Call', url });
  await control('POST', '/agent-calls', { contact, disposition: 'Callback' });
  await sandbox.callTools.settled();
  expect((await control('GET', '/hooks')).json).toMatchObject([{ from: 'resthook', url, status: 404, attempts: 1 }]);
});

test('the account’s dispositions, automations and hooks are settings', async () => {
  const contact = await start();
  const chosen = {
    dispositions: [{ ...DISPOSITIONS[0], name: 'Never again' }],
    dispositionForm: 'name',
    bucketAutomations: [{ disposition: 'Never again', bucket: 'Cold Leads', afterMs: 0 }],
    hookFields: ['id'],
    hookTries: 3,
    mergeValues: 'plain',
  };
  expect(await control('POST', '/settings', chosen)).toMatchObject({ status: 200, json: chosen });
  await control('POST', '/agent-calls', { contact, disposition: 'Never again' });
  expect(sandbox.callTools.contacts()).toMatchObject([{ buckets: [], doNotContact: true }]);
  expect((await control('POST', '/settings', { hookFields: null })).status).toBe(200);
  for (const wrong of [
    { dispositions: [{ id: 1, name: 'x' }] },
    { dispositions: [{ ...DISPOSITIONS[0], id: 'x' }] },
    { dispositionForm: 'url' },
    { bucketAutomations: [{ disposition: 'x', bucket: 'y' }] },
    { bucketAutomations: [{ disposition: 'x', bucket: 7, afterMs: 0 }] },
    { hookFields: 'id' },
    { hookTries: 0 },
    { mergeValues: 'json' },
  ])
    expect((await control('POST', '/settings', wrong)).status).toBe(400);
});
