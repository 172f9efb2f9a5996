// Lists of the accounts by which settings name fields: read when something is missing, remembered, and never in anybody's way.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, events, phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import {
  addField,
  BILL,
  BY_ID,
  BY_NAME,
  calls,
  DAY,
  DEFINED,
  last,
  lead,
  letters,
  listCalls,
  look,
  MINUTE,
  open,
  SILENT,
  stageWith,
} from './lists-harness.ts';

describe('custom fields', () => {
  test('by key and by name are looked up once, and every later batch knows them', async () => {
    const stage = stageWith({ FIELD_MAP: BY_NAME });
    for (let n = 0; n < 3; n++) await lead(stage);
    expect(last(stage)).toMatchObject({ monthly_bill: 250, trusted_form: 'https://cert.example/1' });
    expect(listCalls(stage)).toEqual([1, 0, 0]);
  });

  test('by id, or none at all, cost no call and no row', async () => {
    for (const FIELD_MAP of [BY_ID, { company: 'companyName' }]) {
      const stage = stageWith({ FIELD_MAP });
      await lead(stage);
      await stage.night();
      expect(listCalls(stage)).toEqual([0, 0, 0]);
      expect(stage.sqlite.rows('SELECT * FROM account_lists')).toEqual([]);
      expect(stage.statements.filter((sql) => sql.includes('account_lists'))).toEqual([]);
    }
  });

  test('forty of them cost no call more than none, for a new, a known and an unchanged contact', async () => {
    const some = Array.from({ length: 40 }, (_, n) => ({
      id: `f${String(n).padStart(2, '0')}0123456789ABCDEFG`,
      name: `Field ${n}`,
      fieldKey: `contact.field_${n}`,
      dataType: 'TEXT',
      model: 'contact',
    }));
    const cost = async (mapped: number) => {
      const FIELD_MAP = Object.fromEntries(
        some.slice(0, mapped).map(({ fieldKey }, n) => [`f_${n}`, `custom:${fieldKey}`]),
      );
      const stage = backstopStage({
        env: { FIELD_MAP: JSON.stringify(FIELD_MAP) },
        ghl: { customFields: some as never },
      });
      for (let n = 0; n < mapped; n++) addField(stage, { name: `f_${n}`, type: 'text' });
      const customFields = some.map(({ id }, n) => ({ id, value: `value ${n}` }));
      const known = await lead(stage, { customFields });
      const spent = async (work: () => Promise<unknown>) => {
        const [before, statements] = [calls(stage), stage.statements.length];
        await work();
        return [...calls(stage).map((count, n) => count - (before[n] ?? 0)), stage.statements.length - statements];
      };
      const costs = [
        await spent(() => lead(stage, { customFields })),
        await spent(async () => {
          await stage.ghl.editContact(known, { firstName: 'Other' }, SILENT);
          await look(stage, known);
        }),
        await spent(() => look(stage, known)),
      ];
      return { costs, shown: mapped > 0 ? last(stage).f_39 : null };
    };
    const [none, forty] = [await cost(0), await cost(40)];
    expect(forty.shown).toBe('value 39');
    // One statement more in the round trip of each claim.
    const withList = none.costs.map(([ghl, callTools, statements]) => [ghl, callTools, (statements ?? 0) + 1]);
    expect(forty.costs).toEqual(withList);
  });

  test('that the location lacks are looked for again after ten minutes, and written once they are there', async () => {
    const stage = stageWith({
      FIELD_MAP: { trusted_form: 'custom:contact.trusted_form', company: 'custom:Company 2' },
    });
    const id = await lead(stage);
    for (let minutes = 0; minutes < 9; minutes++) {
      stage.clock.at += MINUTE - 10_000;
      await look(stage, id);
    }
    expect(listCalls(stage)[0]).toBe(1);
    expect(last(stage)).toMatchObject({ trusted_form: 'https://cert.example/1' });
    stage.ghl.settings.customFields.push({
      ...DEFINED[0],
      id: 'c',
      name: 'Company 2',
      fieldKey: 'contact.c2',
    } as never);
    await stage.ghl.editContact(id, { customFields: [{ id: 'c', value: 'Acme' }] }, SILENT);
    stage.clock.at += 2 * MINUTE;
    await look(stage, id);
    expect(listCalls(stage)[0]).toBe(2);
    expect(last(stage)).toMatchObject({ company: 'Acme' });
    stage.clock.at += DAY / 2;
    await look(stage, id);
    expect(listCalls(stage)[0]).toBe(2);
  });

  test('are looked up at once for another setting', async () => {
    const stage = stageWith({ FIELD_MAP: { trusted_form: 'custom:contact.trusted_form' } });
    const id = await lead(stage);
    stage.reconfigure({ FIELD_MAP: JSON.stringify(BY_NAME) });
    await stage.ghl.editContact(id, { firstName: 'Other' }, SILENT);
    await look(stage, id);
    expect(listCalls(stage)[0]).toBe(2);
    expect(last(stage)).toMatchObject({ monthly_bill: 250 });
  });

  test('are looked up anew as a run starts, and not with its later pages', async () => {
    const stage = stageWith({ FIELD_MAP: BY_NAME });
    stage.reconfigure({ BACKSTOP_PAGE_SIZE: '1' });
    for (let n = 0; n < 8; n++) await lead(stage);
    stage.clock.at += DAY;
    stage.ghl.faults.latency = 9_000;
    await stage.nightly();
    await stage.step();
    expect(stage.pages.length).toBeGreaterThan(1);
    stage.clock.at += 11 * MINUTE;
    await stage.work();
    expect(listCalls(stage)[0]).toBe(2);
  });
});

