// The preview of one contact's fields: what the next write would hold, what the account would drop or refuse. Nothing is written or logged.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { ContactFields, FieldPreview } from '../../../shared/api/contacts.ts';
import type { Preview } from '../../../workers/consumer/doctor/fields/read-preview.ts';
import { type BackstopStage, backstopStage } from '../../support/consumer-harness.ts';
import { LOCATION, operatorDeps } from '../../support/operator-harness.ts';
import { runScript } from './script-harness.ts';

const FIELD_MAP = {
  company: 'companyName',
  lead_source: { from: 'source', default: 'unknown' },
  website: { from: 'website', empty: 'clear' },
  trusted_form: 'custom:contact.trustedform_url',
  monthly_bill: { from: 'custom:contact.agent_note', as: 'number' },
  consent_date: { from: 'custom:contact.date_of_consent', as: 'date', empty: 'clear' },
  product: 'custom:contact.product',
  vehicle: { text: '{custom:contact.product} for {firstName}' },
  consent: 'custom:contact.no_such_field',
};
const DANA = {
  firstName: 'Dana',
  lastName: 'Reyes',
  phone: '(305) 555-0142',
  email: 'dana@example.com',
  state: 'florida',
  companyName: 'Acme',
  customFields: [
    { id: 'agentNote00000000000', value: 'about 200' },
    { id: 'product0000000000000', value: 'Gas' },
  ],
};

async function shown(stage: BackstopStage, fields: object = {}): Promise<ContactFields> {
  const { id } = await stage.ghl.addContact({ ...DANA, tags: ['cold lead'], ...fields }, { silent: true });
  return (await stage.ask('GET', `/contacts/${id}/fields`)) as unknown as ContactFields;
}

const withMap = (more: object = {}) => backstopStage({ env: { FIELD_MAP: JSON.stringify(FIELD_MAP), ...more } });
const rows = ({ fields }: ContactFields) =>
  fields.map(({ field, value, outcome, note }: FieldPreview) => [
    field,
    value,
    outcome,
    ...(note === null ? [] : [note]),
  ]);

