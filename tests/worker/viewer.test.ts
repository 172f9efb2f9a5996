// Two roles in workerd, behind the real ingest: a viewer looks, an operator acts, and the list and the metrics say so.

import * as v from 'valibot';
import { expect, test } from 'vitest';
import { createCaller } from '../../scripts/operator/call.ts';
import type { AuditEntry } from '../../shared/api/status.ts';
import { ADMIN_TOKEN, aLetter, keep, LOCATION, seedContact, stageOfFile } from '../support/operator-harness.ts';
import { readExposition } from '../unit/monitoring/exposition-grammar.ts';

const VIEWER_TOKEN = 'token-of-a-viewer';
const stage = stageOfFile({ VIEWER_TOKEN });

const ask = (path: string, token: string, body?: object) =>
  fetch(new URL(path, stage.url), {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}` },
    body: body ? JSON.stringify(body) : null,
  });

test('a viewer who tries to act is told that it may not, and nothing happens', async () => {
  await keep(stage.db, aLetter());
  const response = await ask('/dead-letters/discard', VIEWER_TOKEN, { ids: ['d-contact1'] });
  expect([response.status, response.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
  const { results } = await stage.db.prepare('SELECT status FROM dead_letters').all();
  expect(results).toEqual([{ status: 'waiting' }]);
  expect((await ask('/doctor?contact=contact1', VIEWER_TOKEN)).status).toBe(403);
});

test('a script with a viewer’s token says why it cannot act', async () => {
  const call = createCaller({ url: stage.url, token: VIEWER_TOKEN });
  await expect(call(v.object({}), '/sync/trigger', { body: {} })).rejects.toThrow(/may look, and not act/);
});

test('what an operator does is on the list, which a viewer may read page by page', async () => {
  await keep(stage.db, aLetter(), aLetter({ contactId: 'contact2' }));
  await ask('/dead-letters/discard', ADMIN_TOKEN, { ids: ['d-contact1'] });
  await ask('/dead-letters/discard', ADMIN_TOKEN, { ids: ['d-contact2'] });
  const page = async (cursor: string) => {
    const response = await ask(`/api/v1/audit?limit=1${cursor}`, VIEWER_TOKEN);
    return (await response.json()) as { data: AuditEntry[]; next: string | null };
  };
  const first = await page('');
  const second = await page(`&cursor=${first.next}`);
  const entry = { role: 'operator', action: 'letters.discard', outcome: 'done' };
  expect(first.data).toMatchObject([{ ...entry, letters: ['d-contact2'] }]);
  expect(second).toMatchObject({ data: [{ ...entry, letters: ['d-contact1'] }], next: null });
});

test('a viewer reads the metrics, in the format', async () => {
  await seedContact(stage.db, 'contact1', { state: 'placed', reason: 'placed' });
  expect((await ask('/metrics', 'wrong')).status).toBe(401);
  for (const token of [VIEWER_TOKEN, ADMIN_TOKEN]) {
    const response = await ask('/metrics', token);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(readExposition(await response.text()).get('contact_pipeline_contacts')?.samples).toEqual([
      {
        name: 'contact_pipeline_contacts',
        labels: { location: LOCATION, state: 'placed', reason: 'placed' },
        value: 1,
      },
    ]);
  }
});
