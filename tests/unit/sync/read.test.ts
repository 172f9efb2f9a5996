// What a batch concludes of each contact that it reads: the decision, the hash to keep, and whether to look again.

import { describe, expect, test } from 'vitest';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import { LOCATION, PHONE } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { BUSY, COLD, found, readAll, readOne, unread } from './read-harness.ts';

const HASH = await phoneHash(LOCATION, PHONE);

describe('a contact that is read', () => {
  test('is decided by what it shows, with the hash of its number and of what was read', async () => {
    const { task, counts } = await readOne(found());
    expect(task).toMatchObject({
      ...{ decision: { intent: 'place', route: 'cold' }, phoneHash: HASH, decidedAt: NOON, failure: null },
      ...{ readFailure: null, against: [], listUnread: false, tooEarly: false },
    });
    expect(task.readHash).toMatch(/^[\da-f]{64}$/);
    expect(counts).toMatchObject({ opportunities: 0, pipelines: 0, statements: 0 });
  });

  test('that is gone has neither', async () => {
    const { task } = await readOne({ kind: 'gone' });
    expect(task).toMatchObject({ decision: { reason: 'deleted' }, phoneHash: null, readHash: null });
  });

  test.each<[string, Record<string, unknown>, string | null]>([
    ['has none where it shows none', { phone: '' }, null],
    ['has the remembered one where its own cannot be read', { phone: {}, dnd: true }, 'p'],
    ['has its own although its tags cannot be read', { tags: [{}], dnd: true }, HASH],
  ])('its number: it %s', async (_, changes, hash) => {
    expect((await readOne(found(changes))).task.phoneHash).toBe(hash);
  });

  test('that does not answer fails alone', async () => {
    const [one, two] = [unread(), unread({ contactId: 'two' })];
    await readAll([one, two], async (id) => {
      if (id === 'one') throw BUSY();
      return found({ id });
    });
    expect(one).toMatchObject({ decision: null, failure: { kind: 'transient', vendor: 'gohighlevel' } });
    expect(two).toMatchObject({ decision: { intent: 'place' }, failure: null });
  });

  test('waits while five others are read', async () => {
    const tasks = Array.from({ length: 8 }, (_, n) => unread({ contactId: `c${n}` }));
    const { counts } = await readAll(tasks, async (id) => found({ id }));
    expect(counts.most).toBe(5);
  });
});

describe('webhooks that the read contradicts', () => {
  const at = NOON - 1000;
  test('make the decision stricter, and are remembered with their times', async () => {
    const told = { tags: { at, priority: 0, intent: 'removed' as const } };
    const { task } = await readOne(found(), {}, unread({}, { told }));
    expect(task).toMatchObject({ decision: { intent: 'none', reason: 'webhook_said_out' }, against: [at], told });
  });

  test('count no longer where the read is surely newer', async () => {
    const told = { tags: { at: NOON - 120_001, priority: 0, intent: 'removed' as const } };
    const { task } = await readOne(found(), {}, unread({}, { told }));
    expect(task).toMatchObject({ decision: { intent: 'place' }, against: [], told: {} });
  });

  test.each<[string, object, Record<string, unknown>, number[]]>([
    ['do-not-disturb is on', { dnd: { at, on: true } }, {}, [at]],
    ['it is off on the call channel', { dnd: { at, on: false } }, { dnd: true }, [at]],
    ['it is off everywhere', { dndAll: { at, on: false } }, { dnd: true }, [at]],
    [
      'it is off everywhere, and the read blocks calls only',
      { dndAll: { at, on: false } },
      { dndSettings: { Call: { status: 'active' } } },
      [],
    ],
    ['the contact was deleted', { gone: at }, {}, [at]],
    ['it has another number', { phone: { at, mark: 'x' } }, {}, [at]],
    [
      'it has another number, and the read shows none that can be read',
      { phone: { at, mark: 'x' } },
      { phone: {}, tags: ['x'] },
      [],
    ],
    ['it is there', { there: at }, {}, []],
  ])('%s', async (_, told, changes, against) => {
    expect((await readOne(found(changes), {}, unread({}, { told }))).task.against).toEqual(against);
  });

  test('also where the contact is gone', async () => {
    const { task } = await readOne({ kind: 'gone', flagged: true }, {}, unread({}, { told: { there: at } }));
    expect(task.against).toEqual([at]);
  });
});

