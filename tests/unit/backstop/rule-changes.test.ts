// A change of rules that empties a bucket is noticed by the run that carries it out, and by no other.

import { expect, test } from 'vitest';
import { askEmptied, emptied } from '../../../workers/consumer/store/brake/rule-changes.ts';
import { rowsOf } from '../../../workers/consumer/store/sql.ts';
import { type BackstopStage, backstopStage } from '../../support/consumer-harness.ts';
import { LOCATION } from '../../support/vendor-harness.ts';

const HOUR = 3_600_000;
const route = (bucket: string | null, name = 'cold') => ({ name, tags: ['cold lead'], bucket });
/** Only buckets that some route names are touched. */
const OTHERS = { name: 'other', tags: ['other'], bucket: 'Cold Leads' };
const rules = (...routes: object[]) => ({ SYNC_RULES: JSON.stringify({ routes: [...routes, OTHERS] }) });
const COLD = rules(route('Cold Leads'));

/** So many contacts in the dialer, after a first run. */
async function filled(count: number): Promise<BackstopStage> {
  const stage = backstopStage({ env: COLD });
  await stage.leads(count);
  await stage.night();
  return stage;
}

/** The next run, by these rules. */
async function runBy(stage: BackstopStage, changed: Record<string, string>) {
  stage.clock.advance(HOUR);
  stage.reconfigure(changed);
  await stage.night();
  const result = await askEmptied(
    stage.sqlite.bind(async (act) => act()),
    [LOCATION],
  ).all();
  return rowsOf(result).map(emptied);
}

const counted = ({ sqlite }: BackstopStage) => sqlite.rows('SELECT route, placed, withdrawn FROM rule_changes');

test.each([
  ['a route that keeps out', rules(route(null))],
  [
    'a requirement',
    { SYNC_RULES: JSON.stringify({ require: { source: ['partner'] }, routes: [route('Cold Leads')] }) },
  ],
  ['no route', rules({ name: 'hot', tags: ['hot lead'], bucket: 'Hot Leads' })],
])('a bucket that %s empties is named until the next run, and is filled again by the former rules', async (_, out) => {
  const stage = await filled(51);
  expect(await runBy(stage, out)).toEqual([{ bucket: 'Cold Leads', placed: 51, withdrawn: 51 }]);
  expect(stage.dialed()).toEqual([]);
  expect(await runBy(stage, {})).toEqual([]);
  expect(await runBy(stage, COLD)).toEqual([]);
  expect(stage.dialed()).toHaveLength(51);
});

test('going back ends it at once', async () => {
  const stage = await filled(51);
  await runBy(stage, rules(route(null)));
  expect(await runBy(stage, COLD)).toEqual([]);
  expect(stage.dialed()).toHaveLength(51);
});

test('a small bucket, a move to another bucket and other changes of contacts are none of it', async () => {
  expect(await runBy(await filled(50), rules(route(null)))).toEqual([]);
  const stage = await filled(60);
  expect(await runBy(stage, rules(route('Others', 'others')))).toEqual([]);
  expect(counted(stage)).toEqual([{ route: 'cold', placed: 60, withdrawn: 0 }]);
  expect(stage.callTools.holds('Others')).toHaveLength(60);
});

test('while the rules stay the same, nothing is counted', async () => {
  const stage = await filled(2);
  for (const { contact_id } of stage.sqlite.rows('SELECT contact_id FROM contacts'))
    stage.ghl.editContact(String(contact_id), { tags: [] }, { silent: true });
  await runBy(stage, {});
  expect(stage.dialed()).toEqual([]);
  expect(counted(stage)).toEqual([]);
});
