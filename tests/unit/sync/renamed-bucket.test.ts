// A person gives a bucket of ours another name in CallTools: its campaign draws from it all the same.

import { expect, test } from 'vitest';
import { DAY_MS } from '../../../shared/time.ts';
import { type BackstopStage, backstopStage } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };

async function rename({ callTools }: BackstopStage, from: string, to: string): Promise<void> {
  const id = callTools.bucketNamed(from)?.id;
  const answer = await callTools.handle(
    new Request(`https://x/api/buckets/${id}/`, {
      method: 'PATCH',
      body: JSON.stringify({ name: to }),
      headers: { authorization: 'Token calltools-key', 'content-type': 'application/json' },
    }),
  );
  expect(answer.status).toBe(200);
}

/** A lead in a bucket that has another name since yesterday. */
async function renamed() {
  const stage = backstopStage();
  const [id = ''] = await stage.leads(1);
  const hint = async () => {
    stage.hint(id, { receivedAt: stage.clock.at + 10_000 });
    await stage.work();
  };
  await hint();
  await rename(stage, 'Cold Leads', 'Cold Leads 2026');
  stage.clock.advance(DAY_MS + 1);
  return { ...stage, stage, id, hint };
}

test('a contact that becomes a customer leaves it', async () => {
  const { ghl, callTools, id, hint } = await renamed();
  await ghl.editContact(id, { tags: ['customer'] }, SILENT);
  await hint();
  expect(callTools.contacts().map(({ buckets }) => buckets)).toEqual([[]]);
});

test('leads go on into it, and no second one is made', async () => {
  const { stage, callTools } = await renamed();
  const [other = ''] = await stage.leads(1, 1);
  stage.hint(other);
  await stage.work();
  expect(callTools.bucketNamed('Cold Leads')).toBeUndefined();
  expect(callTools.holds('Cold Leads 2026')).toHaveLength(2);
});

test('where another has the name of the rules, that one counts', async () => {
  const { stage, callTools } = await renamed();
  callTools.addContactByHand({ buckets: ['Cold Leads'] });
  const [other = ''] = await stage.leads(1, 1);
  stage.hint(other);
  await stage.work();
  expect(stage.dialed()).toHaveLength(1);
  expect(callTools.holds('Cold Leads 2026')).toHaveLength(1);
});
