// Which settings need a list of the accounts, and when a list is read again. Without such a setting no batch asks for one.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { LocationContext } from '../../../workers/consumer/config/context.ts';
import { readSettings } from '../../../workers/consumer/config/settings.ts';
import { fieldPlan, needsLists } from '../../../workers/consumer/dialer/field-plan.ts';
import type { AccountList } from '../../../workers/consumer/domain/fields/field-plan.ts';
import type { Vendors } from '../../../workers/consumer/vendors/clients.ts';
import { ENV } from '../../support/vendor-harness.ts';
import { VirtualClock, worldOn } from '../../support/virtual-clock.ts';

const inStage = { name: 'won', opportunity: { pipeline: 'Sales', stages: ['Won'] }, bucket: 'Won' };

test.each<[string, boolean, object]>([
  ['nothing beyond what every contact has', false, {}],
  ['a field of every contact', false, { FIELD_MAP: { company: 'companyName' } }],
  ['a custom field by its id', false, { FIELD_MAP: { bill: 'custom:bill0123456789ABCDEF' } }],
  ['a custom field by its key', true, { FIELD_MAP: { bill: 'custom:contact.bill' } }],
  ['an owner by email', true, { OWNERS: { 'ana@example.com': 'Sam Carter' } }],
  ['a pipeline', true, { SYNC_RULES: { routes: [inStage] } }],
])('whether settings that name %s need a list: %s', (_, needed, changes) => {
  expect(needsLists(readSettings({ ...ENV, ...changes }))).toBe(needed);
});

describe('a remembered list', () => {
  const NAMED = { FIELD_MAP: { bill: 'custom:contact.bill' } };
  const CONDITION = {
    SYNC_RULES: { routes: [{ name: 'x', custom: { 'contact.bill': { exists: true } }, bucket: 'X' }] },
  };
  const STAGES = { SYNC_RULES: { routes: [inStage] } };
  const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];

  /** The plan by what is remembered, where a list is answered with this; `context` has a database of its own. */
  function stageOf(env: object, answer: () => Promise<unknown[]>) {
    const settings = readSettings({ ...ENV, ...env });
    const sqlite = openSqlite();
    const clock = new VirtualClock();
    const ghl = { customFields: answer, pipelines: answer };
    const context = {
      env: { DB: sqlite.bind(async (act) => act()) },
      world: worldOn(clock, async () => new Response()),
      settings,
      log: () => {},
    } as unknown as LocationContext;
    const plan = (lists: AccountList[], anew = false) =>
      fieldPlan({ lists, fieldReports: [] }, { ghl } as unknown as Vendors, context, { anew });
    const kind = 'pipelines' in settings.fields && env === STAGES ? 'pipelines' : 'custom_fields';
    /** What was asked for is stored as a hash: the first try tells it. */
    const remembered = async (known: Partial<AccountList>, ageMs: number): Promise<AccountList> => {
      await plan([]);
      const [row] = sqlite.rows('SELECT asked FROM account_lists');
      return { kind, resolved: {}, asked: String(row?.asked), failure: null, readAt: clock.at - ageMs, ...known };
    };
    return { plan, remembered };
  }

  /** Whether the list is read. `ageMs`: since the last try. */
  async function isRead(
    env: object,
    known: Partial<AccountList> | null,
    ageMs: number,
    anew = false,
  ): Promise<boolean> {
    let calls = 0;
    const { plan, remembered } = stageOf(env, async () => {
      calls++;
      return [];
    });
    const before = await remembered(known ?? {}, ageMs);
    calls = 0;
    await plan(known ? [before] : [], anew);
    return calls > 0;
  }

  const whole = { resolved: { 'contact.bill': 'id' } };
  test.each<[string, object, Partial<AccountList> | null, number, boolean]>([
    ['that there is none of', NAMED, null, 0, true],
    ['of other names', NAMED, { ...whole, asked: 'other' }, 0, true],
    ['that has all names', NAMED, whole, 100 * HOUR, false],
    ['that lacks a name', NAMED, {}, 10 * MINUTE, true],
    ['that lacks a name, read shortly before', NAMED, {}, 10 * MINUTE - 1, false],
    ['that was refused', NAMED, { failure: 'refused' }, HOUR, true],
    ['that was refused shortly before', NAMED, { failure: 'refused' }, HOUR - 1, false],
    [
      'that could not be read, of a field that is only written',
      NAMED,
      { failure: 'transient' },
      10 * MINUTE - 1,
      false,
    ],
    ['that could not be read, of a field that decides', CONDITION, { failure: 'transient' }, 30 * SECOND, true],
    ['that could not be read just now', CONDITION, { failure: 'transient' }, 30 * SECOND - 1, false],
    ['that lacks a field that decides, as was read', CONDITION, {}, 10 * MINUTE - 1, false],
    ['of pipelines that could not be read', STAGES, { failure: 'busy' }, 30 * SECOND, true],
    ['of pipelines that could not be read just now', STAGES, { failure: 'busy' }, 30 * SECOND - 1, false],
    [
      'of pipelines of which some are known',
      STAGES,
      { failure: 'busy', resolved: { other: '{}' } },
      10 * MINUTE - 1,
      false,
    ],
  ])('%s is read again or not', async (_, env, known, ageMs, expected) => {
    expect(await isRead(env, known, ageMs)).toBe(expected);
  });

  test('is read anew as a run starts, though it has all names or was refused, but not at once again', async () => {
    expect(await isRead(NAMED, whole, 10 * MINUTE, true)).toBe(true);
    expect(await isRead(NAMED, { failure: 'refused' }, 10 * MINUTE, true)).toBe(true);
    expect(await isRead(NAMED, whole, 10 * MINUTE - 1, true)).toBe(false);
  });

  test.each<[string, string[], () => Promise<unknown[]>]>([
    ['forgets a field that the list no longer has', [], async () => []],
    ['keeps it where the list cannot be read', ['contact.bill'], () => Promise.reject(new Error('busy'))],
  ])('that is read anew %s', async (_, known, answer) => {
    const { plan, remembered } = stageOf(NAMED, answer);
    const { customIds } = await plan([await remembered(whole, HOUR)], true);
    expect([...customIds.keys()]).toEqual(known);
  });
});
