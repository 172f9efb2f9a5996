// Which CallTools contact is taken for a number's: the remembered one, those that carry it, and then members of our buckets.

import { describe, expect, test } from 'vitest';
import { find, findRemembered } from '../../../workers/consumer/dialer/find.ts';
import type { Found } from '../../../workers/consumer/dialer/find-by-phone.ts';
import type { LabelIds } from '../../../workers/consumer/dialer/labels.ts';
import type { Seen } from '../../../workers/consumer/dialer/numbers.ts';
import type { Desired, Observed, Session } from '../../../workers/consumer/dialer/session.ts';
import type { Wanted } from '../../../workers/consumer/domain/decide.ts';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import type { DialerContact } from '../../../workers/consumer/vendors/calltools-schema.ts';
import {
  COLD,
  DNC,
  dialerStage,
  failureOf,
  LOCATION,
  OTHER_PHONE,
  OUT,
  observed,
  PHONE,
  place,
  target,
} from '../../support/vendor-harness.ts';

const HASH = await phoneHash(LOCATION, PHONE);
const { settings } = dialerStage();
const OFF = dialerStage({}, { env: { CALLTOOLS_PHONE_LOOKUP: 'off' } }).settings;
const ABSENT: Found = { kind: 'absent' };
const UNSUPPORTED: Found = { kind: 'unsupported' };

const contact = (id: number, phones = [PHONE], changes: Partial<DialerContact> = {}): DialerContact => ({
  ...{ id, doNotContact: false, buckets: [1], tags: [], word: null, phones, dialable: phones },
  ...changes,
});
const found = (...ids: number[]): Found => ({ kind: 'found', contacts: ids.map((id) => contact(id)) });

interface Stage {
  wanted?: Wanted;
  desired?: Partial<Desired>;
  known?: Partial<Observed>;
  contacts?: DialerContact[];
  looked?: Found;
  members?: Found;
  links?: number[];
  tags?: boolean;
  off?: boolean;
}

async function sessionOf({
  wanted = OUT,
  desired = {},
  known = {},
  contacts = [],
  looked = ABSENT,
  members = ABSENT,
  links = [],
  tags = false,
  off = false,
}: Stage) {
  const calls: string[] = [];
  const seen = new Map<number, Seen>();
  const ids: LabelIds = {
    bucket: new Map([[COLD, [1]]]),
    tag: new Map(tags ? [['vip', [11]]] : []),
    newest: { bucket: 99, tag: 99 },
  };
  const session = {
    desired: await target(wanted, desired),
    observed: observed(known),
    ids,
    dialer: {
      settings: off ? OFF : settings,
      numbers: { known: (id: number) => (id === 5 ? [HASH, 'q'] : []), seen },
      callTools: {
        async get(id: number) {
          calls.push(`get ${id}`);
          return contacts.find((one) => one.id === id) ?? null;
        },
        linksOf: async () => links,
      },
      async lookup(_: string, partly: boolean) {
        calls.push(`look up${partly ? ' partly' : ''}`);
        return looked;
      },
      async members() {
        calls.push('members');
        return members;
      },
    },
  } as unknown as Session;
  return { session, calls, seen };
}

describe('the remembered contact', () => {
  const remembered = async (stage: Stage) => {
    const all = await sessionOf(stage);
    return { ...all, answer: await findRemembered(all.session) };
  };
  const KNOWN = { callToolsId: 5 };

  test('is nobody where none is remembered', async () => {
    expect(await remembered({})).toMatchObject({ answer: null, calls: [] });
  });

  test('is believed without a look where nothing is in doubt and its number is known', async () => {
    expect(await remembered({ desired: KNOWN })).toMatchObject({
      answer: { id: 5, seen: null, believed: true },
      calls: [],
    });
  });

  test.each<[boolean, string, Stage]>([
    [true, 'it carries the number', { contacts: [contact(5)] }],
    [true, 'it shows no number', { contacts: [contact(5, [])] }],
    [false, 'it carries another', { contacts: [contact(5, [OTHER_PHONE])] }],
    [
      true,
      'one that cannot be read may be this one, and it is to be out',
      { contacts: [contact(5, [OTHER_PHONE, 'x'])] },
    ],
    [
      false,
      'one that cannot be read may be this one, and it is to be placed',
      { contacts: [contact(5, [OTHER_PHONE, 'x'])], wanted: place() },
    ],
  ])('in doubt is believed (%j) where %s', async (believed, _, stage) => {
    for (const desired of [{ ...KNOWN, inDoubt: true }, ...(stage.wanted ? [] : [{ ...KNOWN, e164: null }])]) {
      const { answer, calls } = await remembered({ ...stage, desired });
      expect([answer?.believed, calls]).toEqual([believed, ['get 5']]);
    }
  });

  test('that is gone is forgotten with its numbers', async () => {
    const { answer, seen } = await remembered({ desired: { ...KNOWN, inDoubt: true }, links: [1] });
    expect([answer, seen.get(5)]).toEqual([null, { hashes: [], whole: true }]);
  });

  test('that is gone must be in no bucket where its number is known by the hash only', async () => {
    const { answer } = await remembered({ desired: { ...KNOWN, e164: null } });
    expect(answer).toBeNull();
    const { session } = await sessionOf({ desired: { ...KNOWN, e164: null }, links: [1] });
    expect(await failureOf(findRemembered(session))).toMatchObject({ kind: 'transient', vendor: 'calltools' });
  });
});

