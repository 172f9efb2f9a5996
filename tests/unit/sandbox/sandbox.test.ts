// The sandbox as a server: planned faults, the control API, and a memory that outlives a kill.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createCallTools } from '../../../sandbox/calltools.ts';
import type { Fault } from '../../../sandbox/faults.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../sandbox/sandbox.ts';
import { hmacSigner } from '../../../sandbox/webhooks.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const TOKEN = { authorization: 'Token sandbox-token', 'content-type': 'application/json' };
const running: Sandbox[] = [];

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  running.push(sandbox);
  return sandbox;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

function create({ callToolsBaseUrl }: Sandbox, init: RequestInit = {}): Promise<Response> {
  const body = JSON.stringify({ mobile_phone_number: '+13055550142' });
  return fetch(`${callToolsBaseUrl}/api/contacts/`, {
    method: 'POST',
    headers: TOKEN,
    body,
    redirect: 'manual',
    ...init,
  });
}

describe('faults over HTTP', () => {
  async function meet(fault: Fault, init?: RequestInit) {
    const sandbox = await start();
    sandbox.callTools.faults.plan({ match: { method: 'POST', path: '/api/contacts/' }, times: 1, do: fault });
    const outcome = await create(sandbox, init).catch((error: Error) => error.name);
    const applied = sandbox.callTools.contacts().length;
    return { outcome, applied, sandbox };
  }

  test('a reset breaks the connection before, an after-reset after the request was applied', async () => {
    expect(await meet({ kind: 'reset' })).toMatchObject({ outcome: 'TypeError', applied: 0 });
    expect(await meet({ kind: 'after-reset' })).toMatchObject({ outcome: 'TypeError', applied: 1 });
  });

  test('a hang never answers; closing the sandbox ends it at once', async () => {
    expect(await meet({ kind: 'hang' }, { signal: AbortSignal.timeout(50) })).toMatchObject({
      outcome: 'TimeoutError',
      applied: 0,
    });
    const sandbox = await start();
    sandbox.callTools.faults.plan({ do: { kind: 'hang' } });
    const hanging = create(sandbox).catch((error: Error) => error.name);
    await expect.poll(() => sandbox.callTools.calls.count()).toBe(1);
    await sandbox.close();
    expect(await hanging).toBe('TypeError');
  });

  test('latency applies the request even when the caller has gone', async () => {
    const { outcome, applied, sandbox } = await meet({ kind: 'latency', ms: 100 }, { signal: AbortSignal.timeout(20) });
    expect([outcome, applied]).toEqual(['TimeoutError', 0]);
    await expect.poll(() => sandbox.callTools.contacts().length).toBe(1);
  });

  test('throttling says how long in seconds, as a date, or not at all', async () => {
    const seconds = (await meet({ kind: 'throttle', seconds: 7 })).outcome as Response;
    expect([seconds.status, seconds.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await seconds.json()).toEqual({ detail: 'Request was throttled. Expected available in 7 seconds.' });
    const date = (await meet({ kind: 'throttle', seconds: 7, retryAfter: 'date' })).outcome as Response;
    expect(date.headers.get('retry-after')).toMatch(/GMT$/);
    const none = (await meet({ kind: 'throttle', seconds: 7, retryAfter: 'none' })).outcome as Response;
    expect(none.headers.get('retry-after')).toBeNull();
  });

  test('HTML errors, redirects to a login page, 200 that is no JSON, and any status', async () => {
    const seen = async (fault: Fault) => {
      const { status, headers } = (await meet(fault)).outcome as Response;
      return [status, headers.get('content-type')?.split(';')[0] ?? headers.get('location')];
    };
    expect(await seen({ kind: 'html500' })).toEqual([500, 'text/html']);
    expect(await seen({ kind: 'not-json' })).toEqual([200, 'text/html']);
    expect(await seen({ kind: 'login-redirect' })).toEqual([302, '/login/?next=%2Fapi%2Fcontacts%2F']);
    expect(await seen({ kind: 'status', status: 530, body: 'error code: 1016' })).toEqual([530, 'text/plain']);
    expect(await seen({ kind: 'status', status: 503, html: true })).toEqual([503, 'text/html']);
  });

  test('a rule ends after its times, and the log tells what each caller saw', async () => {
    const sandbox = await start();
    sandbox.callTools.faults.plan({ times: 2, do: { kind: 'html500' } });
    for (const status of [500, 500, 201]) expect((await create(sandbox)).status).toBe(status);
    expect(sandbox.callTools.calls.count({ status: 500 })).toBe(2);
    expect(sandbox.callTools.calls.count({ method: 'POST', path: '/api/contacts' })).toBe(3);
  });
});

describe('faults in process', () => {
  const post = () =>
    new Request('http://calltools.test/api/contacts/', {
      method: 'POST',
      headers: { authorization: 'Token t', 'content-type': 'application/json' },
      body: '{}',
    });

  function vendor() {
    let clock = 0;
    const wait = async (ms: number) => {
      clock += ms;
    };
    return {
      callTools: createCallTools({ token: 't', now: () => clock, random: () => 0, wait }),
      wait,
      now: () => clock,
    };
  }

  test('a hang ends only with the caller’s signal, a reset throws what fetch throws', async () => {
    const { callTools } = vendor();
    callTools.faults.plan({ times: 1, do: { kind: 'hang' } });
    const gone = new AbortController();
    const hanging = callTools.handle(new Request(post(), { signal: gone.signal }));
    gone.abort(new Error('given up'));
    await expect(hanging).rejects.toThrow('given up');
    callTools.faults.plan({ times: 1, do: { kind: 'reset' } });
    await expect(callTools.handle(post())).rejects.toThrow(new TypeError('fetch failed'));
  });

  test('base latency passes on the injected clock, and the rate limit counts on it', async () => {
    const { callTools, wait, now } = vendor();
    callTools.faults.latency = 250;
    callTools.faults.rateLimit = { max: 2, intervalMs: 10_000 };
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await callTools.handle(post())).status);
    expect([statuses, now()]).toEqual([[201, 201, 429], 750]);
    const throttled = await callTools.handle(post());
    expect(throttled.headers.get('retry-after')).toBe('10');
    await wait(10_000);
    expect((await callTools.handle(post())).status).toBe(201);
  });
});

