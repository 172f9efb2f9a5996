// What CallTools keeps of what it was sent is read off its answer, once a field and not once a contact.

import { describe, expect, test } from 'vitest';
import { type Echo, fieldChanges, isKept, noteEcho } from '../../../workers/consumer/dialer/echo.ts';
import type { FieldValue } from '../../../workers/consumer/domain/fields/field-map.ts';
import type { FieldReport } from '../../../workers/consumer/store/fields.ts';
import { apply, COLD, dialerStage, jsonAnswer, OUT, place } from '../../support/vendor-harness.ts';

describe('a value is kept', () => {
  test.each<[string, FieldValue | null, unknown]>([
    ['as it is', 'Miami', 'Miami'],
    ['in another case', 'miami', 'MIAMI'],
    ['with other spaces', ' 12  Main St ', '12 Main St'],
    ['an email in lower case', 'Dana@Example.com', 'dana@example.com'],
    ['a number as text', 5000, '5000.00'],
    ['a text as number', '5000', 5000],
    ['a number', 0.5, '0.50'],
    ['a date with its time', '2025-03-04', '2025-03-04T00:00:00Z'],
    ['a time as a date', '2025-03-04 12:30:00', '2025-03-04'],
    ['true as text', true, 'True'],
    ['false as text', false, 'no'],
    ['a text as true', 'Yes', true],
    ['a choice by its name', 'Gold', { id: 3, name: 'Gold' }],
    ['a choice by its id', '3', { id: 3, name: 'Gold' }],
    ['a list in another order', ['a', 'b'], ['B', 'a']],
    [
      'a list of choices',
      ['a', 'b'],
      [
        { id: 1, name: 'b' },
        { id: 2, name: 'a' },
      ],
    ],
    ['a list of one as text', ['a'], 'a'],
    ['a text as a list', 'a', ['a']],
    ['an emptied field', '', null],
    ['an emptied list', [], ''],
    ['an emptied number', null, null],
  ])('%s', (_, sent, shown) => expect(isKept(sent, shown)).toBe(true));

  test.each<[string, FieldValue | null, unknown]>([
    ['another text', 'Miami', 'Tampa'],
    ['nothing', 'Miami', ''],
    ['null', 'Miami', null],
    ['an empty list', ['a'], []],
    ['cut off', 'a long text', 'a lon'],
    ['another number', 5000, '500.00'],
    ['a zip code without its 0', '02134', 2134],
    ['another day', '2025-03-04', '2025-03-03T23:00:00Z'],
    ['the opposite', true, 'false'],
    ['another choice', 'Gold', { id: 3, name: 'Silver' }],
    ['a part of a list', ['a', 'b'], ['a']],
    ['more than the list', ['a'], ['a', 'b']],
    ['a field that was not emptied', '', 'Miami'],
    ['a number that was not emptied', null, 120],
  ])('not: %s', (_, sent, shown) => expect(isKept(sent, shown)).toBe(false));
});

describe('an answer', () => {
  const settings = { CALLTOOLS_PHONE_FIELD: 'mobile_phone_number' };
  const echo = (sent: Record<string, unknown>, ...rows: Record<string, unknown>[]) => {
    const echoes = new Map<string, Echo>();
    for (const row of rows) noteEcho(sent, { row }, { settings, echoes });
    return Object.fromEntries(echoes);
  };

  test('lacks a field, has another value, or keeps it', () => {
    const row = { id: 1, first_name: 'dana', city: 'Tampa' };
    expect(echo({ first_name: 'Dana', city: 'Miami', monthly_bill: 3 }, row)).toEqual({
      ...{ first_name: 'kept', city: 'altered', monthly_bill: 'absent' },
    });
  });

  test('that shows nothing of what was sent says nothing', () => {
    expect(echo({ monthly_bill: 3 }, { id: 1, buckets: [], tags: [] })).toEqual({});
    expect(echo({ monthly_bill: 3 }, { id: 1, mobile_phone_number: '' })).toEqual({ monthly_bill: 'absent' });
  });

  test.each<[string, object[], Echo]>([
    ['shows it', [{}, { bill: 3 }, {}], 'kept'],
    ['alters it', [{ bill: 3 }, { bill: 4 }, { bill: 3 }, {}], 'altered'],
  ])('counts among several where one %s', (_, rows, expected) => {
    const [one] = [echo({ bill: 3, city: 'a' }, ...rows.map((row) => ({ city: 'a', ...row })))];
    expect(one).toEqual({ bill: expected, city: 'kept' });
  });
});