describe('a list that cannot be read', () => {
  const unreadable = (stage: BackstopStage) => events(stage, 'fields.list_unreadable').length;

  test.each<[string, () => Response]>([
    ['the scope is missing', () => jsonAnswer(401, { message: 'The token is not authorized for this scope.' })],
    ['it is forbidden', () => jsonAnswer(403, { message: 'The token does not have access to this location.' })],
    ['it is not there', () => jsonAnswer(404, { message: 'Cannot GET /locations' })],
    ['it is in trouble', () => jsonAnswer(503, {})],
    ['it is asked too often', () => jsonAnswer(429, {})],
    ['it answers nonsense', () => jsonAnswer(200, { customFields: 'none' })],
    ['it answers a page', () => new Response('<html>busy</html>', { status: 200 })],
    ['it is another version', () => jsonAnswer(400, { message: 'Invalid API version segment' })],
  ])('%s: everybody is placed without those fields, and nobody is blamed', async (_, answer) => {
    const stage = stageWith({ FIELD_MAP: { ...BY_NAME, company: { text: 'GHL {id}' } } });
    intercept(stage.ghl, ({ url }) => (url.includes('/customFields') ? answer() : undefined));
    for (let n = 0; n < 8; n++) await lead(stage);
    expect(stage.dialed()).toHaveLength(8);
    expect(Object.keys(last(stage)).filter((name) => /bill|form/.test(name) && last(stage)[name])).toEqual([]);
    expect([open(stage), letters(stage), unreadable(stage)]).toEqual([[], [], 1]);
  });

  test('that does not answer delays a batch by one call', async () => {
    const stage = stageWith({ FIELD_MAP: BY_NAME });
    stage.ghl.faults.plan({ match: { path: '/locations' }, do: { kind: 'hang' } });
    const from = stage.clock.at;
    await lead(stage);
    await lead(stage);
    // Each look is ten seconds later.
    expect(stage.clock.at - from).toBeLessThan(20_000 + 12_000);
    expect([stage.dialed().length, open(stage), unreadable(stage)]).toEqual([2, [], 1]);
  });

  test('does not say that contacts can be read: a circuit that waits for work stays open', async () => {
    const stage = stageWith({ FIELD_MAP: BY_NAME });
    await lead(stage);
    stage.clock.at += DAY;
    intercept(stage.ghl, ({ url }) => (/\/contacts\/[^s]/.test(url) ? jsonAnswer(503, {}) : undefined));
    for (let n = 0; n < 4; n++) {
      const { id } = await stage.ghl.addContact({ phone: phoneOf(500 + n), tags: ['cold lead'] }, SILENT);
      stage.hint(id);
    }
    for (let n = 0; n < 30; n++) {
      await stage.step();
      stage.clock.at += 15_000;
      stage.sqlite.rows('DELETE FROM account_lists');
    }
    expect(open(stage)).toEqual([{ vendor: 'gohighlevel' }]);
  });

  test('without the scope is tried hourly, and ids work', async () => {
    const stage = stageWith({ FIELD_MAP: { ...BY_NAME, ...{ monthly_bill: BY_ID.monthly_bill } } });
    stage.ghl.settings.scopes = ['contacts.readonly'];
    const id = await lead(stage);
    expect(last(stage)).toMatchObject({ monthly_bill: 250 });
    stage.clock.at += 55 * MINUTE;
    await look(stage, id);
    expect(listCalls(stage)[0]).toBe(1);
    stage.ghl.settings.scopes = ['contacts.readonly', 'locations/customFields.readonly'];
    stage.clock.at += 5 * MINUTE;
    await stage.ghl.editContact(id, { firstName: 'Other' }, SILENT);
    await look(stage, id);
    expect(listCalls(stage)[0]).toBe(2);
    expect(last(stage)).toMatchObject({ trusted_form: 'https://cert.example/1' });
  });

  test('keeps what it said before', async () => {
    const stage = stageWith({ FIELD_MAP: BY_NAME });
    const id = await lead(stage);
    stage.ghl.settings.scopes = ['contacts.readonly'];
    stage.clock.at += DAY;
    await stage.night();
    expect(unreadable(stage)).toBe(1);
    await stage.ghl.editContact(id, { customFields: [{ id: BILL, value: 300 }] }, SILENT);
    await look(stage, id);
    expect(last(stage)).toMatchObject({ monthly_bill: 300 });
  });

  test('keeps what it said before, also for another setting', async () => {
    const stage = stageWith({ FIELD_MAP: BY_NAME });
    const id = await lead(stage);
    stage.ghl.settings.scopes = ['contacts.readonly'];
    stage.reconfigure({ FIELD_MAP: JSON.stringify({ ...BY_NAME, company: 'custom:Company 2' }) });
    await stage.ghl.editContact(id, { customFields: [{ id: BILL, value: 300 }] }, SILENT);
    await look(stage, id);
    expect(unreadable(stage)).toBe(1);
    expect(last(stage)).toMatchObject({ monthly_bill: 300 });
  });

  test('is asked for again as a run starts, also where it was refused', async () => {
    const stage = stageWith({ FIELD_MAP: BY_NAME });
    stage.ghl.settings.scopes = ['contacts.readonly'];
    await lead(stage);
    stage.ghl.settings.scopes = ['contacts.readonly', 'locations/customFields.readonly'];
    stage.clock.at += 15 * MINUTE;
    await stage.night();
    expect(last(stage)).toMatchObject({ monthly_bill: 250 });
  });

  test('empties nothing and falls back on nothing: what is not known is left as it is', async () => {
    const FIELD_MAP = {
      monthly_bill: { from: 'custom:contact.monthly_bill', as: 'number', default: 1 },
      trusted_form: { from: 'custom:contact.trusted_form', empty: 'clear' },
    };
    const stage = stageWith({ FIELD_MAP });
    const id = await lead(stage);
    stage.sqlite.rows('DELETE FROM account_lists');
    stage.ghl.settings.scopes = ['contacts.readonly'];
    await stage.ghl.editContact(id, { firstName: 'Other' }, SILENT);
    await look(stage, id);
    expect(last(stage)).toMatchObject({
      first_name: 'Other',
      monthly_bill: 250,
      trusted_form: 'https://cert.example/1',
    });
  });
});
