// What CallTools does not take of the contacts' data, as an operator sees it: names of fields and counts, never values.

import { expect, test } from 'vitest';
import type { KnownContact } from '../../../shared/api/contacts.ts';
import type { Overview, Stats } from '../../../shared/api/status.ts';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
const EMAIL = 'personal_email_address';

/** Contacts of which `bad` have an email that CallTools refuses, once a run has placed them all. */
async function placed(bad: number, env: Record<string, string> = {}) {
  const stage = backstopStage({ env: { CALLTOOLS_EXTERNAL_ID_FIELD: '', ...env } });
  for (let n = 0; n < 3; n++) {
    const email = n < bad ? `zebra-${n}` : `lion${n}@example.com`;
    await stage.ghl.addContact({ id: `c${n}`, phone: phoneOf(n), email, city: 'Xanadu', tags: ['cold lead'] }, SILENT);
  }
  await stage.night();
  const ask = async <T>(path: string) => (await stage.ask('GET', path)) as T;
  return { stage, ask };
}

test('the contact says which fields it lacks, why, and what to do', async () => {
  const { ask } = await placed(1);
  const lacking = await ask<KnownContact>('/contacts/c0');
  expect(lacking).toMatchObject({ state: 'placed', reason: 'placed', left_out: [EMAIL] });
  expect(lacking.explanation).toMatch(/^In the dialer\. .*placed without them: personal_email_address\.$/);
  expect(lacking.what_to_do).toMatch(/^Correct the values in GoHighLevel/);
  const whole = await ask<KnownContact>('/contacts/c1');
  expect(whole).toMatchObject({ state: 'placed', left_out: [], what_to_do: 'Nothing to do.' });
  expect(whole.explanation).not.toContain('without');
});

test('a condition of the rules that is not met is named, and is no failed try', async () => {
  const SYNC_RULES = JSON.stringify({
    require: { source: ['fair'] },
    routes: [{ name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' }],
  });
  const { ask } = await placed(0, { SYNC_RULES });
  const contact = await ask<KnownContact>('/contacts/c0');
  expect(contact).toMatchObject({ reason: 'not_permitted', condition: 'source', error: null });
  expect(contact.explanation).toMatch(/The condition: source\.$/);
});

test('another contact with the number lacks nothing of its own', async () => {
  const { stage, ask } = await placed(1);
  await stage.ghl.addContact({ id: 'later', phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
  stage.hint('later');
  await stage.work();
  const [first, second] = [await ask<KnownContact>('/contacts/c0'), await ask<KnownContact>('/contacts/later')];
  expect([first.reason, second.reason]).toEqual(['placed', 'shared_phone']);
  expect([first.left_out, second.left_out]).toEqual([[EMAIL], []]);
});

test('contacts that lack fields are counted, also for the overview', async () => {
  const { ask } = await placed(2);
  const left_out = { contacts: 2, fields: { [EMAIL]: 2 } };
  expect(await ask<Stats>('/sync/stats')).toMatchObject({ left_out, fields: { absent: [], altered: [] } });
  expect((await ask<Overview>('/api/v1/overview')).totals).toMatchObject({ left_out });
});

test('fields that the account does not keep are named, and those that are written no longer are not', async () => {
  const { stage, ask } = await placed(0, { CALLTOOLS_EXTERNAL_ID_FIELD: 'crm_id' });
  stage.sqlite.rows(
    `INSERT INTO field_reports (location_id, field, problem, since, seen_at)
     SELECT location_id, value, 'altered', seen_at, seen_at FROM field_reports, json_each('["city", "mapped_once"]')`,
  );
  const fields = { absent: ['crm_id'], altered: ['city'] };
  expect((await ask<Stats>('/sync/stats')).fields).toEqual(fields);
  expect((await ask<Overview>('/api/v1/overview')).totals.fields).toEqual(fields);
  stage.reconfigure({ CALLTOOLS_EXTERNAL_ID_FIELD: '' });
  expect((await ask<Stats>('/sync/stats')).fields).toEqual({ absent: [], altered: ['city'] });
  stage.clock.at += 31 * 86_400_000;
  expect((await ask<Stats>('/sync/stats')).fields).toEqual({ absent: [], altered: [] });
});

test('no value of a field is in a table, an answer or the log', async () => {
  const { stage, ask } = await placed(2, { CALLTOOLS_EXTERNAL_ID_FIELD: 'crm_id' });
  const tables = stage.sqlite.rows(`SELECT name FROM sqlite_master WHERE type = 'table'`).map(({ name }) => name);
  const stored = tables.map((name) => stage.sqlite.rows(`SELECT * FROM ${name}`));
  const shown = await Promise.all(['/sync/stats', '/contacts/c0', '/dead-letters'].map((path) => ask(path)));
  const all = JSON.stringify([stored, shown, stage.log]);
  expect(all).toContain(EMAIL);
  for (const value of ['zebra', 'lion', 'xanadu']) expect(all.toLowerCase()).not.toContain(value);
});