describe('a write', () => {
  const ENV = { CALLTOOLS_EXTERNAL_ID_FIELD: 'crm_id' };

  test('of a field that the account does not have places the person all the same', async () => {
    const stage = dialerStage({}, { env: ENV });
    const observed = await apply(stage, place());
    expect(Object.fromEntries(stage.dialer.echoes)).toEqual({
      first_name: 'kept',
      last_name: 'kept',
      crm_id: 'absent',
    });
    expect(observed.leftOut).toBeUndefined();
    expect(stage.vendor.contacts()).toMatchObject([{ buckets: [COLD] }]);
  });

  test('by PATCH is looked at too, and a withdrawal says nothing', async () => {
    const stage = dialerStage({}, { env: ENV });
    const { callToolsId } = await apply(stage, place());
    stage.dialer.echoes.clear();
    await apply(stage, place(), { callToolsId });
    expect(stage.dialer.echoes.get('crm_id')).toBe('absent');
    stage.dialer.echoes.clear();
    await apply(stage, OUT, { callToolsId });
    expect(stage.dialer.echoes.size).toBe(0);
  });

  test('of a field that is left out says nothing of it', async () => {
    const stage = dialerStage();
    await apply(stage, place(COLD, { email: 'no-address' }));
    expect([...stage.dialer.echoes.keys()]).toEqual(['first_name', 'last_name']);
  });

  test('whose answer names a duplicate says nothing', async () => {
    const stage = dialerStage();
    stage.hooks.meddle = async (request, handle) => {
      if (request.method !== 'POST' || !request.url.includes('/contacts/')) return handle(request);
      await handle(request);
      const [contact] = stage.vendor.contacts();
      return jsonAnswer(200, { duplicate_contacts: [contact?.id], duplicate_action: 'MERGE' });
    };
    await apply(stage, place());
    expect(stage.dialer.echoes.get('first_name')).toBe('kept');
  });
});

describe('what is stored', () => {
  const DAY = 86_400_000;
  const NOW = 1000 * DAY;
  const row = (changes: Partial<FieldReport> = {}): FieldReport => ({
    ...{ field: 'bill', problem: 'absent', since: NOW - 9 * DAY, seenAt: NOW - 9 * DAY, addedAt: null },
    ...changes,
  });
  const noted = (echo: Echo, known?: FieldReport) => fieldChanges(new Map([['bill', echo]]), known ? [known] : [], NOW);
  const lately = { seenAt: NOW - DAY + 1 };

  test.each<[string, Echo, FieldReport | undefined]>([
    ['a field that is kept', 'kept', undefined],
    ['a field that is absent, as was seen today', 'absent', row(lately)],
    ['a field that is altered, as was seen today', 'altered', row({ problem: 'altered', ...lately })],
    ['a field that was altered and is kept now', 'kept', row({ problem: 'altered' })],
    ['a field that was added', 'kept', row({ addedAt: NOW - DAY })],
    ['a field that comes and goes', 'kept', row({ addedAt: NOW - 3 * DAY, seenAt: NOW - DAY })],
  ])('changes nothing: %s', (_, echo, known) => expect(noted(echo, known)).toEqual([]));

  test.each<[string, Echo, FieldReport | undefined, Partial<FieldReport>]>([
    ['is absent', 'absent', undefined, { problem: 'absent', since: NOW, seenAt: NOW }],
    ['is altered', 'altered', undefined, { problem: 'altered', since: NOW, seenAt: NOW }],
    ['is still absent after a day', 'absent', row(), { seenAt: NOW }],
    ['is still altered after a day', 'altered', row({ problem: 'altered' }), { problem: 'altered', seenAt: NOW }],
    ['is absent no more', 'kept', row(lately), { ...lately, addedAt: NOW }],
    ['is absent no more, and altered', 'altered', row(), { problem: 'altered', since: NOW, seenAt: NOW, addedAt: NOW }],
    [
      'is gone after it was added',
      'absent',
      row({ addedAt: NOW - DAY }),
      { since: NOW, seenAt: NOW, addedAt: NOW - DAY },
    ],
    ['was altered and is absent now', 'absent', row({ problem: 'altered' }), { since: NOW, seenAt: NOW }],
    [
      'is back a week after it was added the last time',
      'kept',
      row({ addedAt: NOW - 8 * DAY, seenAt: NOW - DAY }),
      { seenAt: NOW - DAY, addedAt: NOW },
    ],
  ])('notes that a field %s', (_, echo, known, changes) => expect(noted(echo, known)).toEqual([row(changes)]));
});
