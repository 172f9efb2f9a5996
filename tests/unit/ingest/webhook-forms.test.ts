import { describe, expect, test } from 'vitest';
import { parseBody, readAppWebhook, readWorkflowWebhook } from '../../../workers/ingest/payload.ts';

const LOCATION = 've9EPM428h8vShlRW1KT';
const CONTACT = 'nmFmQEsNgz6AVpgLVUJ0';
const id = (value: string) => ({ kind: 'id', id: value });

describe('every form of an app webhook names the same contact', () => {
  const forms: [string, Record<string, unknown>][] = [
    ['flat', { type: 'ContactUpdate', locationId: LOCATION, id: CONTACT, tags: ['cold lead'] }],
    ['wrapped in data', { type: 'ContactUpdate', locationId: LOCATION, data: { id: CONTACT, tags: ['cold lead'] } }],
    ['all inside data', { data: { type: 'ContactUpdate', locationId: LOCATION, id: CONTACT, tags: ['cold lead'] } }],
    [
      "the guide's nested one",
      { type: 'ContactUpdate', location_id: LOCATION, id: 'evt_1', contact: { id: CONTACT, tags: ['cold lead'] } },
    ],
    [
      'contact_id',
      { type: 'ContactUpdate', location_id: LOCATION, id: 'evt_1', contact_id: CONTACT, tags: 'cold lead' },
    ],
    ['contactId', { type: 'ContactUpdate', locationId: LOCATION, contactId: CONTACT, tags: 'cold lead,' }],
    ['location as an object', { type: 'ContactUpdate', location: { id: LOCATION }, id: CONTACT, tags: ['cold lead'] }],
    [
      'a contact without an id beside an id',
      { type: 'ContactUpdate', locationId: LOCATION, id: CONTACT, contact: { id: null, tags: ['cold lead'] } },
    ],
    [
      'a wrapped contact with a type of its own',
      { type: 'ContactUpdate', locationId: LOCATION, data: { id: CONTACT, type: 'lead', tags: ['cold lead'] } },
    ],
  ];
  test.each(forms)('%s', (_name, body) => {
    const webhook = readAppWebhook(body);
    expect(webhook.type).toEqual({ kind: 'contact', type: 'ContactUpdate' });
    expect(webhook.locationId).toEqual(id(LOCATION));
    expect(webhook.contactId).toEqual(id(CONTACT));
    expect(webhook.snapshot).toEqual({ tags: ['cold lead'], dnd: false });
  });
});

test.each(['ContactCreate', 'ContactUpdate', 'ContactTagUpdate', 'ContactDelete', 'ContactDndUpdate'])(
  '%s concerns a contact',
  (type) => {
    expect(readAppWebhook({ type }).type).toEqual({ kind: 'contact', type });
  },
);

test('other types are told from unreadable ones', () => {
  expect(readAppWebhook({ type: 'UNINSTALL' }).type).toEqual({ kind: 'other', type: 'UNINSTALL' });
  expect(readAppWebhook({ type: 'constructor' }).type).toEqual({ kind: 'other', type: 'constructor' });
  expect(readAppWebhook({ type: 7 }).type).toEqual({ kind: 'malformed' });
  expect(readAppWebhook({ data: { type: 'lead' } }).type).toEqual({ kind: 'absent' });
});

test.each([undefined, null, '', ' ', 'null', 'NULL'])('a field that is %j is one that was not said', (nothing) => {
  const webhook = readAppWebhook({
    type: nothing,
    locationId: nothing,
    id: nothing,
    tags: nothing,
    dnd: nothing,
    dndSettings: nothing,
    appId: nothing,
    webhookId: nothing,
    timestamp: nothing,
    contact: nothing,
    data: nothing,
  });
  expect(webhook).toEqual({
    type: { kind: 'absent' },
    locationId: { kind: 'absent' },
    contactId: { kind: 'absent' },
    appId: null,
    webhookId: null,
    timestamp: undefined,
    snapshot: null,
    against: null,
    opportunity: null,
  });
});

test.each([7, true, {}, [], 'two words', '../..', 'a'.repeat(65), "x' OR 1=1"])('%j is no contact id', (value) => {
  expect(readAppWebhook({ type: 'ContactUpdate', id: value }).contactId).toEqual({ kind: 'malformed' });
});

test('a malformed contact id is not replaced by the id of something else', () => {
  const webhook = readAppWebhook({ type: 'ContactUpdate', id: 'evt_1', contact: { id: 7 } });
  expect(webhook.contactId).toEqual({ kind: 'malformed' });
});

