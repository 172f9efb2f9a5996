// The nightly list and mapped fields: what is written is noticed, and nothing else of a contact causes a read.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
const HOUR = 3_600_000;
const FIELD_MAP = {
  company: 'companyName',
  trusted_form: 'custom:contact.trustedform_url',
  monthly_bill: { from: 'custom:Monthly bill', as: 'number' },
  consent_date: { from: 'dateOfBirth', as: 'date' },
};
const custom = (form: string, bill: unknown, home: number) => [
  { id: 'trustedformUrl'.padEnd(20, '0'), value: form },
  { id: 'monthlyBill'.padEnd(20, '0'), value: bill },
  { id: 'homeAge'.padEnd(20, '0'), value: home },
];

/** Three leads in the dialer, as they were last night. */
async function settled(settings: Record<string, object> = { FIELD_MAP }) {
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value)]));
  const stage = backstopStage({ env });
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const rest = { companyName: 'Acme', dateOfBirth: '1990-02-28T00:00:00.000Z', customFields: custom('f', 250, 30) };
    const { id } = await stage.ghl.addContact({ phone: phoneOf(n), tags: ['cold lead'], ...rest }, SILENT);
    ids.push(id);
  }
  await stage.night();
  stage.clock.at += HOUR;
  return { stage, id: ids[1] ?? '' };
}

/** A night, which verifies nobody: how many were queued and read, and what was written. */
async function night(stage: BackstopStage) {
  const [writes, reads] = [stage.writes(), stage.ghl.calls.count({ method: 'GET', path: '/contacts/' })];
  const { queued } = await stage.night();
  return {
    queued,
    read: stage.ghl.calls.count({ method: 'GET', path: '/contacts/' }) - reads,
    written: stage.writes() - writes,
  };
}
const QUIET = { queued: 0, read: 0, written: 0 };
const ONE = { queued: 1, read: 1, written: 1 };
const held = ({ callTools }: BackstopStage) => callTools.withPhone(phoneOf(1))[0]?.fields;

describe('a change in GoHighLevel', () => {
  test('none: nobody is read', async () => {
    const { stage } = await settled();
    expect(held(stage)).toMatchObject({
      company: 'Acme',
      trusted_form: 'f',
      monthly_bill: 250,
      consent_date: '1990-02-28',
    });
    expect(await night(stage)).toEqual(QUIET);
  });

  test.each([
    ['a custom field that is mapped by its key', { customFields: custom('g', 250, 30) }, { trusted_form: 'g' }],
    ['one that is mapped by its name', { customFields: custom('f', 300, 30) }, { monthly_bill: 300 }],
    ['a field of the contact', { companyName: 'Bolt' }, { company: 'Bolt' }],
    ['the birthday', { dateOfBirth: '1991-02-28T00:00:00.000Z' }, { consent_date: '1991-02-28' }],
  ])('of %s: that contact is read and written', async (_, change, shown) => {
    const { stage, id } = await settled();
    await stage.ghl.editContact(id, change, SILENT);
    expect(await night(stage)).toEqual(ONE);
    expect(held(stage)).toMatchObject(shown);
    stage.clock.at += HOUR;
    expect(await night(stage)).toEqual(QUIET);
  });

  test.each([
    ['a custom field that is not mapped', { customFields: custom('f', 250, 31) }],
    ['the spelling of a number', { customFields: custom('f', '$250.00', 30) }],
    ['a field of the contact that is not mapped', { website: 'x.example', source: 'form' }],
  ])('of %s: nobody is read', async (_, change) => {
    const { stage, id } = await settled();
    await stage.ghl.editContact(id, change, SILENT);
    expect(await night(stage)).toEqual(QUIET);
  });
});

