// docs/openapi.json against the real routes and real answers: each field that is sent is described, and each that is promised is sent.

import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { nameOf, OPERATOR_ROUTES, type RouteName } from '../../../shared/operator-routes.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import { type CallsStage, callsStage, SILENT } from '../calls/calls-harness.ts';

interface Operation {
  summary: string;
  parameters?: { name: string; in: string }[];
  requestBody?: unknown;
  responses: Record<string, { content?: Record<string, { schema: AnySchema }> }>;
}
const DOCUMENT = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, AnySchema> };
};
const DOCUMENTED = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
  Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
);

function operationOf(name: RouteName): Operation {
  const [method = '', path = ''] = name.split(' ');
  const operation = DOCUMENT.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
  if (!operation) throw new Error(`${name} is not in docs/openapi.json`);
  return operation;
}

describe('the file', () => {
  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(DOCUMENT));
    expect(valid ? [] : errors).toEqual([]);
    expect(validator.version).toBe('3.1');
  });

  test('has every route of the operator API, and no other', () => {
    expect(DOCUMENTED.sort()).toEqual(OPERATOR_ROUTES.map(nameOf).sort());
  });

  test.each(OPERATOR_ROUTES.map((route) => ({ route, name: nameOf(route) })))(
    'says what $name does',
    ({ route, name }) => {
      const { summary, responses } = operationOf(name);
      expect(summary).toBe(route.does);
      const acts = route.action !== null || 'actionWith' in route;
      expect('403' in responses, 'an action that a viewer may not ask for').toBe(acts);
    },
  );
});