describe('an answer that cannot be read whole', () => {
  test('leaves what was said before it', async () => {
    const told = { heard: NOON - 300_000 };
    const { task } = await readOne(found({ tags: [{ name: 'cold lead' }] }), {}, unread({}, { told }));
    expect(task).toMatchObject({ decision: null, failure: { kind: 'transient' }, told });
  });

  test('of another location fails for good', async () => {
    const { task } = await readOne(found({}, { elsewhere: true }));
    expect(task).toMatchObject({ decision: null, failure: { kind: 'contact', code: 'wrong_location' } });
  });
});

describe('a read that shows nothing new', () => {
  const earlyWith = async (row: object, hint: object, changes: Record<string, unknown> = {}) => {
    const settled = (await readOne(found())).task.readHash;
    const known = { searchHash: settled, ...row };
    const task = unread({ row: known, hint: { receivedAt: NOON - 1000, ...hint } });
    return (await readOne(found(changes), {}, task)).task.tooEarly;
  };

  test.each<[string, object, object, Record<string, unknown>, boolean]>([
    ['right after a webhook that does not say what has changed', {}, {}, {}, true],
    ['ten seconds after it', {}, { receivedAt: NOON - 10_000 }, {}, true],
    ['later', {}, { receivedAt: NOON - 10_001 }, {}, false],
    ['right after one that names all tags', {}, { snapshot: { tags: ['cold lead'], dnd: false } }, {}, false],
    ['for a run', {}, { source: 'backstop' }, {}, false],
    ['but something else', {}, {}, { tags: ['x'] }, false],
    ['of a contact without a hash, for which no look is planned', { searchHash: null }, {}, {}, false],
    ['of a contact without a hash, for which a look is planned', { searchHash: null, lookAt: 1 }, {}, {}, true],
    ['of another hash, while a look is planned', { searchHash: 'other', lookAt: 1 }, {}, {}, false],
  ])('%s', async (_, row, hint, changes, early) => {
    expect(await earlyWith(row, hint, changes)).toBe(early);
  });

  test('never where nothing was read', async () => {
    const task = unread({ row: { searchHash: null, lookAt: 1 }, hint: { receivedAt: NOON } });
    expect((await readOne({ kind: 'gone', flagged: true }, {}, task)).task.tooEarly).toBe(false);
  });
});

describe('a list that the rules need and that could not be read', () => {
  const custom = { ...COLD, custom: { 'contact.consent': { exists: true } } };
  const of = async (changes: Record<string, unknown>, isUnread: boolean, routes: object[] = [custom]) =>
    (await readOne(found(changes), { routes, plan: isUnread ? { isUnread } : {} })).task.listUnread;

  test.each<[string, boolean, object[], Record<string, unknown>, boolean]>([
    ['the decision depends on it', true, [custom], {}, true],
    ['the list was read', false, [custom], {}, false],
    ['the rules do not go by it', true, [COLD], {}, false],
    ['no number', true, [custom], { phone: '' }, false],
    ['do-not-disturb', true, [custom], { dnd: true }, false],
  ])('has the contact read again or not: %s', async (_, isUnread, routes, changes, expected) => {
    expect(await of(changes, isUnread, routes)).toBe(expected);
  });

  test('not where the contact may be deleted', async () => {
    const { task } = await readOne(found({}, { removed: true }), { routes: [custom], plan: { isUnread: true } });
    expect(task).toMatchObject({ decision: { reason: 'deleted', inDoubt: true }, listUnread: false });
  });
});
