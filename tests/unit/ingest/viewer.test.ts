// Two roles: an operator may act, a viewer (VIEWER_TOKEN) may only read. Also run in workerd.

import { describe, expect, test } from 'vitest';
import { readIngestStatus } from '../../../shared/ingest-status.ts';
import { OPERATOR_ROUTES } from '../../../shared/operator-routes.ts';
import { ADMIN_TOKEN, hostileStage } from './hostile-harness.ts';

const VIEWER_TOKEN = 'view-7f30b1c28e6da594';

interface Asking {
  method?: string;
  token?: string;
  /** What the sender puts into the header that ingest speaks to the consumer with. */
  claim?: string;
  settings?: { VIEWER_TOKEN?: string; ADMIN_TOKEN?: string };
}

async function ask(
  path: string,
  { method = 'GET', token = VIEWER_TOKEN, claim = '', settings = { VIEWER_TOKEN } }: Asking = {},
) {
  const asked: Request[] = [];
  const CONSUMER = {
    async fetch(request: Request) {
      asked.push(request);
      return new Response('{"success":true}');
    },
  };
  const written: string[] = [];
  const DB = {
    prepare(sql: string) {
      written.push(sql);
      throw new Error('not here');
    },
  };
  const stage = hostileStage({ CONSUMER, DB, ...settings });
  const headers = { authorization: `Bearer ${token}`, 'x-ingest-status': claim };
  const response = await stage.fetch(new Request(`https://ingest.test${path}`, { method, headers }));
  await stage.finished();
  const [passed] = asked;
  return {
    response,
    text: await response.text(),
    passed,
    told: passed && readIngestStatus(passed.headers),
    stage,
    written,
  };
}

/** Each request that acts, as a person would send it. */
const ACTS = [
  ['POST', '/sync/trigger'],
  ['POST', '/sync/trigger?confirm=2026-11-29T14'],
  ['POST', '/contacts/c1/forget'],
  ['POST', '/contacts/c1/place'],
  ['POST', '/contacts/c1/recheck'],
  ['POST', '/contacts/c1/retry'],
  ['POST', '/api/v1/replays'],
  ['POST', '/api/v1/alerts/test'],
  ['POST', '/api/v1/discards'],
  ['POST', '/dead-letters/replay'],
  ['POST', '/dead-letters/discard'],
  // It takes a contact out of its bucket.
  ['GET', '/doctor?contact=c1'],
  ['GET', '/api/v1/doctor?contact=c1'],
  ['GET', '/doctor?location=one&%63ontact='],
] as const;

const READS = OPERATOR_ROUTES.filter(({ method }) => method === 'GET').map(({ path }) => path.replace(':id', 'c1'));

test('every POST that there is acts, or says that it only reads', () => {
  const acting = new Set(ACTS.map(([, path]) => path.split('?')[0]));
  const others = OPERATOR_ROUTES.filter((route) => route.method === 'POST' && route.action !== null)
    .map(({ path }) => path.replace(':id', 'c1'))
    .filter((path) => !acting.has(path));
  expect(others).toEqual([]);
});

describe('a viewer', () => {
  test.each(READS)('reads GET %s', async (path) => {
    const { response, told } = await ask(path);
    expect([response.status, told?.role, told?.viewer]).toEqual([200, 'viewer', 'on']);
  });

  test.each(ACTS)('may not %s %s: the consumer is not asked, and the answer says what to do', async (method, path) => {
    for (const slash of ['', '/']) {
      const [before, query = ''] = path.split('?');
      const { response, text, passed } = await ask(`${before}${slash}${query && `?${query}`}`, { method });
      expect([response.status, passed]).toEqual([403, undefined]);
      expect(JSON.parse(text)).toMatchObject({ title: 'Forbidden', detail: expect.stringContaining('ADMIN_TOKEN') });
    }
  });

  test('who tries to act is not counted as an attacker', async () => {
    const { stage, written } = await ask('/sync/trigger', { method: 'POST' });
    expect(stage.log()).toMatchObject([{ event: 'webhook.refused', reason: 'viewer_may_not_act', status: 403 }]);
    expect(written).toEqual([]);
    expect((await ask('/sync/trigger', { method: 'POST', token: 'wrong' })).written).toHaveLength(1);
  });
});

describe('an operator', () => {
  test.each(ACTS)('may %s %s', async (method, path) => {
    const { response, told } = await ask(path, { method, token: ADMIN_TOKEN });
    expect([response.status, told?.role]).toEqual([200, 'operator']);
  });
});

test('neither token goes further than ingest', async () => {
  for (const token of [VIEWER_TOKEN, ADMIN_TOKEN]) {
    const { passed, stage, text } = await ask('/sync/stats', { token });
    const seen = [...(passed?.headers ?? [])].join() + stage.lines.join() + text;
    expect([VIEWER_TOKEN, ADMIN_TOKEN].filter((secret) => seen.includes(secret))).toEqual([]);
  }
});

test('a sender cannot give itself a role', async () => {
  const { told } = await ask('/sync/stats', { claim: '{"role":"operator"}' });
  expect(told?.role).toBe('viewer');
});

describe('without VIEWER_TOKEN', () => {
  test.each(['', ' '])('set to %j, no token is a viewer’s, and no answer names a role', async (unset) => {
    const settings = { VIEWER_TOKEN: unset };
    for (const token of [VIEWER_TOKEN, 'undefined', ''])
      expect((await ask('/sync/stats', { token, settings })).response.status).toBe(401);
    const { told } = await ask('/sync/trigger', { method: 'POST', token: ADMIN_TOKEN, settings });
    expect([told?.role, told?.viewer]).toEqual(['operator', 'off']);
  });
});

describe('where both tokens are the same', () => {
  const settings = { VIEWER_TOKEN: ADMIN_TOKEN };

  test('nobody can act, and the log and the doctor are told why', async () => {
    const { response, text, passed, stage } = await ask('/sync/trigger', {
      method: 'POST',
      token: ADMIN_TOKEN,
      settings,
    });
    expect([response.status, passed]).toEqual([403, undefined]);
    expect(text).toContain('give it another value');
    expect(stage.log()).toContainEqual(
      expect.objectContaining({ event: 'webhook.bad_setting', setting: 'VIEWER_TOKEN' }),
    );
    expect((await ask('/doctor', { token: ADMIN_TOKEN, settings })).told).toMatchObject({
      role: 'viewer',
      viewer: 'same',
    });
  });
});