describe('by the hash alone', () => {
  const HASH_ONLY = { e164: null };
  const IN = { mayBeInBucket: true };
  const by = async (stage: Stage) => {
    const all = await sessionOf({ ...stage, desired: { ...HASH_ONLY, ...stage.desired } });
    return { ...all, answer: await find(all.session) };
  };

  test.each<[string, Stage, Found, string[]]>([
    ['nothing is looked up where nothing is in doubt', { desired: { carriers: [7] } }, UNSUPPORTED, []],
    [
      'the contacts that are known to carry it come first',
      { known: IN, contacts: [contact(7)], desired: { carriers: [7] } },
      found(7),
      ['get 7'],
    ],
    [
      'those that carry it no more are passed over',
      { known: IN, contacts: [contact(7, [OTHER_PHONE])], desired: { carriers: [7, 8] } },
      ABSENT,
      ['get 7', 'get 8', 'members'],
    ],
    ['members of our buckets come next', { known: IN, members: found(3) }, found(3), ['members']],
    ['also where only a write is in doubt', { desired: { inDoubt: true }, members: found(3) }, found(3), ['members']],
    ['it is nowhere', { known: IN }, ABSENT, ['members']],
    [
      'who asks not to be called may be outside, and looks it up',
      { known: IN, wanted: DNC, desired: { dialed: null } },
      UNSUPPORTED,
      ['members'],
    ],
    [
      'nobody has the number and a mark was asked for',
      { known: IN, wanted: DNC, desired: { dialed: new Map() } },
      ABSENT,
      ['members'],
    ],
    [
      'in doubt, a contact is remembered',
      { wanted: DNC, desired: { dialed: new Map(), inDoubt: true, callToolsId: 5 } },
      ABSENT,
      ['members'],
    ],
  ])('%s', async (_, stage, expected, calls) => {
    expect(await by(stage)).toMatchObject({ answer: expected, calls });
  });

  test.each<[string, Stage]>([
    ['the members cannot be told', { known: IN, members: UNSUPPORTED }],
    ['it may still have a tag of ours', { known: IN, tags: true }],
    ['a mark is asked for, and a write is in doubt', { wanted: DNC, desired: { dialed: new Map(), inDoubt: true } }],
  ])('a person must look where %s', async (_, stage) => {
    const { session } = await sessionOf({ ...stage, desired: { ...HASH_ONLY, ...stage.desired } });
    expect(await failureOf(find(session))).toMatchObject({ kind: 'contact', code: 'untraceable' });
  });
});

describe('by the number', () => {
  const by = async (stage: Stage) => {
    const all = await sessionOf(stage);
    return { ...all, answer: await find(all.session) };
  };
  const IN = { mayBeInBucket: true };
  const CANNOT = { looked: UNSUPPORTED };

  test.each<[string, Stage, Found, string[]]>([
    ['found', { looked: found(2) }, found(2), ['look up partly']],
    ['absent', { known: IN }, ABSENT, ['look up partly']],
    ['all must be seen for a placement', { wanted: place(), looked: found(2) }, found(2), ['look up']],
    [
      'carriers count where it cannot be looked up',
      { ...CANNOT, contacts: [contact(7)], desired: { carriers: [7] } },
      found(7),
      ['look up partly', 'get 7'],
    ],
    ['nothing is in doubt', CANNOT, UNSUPPORTED, ['look up partly']],
    [
      'the remembered contact was merged',
      { ...CANNOT, desired: { callToolsId: 5 }, members: found(3) },
      found(3),
      ['look up partly', 'members'],
    ],
    [
      'the remembered contact is gone',
      { ...CANNOT, desired: { callToolsId: 5 } },
      UNSUPPORTED,
      ['look up partly', 'members'],
    ],
    [
      'with look-ups off a POST finds it',
      { ...CANNOT, off: true, wanted: place(), known: IN },
      UNSUPPORTED,
      ['look up'],
    ],
    [
      'with look-ups off a withdrawal looks in the buckets',
      { ...CANNOT, off: true, known: IN, members: found(3) },
      found(3),
      ['look up partly', 'members'],
    ],
    ['in no bucket of ours, it is out', { ...CANNOT, known: IN }, UNSUPPORTED, ['look up partly', 'members']],
  ])('%s', async (_, stage, expected, calls) => {
    expect(await by(stage)).toMatchObject({ answer: expected, calls });
  });

  test('what is in no bucket of ours is not in one any more', async () => {
    expect((await by({ ...CANNOT, known: IN })).session.observed.mayBeInBucket).toBe(false);
  });

  test.each<[string, Stage, RegExp]>([
    ['members cannot be told', { ...CANNOT, known: IN, members: UNSUPPORTED }, /phone filter/],
    ['it is to be placed', { ...CANNOT, known: IN, wanted: place() }, /phone filter/],
    ['it must be marked', { ...CANNOT, known: IN, wanted: DNC }, /phone filter/],
    [
      'it must be marked, and a write is in doubt',
      { ...CANNOT, desired: { inDoubt: true }, wanted: DNC },
      /phone filter/,
    ],
    ['look-ups are off', { ...CANNOT, off: true, known: IN, wanted: DNC }, /LOOKUP is off/],
  ])('a person must look where %s', async (_, stage, error) => {
    const { session } = await sessionOf(stage);
    const failure = await failureOf(find(session));
    expect(failure).toMatchObject({ kind: 'contact', code: 'lookup_unsupported' });
    expect(failure.error).toMatch(error);
  });
});
