// Do-not-disturb: whatever is not plainly open counts as "do not call".

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callBlocked } from '../../shared/dnd.ts';

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
