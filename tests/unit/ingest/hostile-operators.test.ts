// Who asks for an operator's route without the token learns nothing, from no difference: not even that a route exists.

import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ADMIN_TOKEN, hostileStage, leak, WORKFLOW_TOKEN } from './hostile-harness.ts';
import { SECRET } from './ingest-harness.ts';

afterEach(() => vi.restoreAllMocks());

const PATHS = [
  '/sync/stats',
  '/sync/trigger',
  '/sync/runs',
  '/contacts/nmFmQEsNgz6AVpgLVUJ0',
  '/contacts/nmFmQEsNgz6AVpgLVUJ0/forget',
  '/dead-letters',
  '/doctor',
  '/metrics',
  '/api/v1/audit',
  '/api/v1/overview',
  '/api/v1/history',
];
const UNKNOWN = [
  '/sync/',
  '/sync/nothing',
  '/contacts/',
  '/contacts/a/b',
  '/dead-letters/',
  '/dead-letters/x',
  '/sync/../sync/stats',
  '/api/',
  '/api/v1/nothing',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

/** `Authorization` values that are not the operator's; null is no header. */
const WRONG: (string | null)[] = [
  ...[null, '', 'Bearer', 'Bearer ', 'Basic', ADMIN_TOKEN, `Basic ${ADMIN_TOKEN}`, `Token ${ADMIN_TOKEN}`],
  ...[
    ADMIN_TOKEN.slice(0, -1),
    `${ADMIN_TOKEN}x`,
    `x${ADMIN_TOKEN}`,
    ADMIN_TOKEN.toUpperCase(),
    ADMIN_TOKEN.repeat(500),
  ].map((token) => `Bearer ${token}`),
  ...[
    `Bearer ${ADMIN_TOKEN} ${ADMIN_TOKEN}`,
    `Bearer ${ADMIN_TOKEN}, Bearer x`,
    `Bearer "${ADMIN_TOKEN}"`,
    `Bearer=${ADMIN_TOKEN}`,
  ],
  ...[
    `Bearer ${WORKFLOW_TOKEN}`,
    `Bearer ${SECRET}`,
    'Bearer a',
    'Bearer undefined',
    'Bearer null',
    `Bearer ${'a'.repeat(60_000)}`,
  ],
  ...[
    `Bearer ${' '.repeat(60_000)}x y`,
    `Bearer\u00a0${ADMIN_TOKEN}`,
    `Bearer ${ADMIN_TOKEN}\u00ff`,
    'Bearer \u00ff\u00fe',
  ],
];

async function ask(authorization: string | null, path = '/sync/stats', method = 'GET', token?: string) {
  const asked: Request[] = [];
  const consumer = {
    async fetch(request: Request) {
      asked.push(request);
      return new Response('{"success":true}');
    },
  };
  const stage = hostileStage({ CONSUMER: consumer, ...(token !== undefined && { ADMIN_TOKEN: token }) });
  const headers = authorization === null ? {} : { authorization };
  const digest = vi.spyOn(crypto.subtle, 'digest');
  const response = await stage.fetch(new Request(`https://ingest.test${path}`, { method, headers }));
  const digests = digest.mock.calls.length;
  digest.mockRestore();
  const answer = {
    status: response.status,
    headers: [...response.headers].sort(),
    body: await response.text(),
    lines: stage.lines,
    digests,
  };
  return { answer, asked };
}

describe('without the token', () => {
  test('every answer is the same 401, byte by byte, after the same work, and the consumer is not asked', async () => {
    const { answer: reference } = await ask(null);
    expect(reference).toMatchObject({ status: 401, digests: 4 });
    expect(leak(reference.body + reference.lines.join())).toBeUndefined();
    for (const authorization of WRONG) {
      for (const path of [...PATHS, ...UNKNOWN]) {
        const { answer, asked } = await ask(
          authorization,
          path,
          METHODS[(authorization ?? '').length % METHODS.length],
        );
        expect(answer).toEqual(reference);
        expect(asked).toEqual([]);
      }
    }
  });

  test('nor is it told whether a token is set at all', async () => {
    const { answer: reference } = await ask(null);
    for (const unset of ['', ' ', '\n'])
      for (const guess of [null, 'Bearer ', 'Bearer undefined', `Bearer ${ADMIN_TOKEN}`])
        expect((await ask(guess, '/sync/stats', 'GET', unset)).answer).toEqual(reference);
  });

  test('no guess, however near, makes a difference', async () => {
    const { answer: reference } = await ask(null);
    const near = fc
      .tuple(fc.nat(ADMIN_TOKEN.length), fc.string({ minLength: 0, maxLength: 40 }))
      .map(([keep, rest]) => {
        return `${ADMIN_TOKEN.slice(0, keep)}${rest.replace(/[^\x21-\x7e]/g, '')}`;
      });
    await fc.assert(
      fc.asyncProperty(near, async (token) => {
        fc.pre(token !== ADMIN_TOKEN);
        expect((await ask(`Bearer ${token}`)).answer).toEqual(reference);
      }),
      { numRuns: 500 },
    );
  });
});

describe('with the token', () => {
  const right = `Bearer ${ADMIN_TOKEN}`;

  test.each([right, `bearer ${ADMIN_TOKEN}`, `BEARER   ${ADMIN_TOKEN}`])('%s is asked on', async (authorization) => {
    const { answer, asked } = await ask(authorization);
    expect([answer.status, asked.length, answer.digests]).toEqual([200, 1, 4]);
  });

  test('the token and other secrets go no further than ingest', async () => {
    const { asked } = await ask(right);
    expect([...(asked[0]?.headers ?? [])].filter(([, value]) => leak(value))).toEqual([]);
  });

  test('no path or method makes it crash', async () => {
    const segment = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '..',
        '.',
        '%',
        '%zz',
        '%E0%A4%A',
        '%00',
        '%2e%2e',
        '%2F',
        '?',
        '#',
        '//',
        '\\',
        ':id',
        '*',
        'a'.repeat(5000),
      ),
    );
    const area = fc.constantFrom('/sync', '/contacts', '/dead-letters', '/webhook', '/webhook/ghl', '/health', '');
    await fc.assert(
      fc.asyncProperty(
        area,
        fc.array(segment, { maxLength: 3 }),
        fc.constantFrom(...METHODS),
        async (at, rest, method) => {
          const { answer } = await ask(right, [at, ...rest].join('/').replaceAll('\ufeff', ''), method);
          expect([200, 401, 404, 405]).toContain(answer.status);
          expect(answer.lines.length).toBeLessThanOrEqual(1);
          expect(answer.lines.join()).not.toContain('crashed');
        },
      ),
      { numRuns: 1500 },
    );
  });
});