describe('the snapshot', () => {
  const snapshot = (fields: Record<string, unknown>) => readAppWebhook({ type: 'ContactUpdate', ...fields }).snapshot;

  test('has a mark of the phone where the event tells it', () => {
    const mark = (fields: Record<string, unknown>) => snapshot({ tags: ['a'], ...fields })?.phone;
    expect(mark({ phone: '+13055550142' })).toMatch(/^[\da-f]{4}$/);
    expect(mark({ phone: 'x', contact: { phone: '(305) 555-0142' } })).toBe(mark({ phone: '+13055550142' }));
    const apart = { phone: '+13055550142', contact: { dateAdded: '2026-11-20' } };
    expect(mark(apart)).toBe(mark({ phone: '+13055550142' }));
    // What tells the contact as a whole leaves out what is empty.
    for (const none of [{ phone: '' }, { phone: null }, { dateAdded: '2026-11-20' }]) expect(mark(none)).toBe('none');
    for (const untold of [{ phone: { e164: '+13055550142' } }, {}]) expect(mark(untold)).toBeUndefined();
  });

  test('holds tags from a list or a comma-joined text', () => {
    expect(snapshot({ tags: ['a', 'b'] })?.tags).toEqual(['a', 'b']);
    expect(snapshot({ tags: ' a , b ,, ' })?.tags).toEqual(['a', 'b']);
    expect(snapshot({ tags: [] })?.tags).toEqual([]);
  });
  test('takes numbers for texts, and an empty text for none', () => {
    expect(snapshot({ tags: ['a', 7, ' ', ' b '] })?.tags).toEqual(['a', '7', 'b']);
  });
  test.each([
    ['a null entry', [null]],
    ['a null entry beside a tag', ['a', null]],
    ['a flag', ['a', true]],
    ['objects', [{ name: 'cold lead' }]],
    ['an object', { 0: 'cold lead' }],
    ['a list in a list', [['cold lead']]],
    ['a number', 7],
    ['a list as JSON text', '["cold lead","x"]'],
    ['an object as JSON text', '{"name":"cold lead"}'],
    ['a list as JSON text, in a list', ['["cold lead","x"]']],
    ['a list as Python prints it', "['cold lead', 'x']"],
    ['lines', 'x\ncold lead'],
    ['bars', 'x|cold lead'],
    ['semicolons', 'x; cold lead'],
    ['full-width commas', 'x，cold lead'],
    ['Arabic commas', 'x، cold lead'],
    ['small semicolons', 'x﹔cold lead'],
    ['bullets', 'x • cold lead'],
    ['middle dots', 'x · cold lead'],
    ['broken bars', 'x¦cold lead'],
    ['escaped ends of lines', 'x\\ncold lead'],
    ['HTML', 'x<br />cold lead'],
    ['percent-encoding', 'x%2Ccold%20lead'],
    ['JavaScript’s word for nothing', 'undefined'],
    ['Python’s word for nothing', 'None'],
    ['a text of several in a list', ['x,cold lead']],
    ['a quoted tag', ['"cold lead"']],
  ])('is left out where the tags are of a form that is unreadable, or readable in two ways: %s', (_, tags) => {
    expect(snapshot({ tags })).toBeNull();
    expect(snapshot({ contact: { id: CONTACT, tags } })).toBeNull();
  });
  test('is left out where two layers say different tags, or a nested contact cannot be read', () => {
    expect(snapshot({ tags: [], contact: { tags: ['cold lead'] } })).toBeNull();
    expect(snapshot({ tags: ['a'], data: { tags: ['a'] } })?.tags).toEqual(['a']);
    expect(snapshot({ tags: [], contact: [{ tags: ['cold lead'] }] })).toBeNull();
    expect(snapshot({ tags: [], data: '{"tags":["cold lead"]}' })).toBeNull();
  });
  test('is left out where there are too many tags', () => {
    expect(snapshot({ tags: Array(100).fill('x') })?.tags).toHaveLength(100);
    expect(snapshot({ tags: Array(101).fill('x') })).toBeNull();
  });
  test.each([
    [{ dnd: true }, true],
    [{ dnd: 'true' }, true],
    [{ dnd: false }, false],
    [{ dnd: null, dndSettings: null }, false],
    [{ dndSettings: { Call: { status: 'active' } } }, true],
    [{ dndSettings: { call: { status: 'permanent' } } }, true],
    [{ dndSettings: { Call: { status: 'something new' } } }, true],
    [{ dndSettings: { Call: { status: 'inactive' }, RCS: { status: 'active' } } }, false],
  ])('says of %j that calls are blocked: %s', (fields, blocked) => {
    expect(snapshot({ tags: [], ...fields })?.dnd).toBe(blocked);
  });
  test('reads DND from the nested contact', () => {
    expect(snapshot({ dnd: false, contact: { tags: [], dnd: true } })?.dnd).toBe(true);
    expect(snapshot({ dnd: true, contact: { tags: [], dnd: false } })?.dnd).toBe(true);
    expect(snapshot({ tags: [], dndSettings: {}, dnd_settings: { All: { status: 'active' } } })?.dnd).toBe(true);
  });
});

