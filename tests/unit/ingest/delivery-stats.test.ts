// What ingest notes for the alerts: that webhooks arrive and that they are refused, at a cost that no sender can drive up.

import { expect, test } from 'vitest';
import type { Env } from '../../../workers/ingest/env.ts';
import { contactUpdate, createStage, LOCATION, MINUTE, NOW, settle, signed, textOf } from './ingest-harness.ts';

/** An ingest that counts what it asks of D1. */
function statsStage() {
  const statements: { sql: string; values: unknown[] }[] = [];
  let run = async (): Promise<unknown> => ({});
  const DB = {
    prepare: (sql: string) => ({
      bind: (...values: unknown[]) => ({
        run: () => {
          statements.push({ sql, values });
          return run();
        },
      }),
    }),
  } as unknown as Env['DB'];
  const stage = createStage({ DB });
  const forged = () => stage.post(contactUpdate(), { 'x-ghl-signature': '0'.repeat(64) });
  const authentic = (changes: Record<string, unknown> = {}) => {
    const body = textOf(contactUpdate({ timestamp: new Date(stage.clock.at).toISOString(), ...changes }));
    return stage.post(body, signed(body));
  };
  const written = (table: string) =>
    statements.filter(({ sql }) => sql.includes(`INTO ${table}`)).map(({ values }) => values);
  return { ...stage, forged, authentic, written, meddle: (how: typeof run) => (run = how) };
}

test('a thousand forged webhooks in a minute cost one statement, and the next minute’s tells how many they were', async () => {
  const stage = statsStage();
  for (let n = 0; n < 1000; n++) expect((await stage.forged()).status).toBe(401);
  expect(stage.written('refusals')).toEqual([[NOW, 1, 0, 'wrong_signature']]);
  await stage.clock.advance(MINUTE);
  await stage.forged();
  expect(stage.written('refusals').slice(1)).toEqual([[NOW + MINUTE, 1000, 0, 'wrong_signature']]);
});

test('wrong operator tokens count; requests without one do not', async () => {
  const stage = statsStage();
  const asks = (headers: Record<string, string>) =>
    stage.fetch(new Request('https://ingest.test/sync/stats', { headers }));
  for (let n = 0; n < 5; n++) expect((await asks({})).status).toBe(401);
  expect(stage.written('refusals')).toEqual([]);
  expect((await asks({ authorization: 'Bearer guess' })).status).toBe(401);
  expect(stage.written('refusals')).toEqual([[NOW, 1, 0, 'wrong_admin_token']]);
});

test('authentic webhooks between refusals are counted with them; those from long before are not', async () => {
  const stage = statsStage();
  for (let n = 0; n < 50; n++) await stage.authentic();
  await stage.clock.advance(2 * MINUTE);
  for (let n = 0; n < 3; n++) await stage.authentic();
  await stage.forged();
  expect(stage.written('refusals').map(([, refused, accepted]) => [refused, accepted])).toEqual([[1, 3]]);
});

test('the last webhook of a location is written every ten minutes', async () => {
  const stage = statsStage();
  for (let minute = 0; minute < 25; minute++) {
    await stage.authentic();
    await stage.clock.advance(MINUTE);
  }
  expect(stage.written('heard')).toEqual([0, 10, 20].map((minute) => [LOCATION, NOW + minute * MINUTE]));
});

test('webhooks of other locations, and refused ones, say nothing of ours', async () => {
  const stage = statsStage();
  await stage.authentic({ locationId: 'elsewhere' });
  await stage.forged();
  expect(stage.written('heard')).toEqual([]);
});

test.each<[string, () => Promise<unknown>]>([
  ['fails', () => Promise.reject(new Error('D1_ERROR'))],
  ['hangs', () => new Promise<never>(() => {})],
  [
    'throws',
    () => {
      throw new Error('no such table');
    },
  ],
])('a D1 that %s changes no answer, and is given up', async (_what, how) => {
  const stage = statsStage();
  stage.meddle(how);
  expect((await stage.authentic()).status).toBe(202);
  expect((await stage.forged()).status).toBe(401);
  let ended = false;
  void stage.finished().then(() => {
    ended = true;
  });
  await stage.clock.advance(5_000);
  await settle();
  expect(ended).toBe(true);
});