describe('owners', () => {
  const [MARIA, SAM] = ['aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa', 'bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb'];
  const GHL_USER = 'ghlUser0000000000001';

  test('an assignment in GoHighLevel, and another owner in OWNERS: those whom it is about are read and written', async () => {
    const { stage, id } = await settled({ FIELD_MAP, OWNERS: { [GHL_USER]: MARIA } });
    await stage.ghl.editContact(id, { assignedTo: GHL_USER }, SILENT);
    expect(await night(stage)).toEqual(ONE);
    expect(held(stage)).toMatchObject({ owned_by: MARIA });
    stage.clock.at += HOUR;
    stage.reconfigure({ OWNERS: JSON.stringify({ [GHL_USER]: SAM }) });
    expect(await night(stage)).toEqual(ONE);
    expect(held(stage)).toMatchObject({ owned_by: SAM });
    stage.clock.at += HOUR;
    expect(await night(stage)).toEqual(QUIET);
  });

  test('an assignment to somebody whom OWNERS does not name: nobody is read', async () => {
    const { stage, id } = await settled({ FIELD_MAP, OWNERS: { [GHL_USER]: MARIA } });
    await stage.ghl.editContact(id, { assignedTo: 'ghlUser0000000000002' }, SILENT);
    expect(await night(stage)).toEqual(QUIET);
  });
});

describe('a change of the map', () => {
  const reconfigure = (stage: BackstopStage, map: object) => stage.reconfigure({ FIELD_MAP: JSON.stringify(map) });

  test('reaches everybody whose values differ, with the next run', async () => {
    const { stage, id } = await settled();
    await stage.ghl.editContact(id, { website: 'x.example' }, SILENT);
    reconfigure(stage, { ...FIELD_MAP, website: 'website' });
    expect(await night(stage)).toEqual(ONE);
    expect(held(stage)).toMatchObject({ website: 'x.example' });
    stage.clock.at += HOUR;
    reconfigure(stage, { ...FIELD_MAP, website: 'website', agent_note: { text: 'GHL {id}' } });
    expect(await night(stage)).toEqual({ queued: 3, read: 3, written: 3 });
    expect(held(stage)).toMatchObject({ agent_note: `GHL ${id}` });
  });

  test('that leaves the values as they are reaches nobody', async () => {
    const { stage } = await settled();
    reconfigure(stage, { ...FIELD_MAP, trusted_form: 'custom:trustedform_url', website: 'website' });
    expect(await night(stage)).toEqual(QUIET);
  });
});

describe('a field that the account gets later', () => {
  test('is written to everybody who has a value for it', async () => {
    const { stage } = await settled({ FIELD_MAP: { ...FIELD_MAP, roof: 'companyName', gate: 'website' } });
    const { settings } = stage.callTools;
    settings.customFields = [...settings.customFields, { name: 'roof', type: 'text' }, { name: 'gate', type: 'text' }];
    stage.sqlite.rows('UPDATE field_reports SET added_at = ?1', stage.clock.at);
    expect(stage.sqlite.rows('SELECT field FROM field_reports')).toEqual([{ field: 'roof' }]);
    expect(await night(stage)).toEqual({ queued: 3, read: 3, written: 3 });
    expect(held(stage)).toMatchObject({ roof: 'Acme' });
    stage.clock.at += HOUR;
    expect(await night(stage)).toEqual(QUIET);
  });

  test('is written also where a setting names it', async () => {
    const { stage, id } = await settled();
    stage.reconfigure({ CALLTOOLS_EXTERNAL_ID_FIELD: 'crm_id' });
    await night(stage);
    expect(held(stage)).not.toHaveProperty('crm_id');
    stage.callTools.settings.customFields.push({ name: 'crm_id', type: 'text' });
    stage.clock.at += HOUR;
    const newcomer = await stage.ghl.addContact({ phone: phoneOf(9), tags: ['cold lead'] }, SILENT);
    stage.hint(newcomer.id);
    await stage.work();
    expect(await night(stage)).toMatchObject({ written: 4 });
    expect(held(stage)).toMatchObject({ crm_id: id });
  });
});

describe('names of fields that cannot be resolved', () => {
  test('cost one look at the list a run, and everybody is settled without them', async () => {
    const { stage, id } = await settled({ FIELD_MAP: { ...FIELD_MAP, agent_note: 'custom:no such field' } });
    const lists = () => stage.ghl.calls.count({ path: '/locations' });
    const before = lists();
    expect(await night(stage)).toEqual(QUIET);
    expect(lists() - before).toBe(1);
    await stage.ghl.editContact(id, { companyName: 'Bolt' }, SILENT);
    stage.ghl.settings.scopes = ['contacts.readonly'];
    stage.clock.at += HOUR;
    expect(await night(stage)).toEqual(ONE);
  });
});