test.each([{}, { dndSettings: null }, { dndSettings: '' }, { dndSettings: 'null' }])(
  'a ContactDndUpdate that does not tell the channels, but %j, may mean the call channel: it says only what is against dialing',
  (fields) => {
    const said = (more: object) => readAppWebhook({ type: 'ContactDndUpdate', tags: ['a'], dnd: false, ...more });
    expect(said(fields)).toMatchObject({ snapshot: null, against: { tags: ['a'], dnd: false, deleted: false } });
    expect(said({ ...fields, dnd: true }).snapshot).toEqual({ tags: ['a'], dnd: true });
    expect(said({ ...fields, contact: { dnd_settings: {} } }).snapshot).toEqual({ tags: ['a'], dnd: false });
    expect(said({ ...fields, type: 'ContactUpdate' }).snapshot).toEqual({ tags: ['a'], dnd: false });
  },
);

test('a webhook id that is unfit to be an id is not used', () => {
  expect(readAppWebhook({ webhookId: '881b9415-5d35-4ff1-a667-0545b80b96c0' }).webhookId).toMatch(/^881b/);
  expect(readAppWebhook({ webhookId: 'two words' }).webhookId).toBeNull();
  expect(readAppWebhook({ webhookId: 7 }).webhookId).toBeNull();
});

test('keys that JavaScript itself knows are just unknown keys', () => {
  const body = JSON.parse(
    `{"__proto__": {"type": "ContactUpdate", "id": "${CONTACT}"}, "constructor": {"id": 1}, "toString": 1}`,
  );
  expect(readAppWebhook(body)).toMatchObject({ type: { kind: 'absent' }, contactId: { kind: 'absent' } });
  expect(({} as { type?: string }).type).toBeUndefined();
});

describe('a workflow action', () => {
  test('names its contact by contact_id, never by id', () => {
    const body = { id: 'opportunity1', contact_id: CONTACT, location: { name: 'Shop', id: LOCATION }, tags: 'a,b' };
    expect(readWorkflowWebhook(body)).toEqual({ locationId: id(LOCATION), contactId: id(CONTACT) });
    expect(readWorkflowWebhook({ id: 'opportunity1' }).contactId).toEqual({ kind: 'absent' });
  });
  test('may carry its fields as custom data', () => {
    const body = { customData: { contact_id: CONTACT, location_id: LOCATION } };
    expect(readWorkflowWebhook(body)).toEqual({ locationId: id(LOCATION), contactId: id(CONTACT) });
  });
  test('may say nothing of its location', () => {
    expect(readWorkflowWebhook({ contact_id: CONTACT, location: 'Main Street' }).locationId).toEqual({
      kind: 'absent',
    });
  });
});

describe('a body', () => {
  const parse = (text: string | Uint8Array) =>
    parseBody(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  test.each(['', '{', 'contact_id=1&tags=x', '{"a":1} trailing', 'undefined'])('%j is not JSON', (text) => {
    expect(parse(text)).toMatchObject({ kind: 'unreadable', detail: expect.stringContaining('not JSON') });
  });
  test.each(['[]', 'null', '"text"', '7', '[{"type":"ContactUpdate"}]'])('%s is not an object', (text) => {
    expect(parse(text)).toMatchObject({ kind: 'unreadable', detail: expect.stringContaining('not an object') });
  });
  test('must be UTF-8', () => {
    // The second one breaks off inside a letter: nothing of it may be left for the next body.
    for (const bytes of [Uint8Array.of(0x7b, 0xff, 0x7d), Uint8Array.of(0x7b, 0xc3)]) {
      expect(parse(bytes)).toMatchObject({ detail: expect.stringContaining('UTF-8') });
      expect(parse('\uFEFF{"a":"ü"}')).toEqual({ kind: 'object', object: { a: 'ü' } });
    }
  });
  test('may be nested as deep as its size allows', () => {
    const depth = 100_000;
    const body = parse(`{"type":"ContactUpdate","contact":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(body.kind === 'object' && readAppWebhook(body.object).type).toEqual({
      kind: 'contact',
      type: 'ContactUpdate',
    });
  });
});