/** As strict as a reader could be: a field that is not described is refused. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return 'properties' in copy && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}

const ajv = new Ajv2020({ allErrors: true, strict: false });
ajv.addSchema(strict({ $id: 'document', components: DOCUMENT.components }) as AnySchema);
/** What is wrong with an answer of this route, by the document. */
function faultsOf(schema: AnySchema, answer: unknown): string[] {
  const text = JSON.stringify(strict(schema)).replaceAll('#/components', 'document#/components');
  const validate = ajv.compile(JSON.parse(text) as AnySchema);
  validate(answer);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

const RULES = { routes: [{ name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' }] };
const CALLS = {
  poll: '1m',
  results: [{ dispositions: ['Not Interested'], hold: true, tags: ['dialer: not interested'] }],
};

/** A location with contacts in the dialer, one that said no in a call, one that failed, a deleted one, and a run. */
async function busyStage(): Promise<CallsStage & { letter: string; failed: string; gone: string }> {
  const stage = await callsStage(CALLS, 3);
  stage.reconfigure({ ALERT_WEBHOOK_URL: 'https://alerts.test/hook' });
  await stage.night();
  stage.dispose('Not Interested', {}, 1);
  await stage.nextMinute();
  const failed = await stage.ghl.addContact({ phone: phoneOf(77), tags: ['cold lead'] }, SILENT);
  stage.hooks.contact = async (id) =>
    id === failed.id ? Response.json({ message: 'This contact cannot be shown.' }, { status: 422 }) : undefined;
  stage.hint(failed.id);
  await stage.work();
  stage.hooks.contact = async () => undefined;
  const gone = stage.ids[2] ?? '';
  await stage.ghl.deleteContact(gone, SILENT);
  stage.hint(gone, { eventType: 'ContactDelete', eventId: 'deleted' });
  await stage.work();
  const [letter] = stage.sqlite.rows('SELECT id FROM dead_letters');
  return { ...stage, letter: String(letter?.id), failed: failed.id, gone };
}

type Stage = Awaited<ReturnType<typeof busyStage>>;
type Asked = { path: string; body?: object };
/** One request of each route. Those that take something away come last. */
const REQUESTS: [RouteName, (stage: Stage) => Asked][] = [
  ['GET /api/v1/overview', () => ({ path: '/api/v1/overview' })],
  ['GET /api/v1/history', () => ({ path: '/api/v1/history' })],
  ['GET /sync/stats', () => ({ path: '/sync/stats' })],
  ['GET /api/v1/contacts', () => ({ path: '/api/v1/contacts' })],
  ['GET /api/v1/contacts', () => ({ path: '/api/v1/contacts?format=csv' })],
  ['POST /api/v1/contacts/find', ({ id }) => ({ path: '/api/v1/contacts/find', body: { id } })],
  ['GET /contacts/:id', ({ ids }) => ({ path: `/contacts/${ids[1]}` })],
  ['GET /contacts/:id', ({ failed }) => ({ path: `/contacts/${failed}` })],
  ['GET /contacts/:id/fields', ({ id }) => ({ path: `/contacts/${id}/fields` })],
  ['GET /api/v1/dead-letters', () => ({ path: '/api/v1/dead-letters' })],
  ['GET /api/v1/dead-letters/groups', () => ({ path: '/api/v1/dead-letters/groups' })],
  ['GET /dead-letters', () => ({ path: '/dead-letters' })],
  ['GET /api/v1/runs', () => ({ path: '/api/v1/runs' })],
  ['GET /api/v1/runs/:run', ({ sqlite }) => ({ path: `/api/v1/runs/${idOf(sqlite, 'runs')}` })],
  ['GET /api/v1/runs/:run/contacts', ({ sqlite }) => ({ path: `/api/v1/runs/${idOf(sqlite, 'runs')}/contacts` })],
  ['GET /api/v1/activity', () => ({ path: '/api/v1/activity' })],
  ['GET /sync/runs', () => ({ path: '/sync/runs' })],
  ['GET /api/v1/rules', () => ({ path: '/api/v1/rules' })],
  ['POST /api/v1/rules/test', () => ({ path: '/api/v1/rules/test', body: { tags: ['cold lead'] } })],
  ['POST /api/v1/rules/test', ({ id }) => ({ path: '/api/v1/rules/test', body: { contact_id: id, rules: RULES } })],
  ['POST /api/v1/rules/preview', () => ({ path: '/api/v1/rules/preview', body: { rules: RULES } })],
  ['GET /metrics', () => ({ path: '/metrics' })],
  ['GET /api/v1/settings', () => ({ path: '/api/v1/settings' })],
  ['POST /api/v1/alerts/test', () => ({ path: '/api/v1/alerts/test' })],
  ['GET /doctor', () => ({ path: '/doctor' })],
  ['GET /api/v1/doctor', () => ({ path: '/api/v1/doctor' })],
  ['POST /api/v1/replays', () => ({ path: '/api/v1/replays', body: { reason: 'rejected' } })],
  ['GET /api/v1/replays', () => ({ path: '/api/v1/replays' })],
  ['GET /api/v1/replays/:replay', ({ sqlite }) => ({ path: `/api/v1/replays/${idOf(sqlite, 'replays')}` })],
  ['POST /sync/trigger', () => ({ path: '/sync/trigger' })],
  ['POST /contacts/:id/recheck', ({ id }) => ({ path: `/contacts/${id}/recheck` })],
  ['POST /contacts/:id/place', ({ ids }) => ({ path: `/contacts/${ids[1]}/place` })],
  ['POST /contacts/:id/retry', ({ failed }) => ({ path: `/contacts/${failed}/retry` })],
  ['POST /dead-letters/replay', ({ letter }) => ({ path: '/dead-letters/replay', body: { ids: [letter] } })],
  ['POST /dead-letters/discard', ({ letter }) => ({ path: '/dead-letters/discard', body: { ids: [letter] } })],
  ['POST /api/v1/discards', () => ({ path: '/api/v1/discards', body: { reason: 'rejected' } })],
  ['POST /contacts/:id/forget', ({ gone }) => ({ path: `/contacts/${gone}/forget` })],
  ['GET /api/v1/audit', () => ({ path: '/api/v1/audit' })],
];

const idOf = (sqlite: Stage['sqlite'], table: string) => sqlite.rows(`SELECT id FROM ${table} LIMIT 1`)[0]?.id;

describe('real answers', () => {
  let stage: Stage;
  const answers = new Map<string, { name: RouteName; response: Response; text: string }>();
  beforeAll(async () => {
    stage = await busyStage();
    for (const [name, asked] of REQUESTS) {
      const { path, body } = asked(stage);
      const response = await stage.fetch(name.startsWith('POST') ? 'POST' : 'GET', path, body);
      answers.set(`${name} ${answers.size}`, { name, response, text: await response.text() });
    }
  });

  test('are there of every route', () => {
    expect([...new Set(REQUESTS.map(([name]) => name))].sort()).toEqual(OPERATOR_ROUTES.map(nameOf).sort());
  });

  test.each(REQUESTS)('%s: its query parameters are those of the file', async (name, asked) => {
    const { path, body } = asked(stage);
    const address = `${path.split('?')[0]}?nonsense=1`;
    const refusal = await stage.fetch(name.startsWith('POST') ? 'POST' : 'GET', address, body);
    const { detail } = (await refusal.json()) as { detail: string };
    const taken = /this route does not have; it has (.*)\.$/.exec(detail)?.[1] ?? detail;
    const described = (operationOf(name).parameters ?? []).flatMap(({ name, in: where }) =>
      where === 'query' ? [name] : [],
    );
    expect(taken.split(', ').sort()).toEqual(described.length === 0 ? ['none'] : described.sort());
  });

  test.each(REQUESTS.map(([name], n) => `${name} ${n}`))(
    '%s: what is sent is described, and the other way round',
    (key) => {
      const answer = answers.get(key);
      if (!answer) throw new Error('nobody asked');
      const { name, response, text } = answer;
      expect(response.ok, text).toBe(true);
      const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
      const { content } = operationOf(name).responses[response.status] ?? {};
      expect(Object.keys(content ?? {}), `${response.status}`).toContain(type);
      const schema = content?.[type]?.schema ?? {};
      const parts =
        type === 'application/json' ? [text] : type === 'application/x-ndjson' ? text.trim().split('\n') : [];
      for (const part of parts) expect(faultsOf(schema, JSON.parse(part)), part).toEqual([]);
    },
  );
});