describe('control API', () => {
  async function control({ url }: Sandbox, method: string, path: string, body?: unknown) {
    const init =
      body === undefined ? { method } : { method, body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(`${url}/sandbox${path}`, init);
    const text = await response.text();
    return { status: response.status, json: text ? JSON.parse(text) : null };
  }

  test('one record can be refused, and nonsense answered, while others are served', async () => {
    const sandbox = await start();
    const made = await Promise.all(['Dana', 'Lee'].map((firstName) => sandbox.ghl.addContact({ firstName })));
    const [one = '', two = ''] = made.map(({ id }) => id);
    const refuse = { record: one, do: { kind: 'status', status: 403, body: { message: 'Forbidden' } } };
    await control(sandbox, 'POST', '/ghl/faults', refuse);
    const read = async (id: string) => {
      const headers = { authorization: 'Bearer pit-sandbox', version: '2021-07-28' };
      const answer = await fetch(`${sandbox.ghlBaseUrl}/contacts/${id}`, { headers });
      return [answer.status, Object.keys((await answer.json()) as object)];
    };
    expect([await read(one), (await read(two))[0]]).toEqual([[403, ['message']], 200]);
    await control(sandbox, 'DELETE', '/ghl/faults');
    await control(sandbox, 'POST', '/ghl/faults', { do: { kind: 'nonsense' } });
    expect(await read(two)).toEqual([200, ['detail']]);
    expect((await control(sandbox, 'POST', '/ghl/faults', { ...refuse, record: 7 })).status).toBe(400);
  });

  test('one part of a write can be refused, while the others are served', async () => {
    const sandbox = await start();
    const { id } = sandbox.callTools.addContactByHand({ mobile_phone_number: '+13055550142' });
    const refuse = { field: 'remove_tags', do: { kind: 'status', status: 403, body: { detail: 'Not allowed.' } } };
    await control(sandbox, 'POST', '/calltools/faults', refuse);
    const write = async (body: unknown) => {
      const headers = { authorization: 'Token sandbox-token', 'content-type': 'application/json' };
      const init = { method: 'PATCH', headers, body: JSON.stringify(body) };
      return (await fetch(`${sandbox.callToolsBaseUrl}/api/contacts/${id}/`, init)).status;
    };
    expect([await write({ remove_tags: [] }), await write({ do_not_contact: true })]).toEqual([403, 200]);
    expect((await control(sandbox, 'POST', '/calltools/faults', { ...refuse, field: 7 })).status).toBe(400);
  });

  test('GoHighLevel’s reads can be made to lag, by a time or a range', async () => {
    const sandbox = await start();
    expect((await control(sandbox, 'GET', '/ghl/settings')).json.readLagMs).toBe(0);
    await control(sandbox, 'POST', '/ghl/settings', { readLagMs: 5000 });
    expect(sandbox.ghl.settings.readLagMs).toBe(5000);
    await control(sandbox, 'POST', '/ghl/settings', { readLagMs: { min: 0, max: 9000 } });
    expect(sandbox.ghl.settings.readLagMs).toEqual({ min: 0, max: 9000 });
    for (const wrong of [{ readLagMs: -1 }, { readLagMs: { min: 2, max: 1 } }, { searchLagMs: 1 }, {}])
      expect((await control(sandbox, 'POST', '/ghl/settings', wrong)).status).toBe(400);
    expect((await control(sandbox, 'DELETE', '/ghl/settings')).status).toBe(405);
  });

  test('a person creates, edits, refuses calls and deletes, and webhooks go out', async () => {
    const types: string[] = [];
    const receive: typeof fetch = async (_url, init) => {
      types.push(JSON.parse(new TextDecoder().decode(init?.body as Uint8Array<ArrayBuffer>)).type);
      return new Response(null, { status: 202 });
    };
    const sandbox = await start({ webhook: { url: 'http://ingest.test/', sign: hmacSigner('s'), fetch: receive } });
    const { status, json } = await control(sandbox, 'POST', '/ghl/contacts', {
      firstName: 'Dana',
      phone: '+13055550142',
    });
    expect([status, json.phone]).toEqual([201, '+13055550142']);
    expect((await control(sandbox, 'PATCH', `/ghl/contacts/${json.id}`, { tags: ['cold lead'] })).json.tags).toEqual([
      'cold lead',
    ]);
    expect(
      (await control(sandbox, 'PATCH', `/ghl/contacts/${json.id}`, { call: 'active' })).json.dndSettings.Call.status,
    ).toBe('active');
    expect((await control(sandbox, 'DELETE', `/ghl/contacts/${json.id}?silent=true`)).status).toBe(204);
    await sandbox.ghl.settled();
    expect(types).toEqual(['ContactCreate', 'ContactTagUpdate', 'ContactDndUpdate']);
    expect((await control(sandbox, 'GET', '/ghl/contacts')).json).toEqual([]);
  });

  test('what cannot be used is a 400 that says why', async () => {
    const sandbox = await start();
    expect(await control(sandbox, 'POST', '/ghl/contacts', '{oops')).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('not JSON') },
    });
    expect((await control(sandbox, 'POST', '/ghl/contacts', { shoe: 1 })).json.error).toContain('no field "shoe"');
    expect((await control(sandbox, 'POST', '/ghl/contacts', { tags: 'cold lead' })).json.error).toBe(
      '"tags" must be a list',
    );
    expect((await control(sandbox, 'POST', '/calltools/faults', { do: { kind: 'flood' } })).json.error).toContain(
      'html500',
    );
    expect((await control(sandbox, 'GET', '/nothing')).status).toBe(404);
  });

  test('faults are set, shown and cleared; the dialer can be looked into', async () => {
    const sandbox = await start();
    await control(sandbox, 'POST', '/calltools/faults', { match: { path: '/api/' }, do: { kind: 'html500' } });
    expect((await create(sandbox)).status).toBe(500);
    expect((await control(sandbox, 'DELETE', '/calltools/faults')).json).toEqual({
      rules: [],
      latency: 0,
      rateLimit: null,
    });
    expect((await create(sandbox)).status).toBe(201);
    expect((await control(sandbox, 'GET', '/calltools/contacts')).json).toMatchObject([
      { phones: ['+13055550142'], do_not_contact: false },
    ]);
    expect((await control(sandbox, 'GET', '')).json.routes).toHaveProperty(['GET /sandbox/calltools/contacts']);
  });
});

