// All operator routes refuse what they cannot serve in the same way: wrong methods, unknown parameters, unknown locations, ids that are none.

import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { nameOf, OPERATOR_ROUTES } from '../../../shared/operator-routes.ts';
import { readLocations } from '../../../workers/consumer/config/locations.ts';
import type { OperatorDeps } from '../../../workers/consumer/operator/deps.ts';
import { handleOperator } from '../../../workers/consumer/operator/routes.ts';
import { NO_RULES_TRIED } from '../../support/rules.ts';
import { ENV } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { ADMIN_TOKEN, hostileStage } from '../ingest/hostile-harness.ts';

const NOTHING_SENT = { sendBatch: () => Promise.reject(new Error('nothing is sent')) };

const LOCATIONS = await readLocations({
  ...ENV,
  GHL_LOCATION_ID: 'one',
  LOCATIONS: { two: { secrets: 'TWO' } },
  GHL_API_KEY_TWO: 'pit-two',
  CALLTOOLS_API_KEY_TWO: 'calltools-two',
});

interface Row {
  method: 'GET' | 'POST';
  /** `:id` is a contact's. */
  path: string;
  /** Its query parameters, each with a value that it refuses; a location may be unknown, too. */
  refuses: Record<string, string>;
  body?: object;
}
const AT_LOCATION = { location: 'not an id' };
const ROUTES: Row[] = [
  { method: 'GET', path: '/api/v1/overview', refuses: AT_LOCATION },
  { method: 'GET', path: '/api/v1/history', refuses: AT_LOCATION },
  { method: 'GET', path: '/api/v1/rules', refuses: AT_LOCATION },
  { method: 'POST', path: '/api/v1/rules/test', refuses: AT_LOCATION, body: {} },
  { method: 'POST', path: '/api/v1/rules/preview', refuses: AT_LOCATION, body: {} },
  { method: 'GET', path: '/api/v1/audit', refuses: { limit: '501', cursor: 'odd' } },
  { method: 'GET', path: '/api/v1/settings', refuses: AT_LOCATION },
  { method: 'POST', path: '/api/v1/alerts/test', refuses: AT_LOCATION },
  { method: 'GET', path: '/api/v1/doctor', refuses: { ...AT_LOCATION, contact: 'not an id' } },
  { method: 'GET', path: '/metrics', refuses: {} },
  {
    method: 'GET',
    path: '/api/v1/contacts',
    refuses: { ...AT_LOCATION, state: 'odd', reason: 'odd', route: 'odd', format: 'odd', limit: '201', cursor: '1~a' },
  },
  { method: 'POST', path: '/api/v1/contacts/find', refuses: AT_LOCATION, body: { id: 'known' } },
  {
    method: 'GET',
    path: '/api/v1/dead-letters',
    refuses: {
      ...AT_LOCATION,
      status: 'replayed',
      reason: 'odd',
      error: '',
      same_error: '',
      contact: 'not an id',
      limit: '201',
      cursor: 'odd',
    },
  },
  {
    method: 'GET',
    path: '/api/v1/dead-letters/groups',
    refuses: { ...AT_LOCATION, status: 'all', limit: '201', cursor: '1~a' },
  },
  { method: 'POST', path: '/api/v1/discards', refuses: {}, body: {} },
  { method: 'GET', path: '/api/v1/replays', refuses: { limit: '101', cursor: 'odd' } },
  { method: 'POST', path: '/api/v1/replays', refuses: {}, body: {} },
  { method: 'GET', path: '/api/v1/replays/:replay', refuses: {} },
  { method: 'GET', path: '/api/v1/runs', refuses: { ...AT_LOCATION, limit: '101', cursor: 'odd' } },
  { method: 'GET', path: '/api/v1/runs/:run', refuses: {} },
  { method: 'GET', path: '/api/v1/runs/:run/contacts', refuses: { kind: 'odd', limit: '201', cursor: 'odd' } },
  {
    method: 'GET',
    path: '/api/v1/activity',
    refuses: { ...AT_LOCATION, outcome: 'odd', source: 'odd', from: 'odd', to: 'odd', limit: '201', cursor: 'odd' },
  },
  { method: 'GET', path: '/sync/stats', refuses: AT_LOCATION },
  { method: 'POST', path: '/sync/trigger', refuses: { ...AT_LOCATION, confirm: 'last night' } },
  { method: 'GET', path: '/sync/runs', refuses: { ...AT_LOCATION, limit: '0' } },
  { method: 'GET', path: '/contacts/:id', refuses: AT_LOCATION },
  { method: 'GET', path: '/contacts/:id/fields', refuses: AT_LOCATION },
  { method: 'POST', path: '/contacts/:id/forget', refuses: AT_LOCATION },
  { method: 'POST', path: '/contacts/:id/place', refuses: AT_LOCATION },
  { method: 'POST', path: '/contacts/:id/recheck', refuses: AT_LOCATION },
  { method: 'POST', path: '/contacts/:id/retry', refuses: AT_LOCATION },
  {
    method: 'GET',
    path: '/dead-letters',
    refuses: {
      ...AT_LOCATION,
      status: 'odd',
      reason: 'odd',
      contact: 'not an id',
      error: '',
      older_than: '1y',
      newer_than: '-1d',
      ids: '',
      limit: '501',
      cursor: 'odd',
    },
  },
  { method: 'POST', path: '/dead-letters/replay', refuses: {}, body: { ids: ['d-1'] } },
  { method: 'POST', path: '/dead-letters/discard', refuses: {}, body: { ids: ['d-1'] } },
  { method: 'GET', path: '/doctor', refuses: { ...AT_LOCATION, contact: 'not an id' } },
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The methods that a path has. */
const allowedAt = ({ path }: Pick<Row, 'path'>) =>
  ROUTES.flatMap((route) => (route.path === path ? route.method : [])).join(', ');
const othersThan = (route: Pick<Row, 'path'>) => METHODS.filter((method) => !allowedAt(route).includes(method));

const sqlite = openSqlite();
const db = sqlite.bind(async (act) => act());
beforeEach(() => {
  sqlite.clear();
  sqlite.rows(
    `INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at) VALUES ('one', 'known', 'failed', 'rejected', ?1, ?1)`,
    NOON,
  );
});

interface Problem {
  title: string;
  status: number;
  detail: string;
}

async function ask({ method, path, body }: Pick<Row, 'path' | 'body'> & { method: string }, query = '', id = 'known') {
  const deps: OperatorDeps = {
    env: { DB: db, EVENTS: NOTHING_SENT, BACKSTOP: NOTHING_SENT },
    world: { now: () => NOON, newId: () => 'new' },
    log: () => {},
    locations: LOCATIONS,
    startRun: () => Promise.reject(new Error('no run is started')),
    diagnose: async () => ({ locationId: 'one', checks: [] }),
    preview: async () => ({ kind: 'gone' }),
    findByName: async () => ({ kind: 'found', contactIds: [] }),
    ...NO_RULES_TRIED,
  };
  const url = `https://consumer.test${path.replace(':id', id)}${query}`;
  const init = { method, ...(body && method !== 'GET' && { body: JSON.stringify(body) }) };
  const response = await handleOperator(new Request(url, init), deps);
  return { response, problem: (await response.json()) as Problem };
}

async function expectProblem(answer: Awaited<ReturnType<typeof ask>>, status: number, detail: RegExp) {
  const { response, problem } = answer;
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect([response.status, problem.status]).toEqual([status, status]);
  expect(problem.detail).toMatch(detail);
}

const named = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const);
const withId = named.filter(([, { path }]) => path.includes(':id'));
const parameters = named.flatMap(([name, route]) =>
  Object.entries(route.refuses).map(([parameter, value]) => [name, parameter, value, route] as const),
);
const located = named.filter(([, { refuses }]) => 'location' in refuses);

