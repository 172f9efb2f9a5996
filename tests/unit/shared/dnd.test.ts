// Do-not-disturb: whatever is not plainly open counts as "do not call".

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callBlocked, dndOf } from '../../../shared/dnd.ts';
import { readContact } from '../../../workers/consumer/domain/contact.ts';
import { readAppWebhook } from '../../../workers/ingest/payload.ts';

describe('may be called', () => {
  test.each([
    ['nothing is said', undefined, undefined],
    ['null is said', null, null],
    ['empty texts', '', ''],
    ['dnd false, no channels', false, {}],
    ['dnd "false"', 'false', {}],
    ['PHP spells "no channels" as a list', false, []],
    ['the call channel is open', false, { Call: { status: 'inactive' } }],
    ['open, in v3 spelling', false, { call: { status: 'inactive', message: '', code: '' } }],
    ['open, in capitals', false, { Call: { status: ' INACTIVE ' } }],
    ['other channels are shut', false, { SMS: { status: 'active' }, Email: { status: 'permanent' }, RCS: 7 }],
    [
      'other channels are shut, in any spelling',
      false,
      { whatsApp: { status: 'active' }, 'Whats App': 1, gmb: {}, FB: 'x' },
    ],
    ['an unknown channel is open', false, { Voice: { status: 'inactive' }, all: null }],
    ['dnd " False "', ' False ', undefined],
    ['the text "null"', 'null', ' NULL '],
    ['the channel says nothing', false, { Call: null }],
  ])('%s', (_, dnd, settings) => {
    expect(callBlocked(dnd, settings)).toBe(false);
  });
});

describe('must not be called', () => {
  test.each([
    ['dnd is set', true, {}],
    ['dnd is set although the channel is open', true, { Call: { status: 'inactive' } }],
    ['dnd as text', 'true', undefined],
    ['dnd of an unknown type', { all: true }, undefined],
    ['dnd 1', 1, undefined],
    ['the call channel is shut', false, { Call: { status: 'active', message: '', code: '103' } }],
    ['shut for good', false, { Call: { status: 'permanent' } }],
    ['shut, in v3 spelling', false, { call: { status: 'active' } }],
    ['either spelling counts', false, { Call: { status: 'inactive' }, call: { status: 'active' } }],
    ['dnd "no", which no document mentions', 'no', undefined],
    ['dnd 0', 0, undefined],
    ['all channels are shut under a key of their own', false, { All: { status: 'active' } }],
    ['calls are shut under another name', false, { Voice: { status: 'permanent' }, Call: { status: 'inactive' } }],
    ['an unknown channel of unknown status', false, { 'Phone Calls': {} }],
    ['an unknown status', false, { Call: { status: 'paused' } }],
    ['no status', false, { Call: {} }],
    ['a status of another type', false, { Call: { status: 0 } }],
    ['the channel as text', false, { Call: 'active' }],
    ['the channel as a flag', undefined, { Call: false }],
    ['channels as text', false, '{"Call":{"status":"inactive"}}'],
    ['channels as a list', false, [{ channel: 'Call', status: 'active' }]],
  ])('%s', (_, dnd, settings) => {
    expect(callBlocked(dnd, settings)).toBe(true);
  });

  test('property: any channel that is not known as another, and is not plainly open, blocks', () => {
    const other = /^(sms|email|whatsapp|gmb|fb|rcs)$/i;
    const key = fc.oneof(
      fc.constantFrom('Calls', 'voice', 'ALL', 'Phone', 'Dialer', 'SMS/Call'),
      fc.string().filter((name) => name !== '__proto__' && !other.test(name.replace(/[\s_-]+/g, ''))),
    );
    fc.assert(
      fc.property(key, fc.constantFrom('active', 'permanent', '', 'x', 7, null), (name, status) => {
        expect(callBlocked(false, { SMS: { status: 'inactive' }, [name]: { status } })).toBe(true);
        expect(callBlocked(false, { SMS: { status }, [name]: { status: 'inactive' } })).toBe(false);
      }),
    );
  });

  test('property: any call channel but a plainly open one blocks, whatever else is said', () => {
    const status = fc.anything().filter((s) => typeof s !== 'string' || s.trim().toLowerCase() !== 'inactive');
    fc.assert(
      fc.property(
        fc.constantFrom('Call', 'call', 'CALL'),
        status,
        fc.dictionary(fc.string(), fc.anything()),
        (key, value, rest) => {
          expect(callBlocked(false, { ...rest, [key]: { status: value } })).toBe(true);
        },
      ),
    );
  });
});

