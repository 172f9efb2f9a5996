// A preview of rules through both workers in workerd: the lines arrive as they are made, over real D1.

import { expect, test } from 'vitest';
import type { RulesPreviewLine } from '../../shared/api/rules.ts';
import { ADMIN_TOKEN, expectProblem, seedContact, stageOfFile } from '../support/operator-harness.ts';

const stage = stageOfFile();
const post = (path: string, body: object, token = ADMIN_TOKEN) =>
  fetch(new URL(path, stage.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

test('a preview reads the list page by page and compares it with what is stored', async () => {
  await seedContact(stage.db, 'lead1', { state: 'placed', reason: 'placed', route: 'cold', wish: 'place' });
  await seedContact(stage.db, 'lead2', { state: 'kept_out', reason: 'dnd', wish: 'dnc' });
  const rules = { routes: [{ name: 'hot', tags: ['hot lead'], bucket: 'Hot Leads' }] };
  const answer = await post('/api/v1/rules/preview', { rules });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const lines = (await answer.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RulesPreviewLine);
  expect(lines).toMatchObject([
    { event: 'progress', contacts: 2, total: 3 },
    { event: 'progress', contacts: 3, total: 3 },
    {
      event: 'result',
      result: {
        complete: true,
        moves: [{ examples: ['lead1'], from: { bucket: 'Cold Leads' }, to: { bucket: 'Hot Leads' } }],
        unclear: [{ what: 'call_dnd', examples: ['lead2'] }],
        comes_in: [{ examples: ['lead3'], from: { reason: 'not_known' } }],
      },
    },
  ]);
});

test('a test of tags, a fault, and a wrong token', async () => {
  const tested = await post('/api/v1/rules/test', { tags: ['cold lead'] });
  expect(await tested.json()).toMatchObject({ data: { outcome: 'placed', route: 'cold', rules: 'deployed' } });
  await expectProblem(await post('/api/v1/rules/preview', { rules: { routes: [] } }), 422, /at least one route/);
  expect((await post('/api/v1/rules/preview', { rules: {} }, 'wrong')).status).toBe(401);
});