test('what was answered is on disk before the answer, and a restart has it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const stateFile = join(folder, 'state', 'vendors.json');
  const first = await start({ stateFile });
  expect((await create(first)).status).toBe(201);
  expect(JSON.parse(await readFile(stateFile, 'utf8')).callTools.contacts).toHaveLength(1);
  await first.ghl.addContact({ firstName: 'Dana' });
  await first.close();
  const second = await start({ stateFile });
  expect(second.callTools.contacts()).toEqual(first.callTools.contacts());
  expect(second.ghl.contacts()).toEqual(first.ghl.contacts());
  await second.close();
  await rm(folder, { recursive: true });
});

test('a row of a call that was due while the sandbox was down is there when it starts again, and on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const stateFile = join(folder, 'vendors.json');
  const first = await start({ stateFile, now: () => NOON });
  await create(first);
  const [{ id = 0 } = {}] = first.callTools.contacts();
  first.callTools.agentCalls(id, { disposition: 'No Answer', force: true, rowAfterMs: 60_000, lateId: true });
  await first.close();
  const second = await start({ stateFile, now: () => NOON + 120_000 });
  const shown = (sandbox: Sandbox) => sandbox.callTools.dispositionRows();
  expect(shown(second)).toEqual([expect.objectContaining({ id: expect.any(Number), contact: id })]);
  await second.close();
  expect(JSON.parse(await readFile(stateFile, 'utf8')).callTools.record.pending).toEqual([]);
  await rm(folder, { recursive: true });
});