test.each([
  { DND: true },
  { Dnd: 'true' },
  { dnd: false, DND: true },
  { dnd_settings: { Call: { status: 'active' } } },
  { ' _D n-D': true },
  { '- dnd Settings ': { Call: { status: 'active' } } },
  { dndSettings: {}, DndSettings: { All: { status: 'permanent' } } },
  { dndCall: true },
  { dnd: false, dnd_call: 'active' },
  { dndAll: true },
  { 'dndSettings.Call.status': 'active' },
  { 'dndSettings.SMS.status': 'inactive', 'dndSettings.Call.status': 'permanent' },
  { isDnd: true },
  { is_dnd: 'yes' },
  { doNotDisturb: true },
  { 'Do not disturb': 'on' },
  { do_not_call: true },
  { dontCall: 1 },
  { doNotContact: 'true' },
  { dndSmsAndCalls: true },
  { dndVoice: { status: 'active' } },
  { dndSetting: { Call: { status: 'active' } } },
  { 'dndSettings v2': [{ channel: 'Call' }] },
  { ＤＮＤ: true },
  { 'dnd\u200b': true },
  { 'D.N.D': true },
])('%j blocks, however the keys are spelled', (contact) => {
  const { dnd, dndSettings } = dndOf(contact);
  expect(callBlocked(dnd, dndSettings)).toBe(true);
  expect(readAppWebhook({ type: 'ContactUpdate', tags: [], ...contact }).snapshot?.dnd).toBe(true);
  const { contact: read } = readContact({ id: 'one', ...contact });
  expect(callBlocked(read.dnd, read.dndSettings)).toBe(true);
});

test.each([
  { dndCall: false },
  {
    dnd_call: 'Inactive',
    isDnd: 'false',
    dndAll: '',
    doNotCall: null,
    doNotContact: 'no',
    do_not_disturb: 0,
    dndVoice: '0',
  },
  {
    dndSms: true,
    dnd_email: 'active',
    'dndSettings.WhatsApp.status': 'permanent',
    dndGMB: 1,
    doNotDisturbFB: true,
    dndRCS: 'x',
  },
  {
    'dndSettings.Call.status': 'inactive',
    'dndSettings.Call.message': 'Updated by dana',
    'dndSettings.Call.code': '103',
  },
  { dndUpdatedAt: '2026-11-07T12:46:45.953Z', dndSettingsUpdatedBy: 'u1', dndLastModifiedOn: 1 },
  {
    dndSetting: { Call: { status: 'inactive' }, SMS: { status: 'active' } },
    dndVoice: { status: 'inactive' },
    dndOther: {},
  },
  { inboundDndSettings: { all: { status: 'active' } }, dndSettings: { Email: { status: 'active' } } },
  { tags: ['x'], DN: true, donor: true, donationDate: '2026', dateAdded: 'x', isDonor: true, größe: true, 客户: true },
])('%j blocks nobody', (contact) => {
  const { dnd, dndSettings } = dndOf(contact);
  expect(callBlocked(dnd, dndSettings)).toBe(false);
  expect(readAppWebhook({ type: 'ContactUpdate', tags: [], ...contact }).snapshot?.dnd).toBe(false);
});

test('what no key of a contact says is not said', () => {
  expect(dndOf({ tags: [], DN: true, dndSms: true })).toEqual({});
});

test('keys without end take no time', () => {
  const started = performance.now();
  const odd = (key: (n: number) => string) =>
    Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [key(n), true]));
  expect(dndOf(odd((n) => `ü${n}`))).toEqual({});
  expect(dndOf({ [`${'_'.repeat(200_000)}d${'-'.repeat(200_000)}`]: true })).toEqual({});
  expect(performance.now() - started).toBeLessThan(3000);
});