test('docs/api.md lists exactly the routes that there are, each with its sentence', () => {
  const rows = readFileSync('docs/api.md', 'utf8').matchAll(/^\| `((?:GET|POST) [^`]+)` \| ([^.]+\.)/gm);
  const listed = [...rows].map(([, name, does]) => ({ name, does }));
  expect(listed).toEqual(OPERATOR_ROUTES.map((route) => ({ name: nameOf(route), does: route.does })));
});

test('the tests below cover every route that there is, and an unknown path is answered with all of them', async () => {
  const { problem } = await ask({ method: 'GET', path: '/nothing' });
  expect(problem).toMatchObject({ status: 404, title: 'Not found' });
  expect(problem.detail.replace(/^There are: |\.$/g, '').split(', ')).toEqual(named.map(([name]) => name));
});

describe.each(named)('%s', (_name, route) => {
  test.each(othersThan(route))('refuses %s, and says what to use', async (method) => {
    const answer = await ask({ ...route, method });
    await expectProblem(answer, 405, new RegExp(`^Use ${allowedAt(route)}\\.$`));
    expect(answer.response.headers.get('allow')).toBe(allowedAt(route));
  });

  test('refuses a parameter that it does not have, and names those that it has', async () => {
    const has = Object.keys(route.refuses);
    const { response, problem } = await ask(route, '?locations=one');
    expect(response.status).toBe(400);
    const told = problem.detail.replace(/^There is a query parameter that this route does not have; it has |\.$/g, '');
    expect(told.split(', ').sort()).toEqual(has.length > 0 ? has.toSorted() : ['none']);
  });

  test('refuses a parameter that is given twice', async () => {
    await expectProblem(await ask(route, '?location=one&location=two'), 400, /each query parameter once/);
  });

  test('is the same with a slash at its end', async () => {
    const { response, problem } = await ask({ ...route, path: `${route.path}/` }, '?locations=one');
    expect([response.status, problem.detail]).toEqual([400, expect.stringContaining('that this route does not have')]);
  });
});

test.each(parameters)('%s refuses the %s %j, and names the parameter', async (_name, parameter, value, route) => {
  const query = `?${new URLSearchParams({ [parameter]: value })}`;
  await expectProblem(await ask(route, query), 400, new RegExp(`^The query parameter ${parameter} must `));
});

test.each(located)(
  '%s of a location that the settings do not name: not found, and those that there are',
  async (_name, route) => {
    await expectProblem(await ask(route, '?location=typo'), 404, /no such location. There are: one, two\.$/);
  },
);

test('letters of a location that is no longer in the settings can still be looked at', async () => {
  sqlite.rows(
    `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
     VALUES ('d-1', 'former', 'a', 'other_location', '', '{}', 1, 0, ?1, ?1)`,
    NOON,
  );
  const { response, problem } = await ask({ method: 'GET', path: '/dead-letters' }, '?location=former');
  expect(response.status).toBe(200);
  expect(problem).toMatchObject({ data: { total: 1 } });
});

describe.each(withId)('%s', (_name, route) => {
  test.each(['%20', 'a%2Fb', 'a.b', '%ff', 'x'.repeat(65)])('refuses the id %j', async (id) => {
    await expectProblem(await ask(route, '', id), 400, /^The contact id in the path must be 1 to 64/);
  });

  test.each(['', '?location=two'])('an id that nobody knows is not found %s', async (query) => {
    const { response, problem } = await ask(route, query, 'nobody');
    expect([response.status, problem.title]).toEqual([404, 'Contact not known']);
  });
});

describe('ingest', () => {
  const call = async ({ method, path }: { method: string; path: string }) => {
    const passed: string[] = [];
    const CONSUMER = {
      fetch: async (request: Request) => {
        passed.push(`${request.method} ${new URL(request.url).pathname}`);
        return new Response('{}');
      },
    };
    const stage = hostileStage({ ADMIN_TOKEN, CONSUMER });
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const response = await stage.fetch(new Request(`https://ingest.test${path}`, { method, headers }));
    return { status: response.status, allow: response.headers.get('allow'), passed };
  };

  test.each(named)('passes %s on, and refuses every other method itself', async (_name, { method, path }) => {
    expect(await call({ method, path })).toMatchObject({ status: 200, passed: [`${method} ${path}`] });
    for (const other of othersThan({ path }))
      expect(await call({ method: other, path })).toEqual({ status: 405, allow: allowedAt({ path }), passed: [] });
  });
});