describe('GET /contacts/:id/fields', () => {
  test('shows each field with its value, its source and what becomes of it', async () => {
    const answer = await shown(withMap());
    expect(rows(answer)).toEqual([
      ['mobile_phone_number', '+13055550142', 'written'],
      ['personal_email_address', 'dana@example.com', 'written'],
      ['ghl_contact_id', answer.contact_id, 'written'],
      ['address', null, 'kept', 'GoHighLevel has no value; what CallTools has stays'],
      ['city', null, 'kept', 'GoHighLevel has no value; what CallTools has stays'],
      ['company', 'Acme', 'written'],
      ['consent', null, 'kept', 'custom:contact.no_such_field is not found in GoHighLevel; what CallTools has stays'],
      ['consent_date', null, 'cleared', 'GoHighLevel has no value'],
      ['first_name', 'Dana', 'written'],
      ['last_name', 'Reyes', 'written'],
      ['lead_source', 'unknown', 'default', 'GoHighLevel has no value'],
      ['monthly_bill', null, 'kept', 'what GoHighLevel has is no number; what CallTools has stays'],
      ['product', 'Gas', 'refused', 'not among the choices of the field'],
      ['state', 'FL', 'written'],
      ['trusted_form', null, 'kept', 'GoHighLevel has no value; what CallTools has stays'],
      ['vehicle', 'Gas for Dana', 'dropped', 'the account has no such field'],
      ['website', '', 'cleared', 'GoHighLevel has no value'],
      ['zip_code', null, 'kept', 'GoHighLevel has no value; what CallTools has stays'],
    ]);
    const from = Object.fromEntries(answer.fields.map((one) => [one.field, one.from]));
    expect(from).toMatchObject({
      mobile_phone_number: 'phone',
      company: 'companyName',
      trusted_form: 'custom:contact.trustedform_url',
      vehicle: '"{custom:contact.product} for {firstName}"',
    });
    expect(answer).toMatchObject({
      placed: true,
      explanation: expect.stringContaining('The rules place it'),
      notes: [],
    });
  });

  test('is what the next write then sends', async () => {
    const stage = withMap();
    const { contact_id, fields } = await shown(stage, {
      customFields: [{ id: 'product0000000000000', value: 'Solar' }],
    });
    stage.hint(contact_id);
    await stage.work();
    const [contact] = stage.callTools.contacts();
    const written = fields.filter(({ outcome }) => ['written', 'default', 'cleared'].includes(outcome));
    const [[phoneField, phone] = [], ...others] = written.map(({ field, value }) => [field, value]);
    expect([phoneField, phone]).toEqual(['mobile_phone_number', contact?.phones[0]]);
    expect(others.map(([field]) => field)).toContain('product');
    expect(contact?.fields).toMatchObject(Object.fromEntries(others));
  });

  test('a field that the account does not have is dropped, also while the contact has no value for it', async () => {
    const answer = await shown(backstopStage({ env: { FIELD_MAP: '{"compny":"companyName"}' } }), { companyName: '' });
    expect(rows(answer)).toContainEqual(['compny', null, 'dropped', 'the account has no such field']);
  });

  test('a field that CallTools refused the last time says so, until its value is taken', async () => {
    const stage = withMap();
    stage.callTools.settings.refusedEmails = ['dana@example.com'];
    const { contact_id } = await shown(stage);
    const work = async () => {
      stage.hint(contact_id);
      await stage.work();
      return rows((await stage.ask('GET', `/contacts/${contact_id}/fields`)) as unknown as ContactFields);
    };
    const refused = 'CallTools refused its value the last time';
    const before = await work();
    expect(before).toContainEqual(['personal_email_address', 'dana@example.com', 'written', refused]);
    expect(before).toContainEqual(['product', 'Gas', 'refused', `not among the choices of the field; ${refused}`]);
    stage.callTools.settings.refusedEmails = [];
    await stage.ghl.editContact(contact_id, { companyName: 'Apex' }, { silent: true });
    const after = await work();
    expect(after).toContainEqual(['personal_email_address', 'dana@example.com', 'written']);
    expect(after.filter(([, , , note]) => String(note).includes(refused))).toHaveLength(1);
  });

  test('of a contact whose number another one has says that the other one decides', async () => {
    const stage = withMap();
    const first = await shown(stage);
    const second = await shown(stage);
    expect(second.notes).toEqual([]);
    for (const { contact_id } of [first, second]) stage.hint(contact_id);
    await stage.work();
    const again = async ({ contact_id }: ContactFields) =>
      (await stage.ask('GET', `/contacts/${contact_id}/fields`)) as unknown as ContactFields;
    const notes = [...(await again(first)).notes, ...(await again(second)).notes];
    expect(notes).toEqual([expect.stringMatching(/^As last found: Another contact .* has the same phone number/)]);
  });

  test('an emptied field is not judged: how accounts take that is not known', async () => {
    const product = { from: 'custom:contact.product', empty: 'clear' };
    const stage = backstopStage({ env: { FIELD_MAP: JSON.stringify({ product }) } });
    const answer = await shown(stage, { customFields: [] });
    expect(rows(answer)).toContainEqual(['product', '', 'cleared', 'GoHighLevel has no value']);
  });

  test('writes nothing, in no vendor, table or log, and may not be kept', async () => {
    const stage = withMap();
    const { id } = await stage.ghl.addContact({ ...DANA, tags: ['cold lead'] }, { silent: true });
    const before = stage.statements.length;
    const answer = await stage.fetch('GET', `/contacts/${id}/fields`);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(stage.callTools.calls.list().filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(stage.statements.slice(before).filter((sql) => !/^\s*SELECT/i.test(sql))).toEqual([]);
    expect(stage.log).toEqual([]);
  });

  test('says why none of it is written where the rules keep a contact out', async () => {
    const answer = await shown(withMap(), { tags: ['customer'] });
    expect(answer).toMatchObject({
      placed: false,
      explanation: expect.stringMatching(/keep it out of the dialer \(route\)/),
    });
    expect(rows(answer)).toContainEqual(['company', 'Acme', 'written']);
  });

  test('says what cannot be found out: without a description, without the scope', async () => {
    const stage = withMap();
    stage.callTools.settings.describesItself = false;
    stage.ghl.settings.scopes = ['contacts.readonly'];
    const answer = await shown(stage);
    expect(answer.notes).toEqual([
      expect.stringMatching(/GoHighLevel’s list of custom fields cannot be read.*npm run doctor/),
      expect.stringContaining('The account does not describe its fields'),
    ]);
    expect(rows(answer)).toContainEqual([
      'product',
      null,
      'kept',
      'custom:contact.product cannot be looked up; what CallTools has stays',
    ]);
  });

  test('shows the owner where OWNERS is set', async () => {
    const OWNERS = JSON.stringify({ 'erin.walsh@crm.example': 'maria.lopez' });
    const stage = withMap({ OWNERS });
    const owned = await shown(stage, { assignedTo: 'user0000000000000001' });
    expect(rows(owned).at(-1)).toEqual(['owned_by', 'aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa', 'written']);
    const other = await shown(stage, { assignedTo: 'user0000000000000002' });
    expect(rows(other).at(-1)).toEqual(['owned_by', null, 'kept', expect.stringContaining('OWNERS does not name')]);
  });

  test('asks for no list of users that it does not need', async () => {
    const stage = withMap({ OWNERS: JSON.stringify({ user0000000000000001: 'maria.lopez' }) });
    stage.ghl.settings.scopes = ['contacts.readonly', 'locations/customFields.readonly'];
    const owned = await shown(stage, { assignedTo: 'user0000000000000001' });
    expect(rows(owned).at(-1)).toEqual(['owned_by', 'aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa', 'written']);
    expect(owned.notes).toEqual([]);
  });

  test.each<[string, (stage: BackstopStage) => void, number, RegExp]>([
    ['that GoHighLevel does not have', () => {}, 404, /GoHighLevel has no such contact/],
    [
      'while GoHighLevel is down',
      ({ ghl }) => ghl.faults.plan({ do: { kind: 'html500' }, times: 99 }),
      503,
      /could not be read/,
    ],
    [
      'while a setting is faulty',
      (stage) => stage.reconfigure({ SYNC_RULES: 'x' }),
      503,
      /Correct this setting and deploy again: SYNC_RULES/,
    ],
  ])('of a contact %s says so', async (_what, break_, status, detail) => {
    const stage = withMap();
    break_(stage);
    const answer = await stage.fetch('GET', '/contacts/nobody00000000000000/fields');
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(detail);
  });
});

describe('npm run fields', () => {
  const preview: Preview = {
    kind: 'shown',
    preview: {
      placed: true,
      explanation: 'The rules place it.',
      fields: [
        { field: 'company', value: 'Ac\u001b[31mme', from: 'companyName', outcome: 'written', note: null },
        {
          field: 'monthly_bill',
          value: 240,
          from: 'custom:x',
          outcome: 'dropped',
          note: 'the account has no such field',
        },
        { field: 'website', value: null, from: 'website', outcome: 'kept', note: 'GoHighLevel has no value' },
      ],
      notes: ['The account does not describe its fields.'],
    },
  };
  const run = (result: Preview, ...args: string[]) => {
    const db = openSqlite().bind(async (act) => act());
    return runScript('scripts/fields.ts', operatorDeps(db, { preview: async () => result }).deps, args);
  };

  test('prints a line for each field, and steers no terminal', async () => {
    const { code, out } = await run(preview, '--contact', 'one');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        `Contact one of location ${LOCATION}. The rules place it.\n`,
        'FIELD         VALUE             FROM         OUTCOME',
        'company       "Ac\\u001b[31mme"  companyName  written',
        'monthly_bill  240               custom:x     dropped: the account has no such field',
        'website       -                 website      kept: GoHighLevel has no value',
        '',
        'The account does not describe its fields.',
        '',
      ].join('\n'),
    );
  });

  test('--json is the answer itself', async () => {
    const { out } = await run(preview, '--contact', 'one', '--json');
    expect(JSON.parse(out)).toEqual({ contact_id: 'one', location_id: LOCATION, ...preview.preview });
  });

  test('ends with 1 where there is no such contact, and where it could not be read', async () => {
    expect(await run({ kind: 'gone' }, '--contact', 'one')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such'),
    });
    const failed = await run({ kind: 'unread', error: 'GoHighLevel answered 500' }, '--contact', 'one');
    expect(failed).toMatchObject({ code: 1, err: expect.stringContaining('GoHighLevel answered 500') });
  });
});
