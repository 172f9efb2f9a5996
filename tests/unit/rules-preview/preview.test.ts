// What a preview says of each contact: by its row of the list under the new rules, and by where it stands.

import { describe, expect, test } from 'vitest';
import type { RulesPreview } from '../../../shared/api/rules.ts';
import { parseRules } from '../../../workers/consumer/domain/rules/setting.ts';
import { FILE_RULES } from '../../support/rules.ts';
import { lastOf, stubList } from './list-harness.ts';

type Row = Record<string, unknown>;
const WARM = { name: 'warm', tags: ['warm lead'], bucket: 'Warm Leads' };
const COLD = [{ name: 'cold-lead', tags: ['cold lead'], bucket: 'Cold Leads' }];
/** The deployed ones, where cold leads go elsewhere. */
const MOVED = parseRules({
  routes: [
    { name: 'customer', words: ['customer'], bucket: null },
    { name: 'cold-lead', tags: ['cold lead'], bucket: 'Other' },
    WARM,
  ],
});
const IN = { bucket: 'Cold Leads', route: 'cold-lead', reason: null, condition: null };

/** The preview of one contact: with this row, and this standing. Null: it is not known. */
async function one(rules: typeof MOVED, row: Row, standing: Row | null = {}, dialer: Row = {}): Promise<RulesPreview> {
  const { know, preview } = stubList({ size: 1, row: () => row });
  if (standing) know('c0', standing, dialer);
  const last = await lastOf(preview(rules));
  if (last?.event !== 'result') throw new Error(JSON.stringify(last));
  return last.result;
}

/** Without the empty groups. */
function told({ comes_in, goes_out, moves, stays, unclear, in_doubt }: RulesPreview) {
  const groups = { comes_in, goes_out, moves, unclear, in_doubt };
  const filled = Object.fromEntries(Object.entries(groups).filter(([, group]) => group.length > 0));
  return { ...filled, ...(stays.in + stays.out > 0 && { stays }) };
}

const GROUP = { contacts: 1, examples: ['c0'] };
const OUT = { state: 'kept_out', wish: 'none' };
const NO_BUCKET = { held: 0 };

describe('a contact', () => {
  test('in the dialer stays there, moves, or goes out, each with its route and reason', async () => {
    expect(told(await one(FILE_RULES, {}))).toEqual({ stays: { in: 1, out: 0 } });
    expect(told(await one(MOVED, {}))).toEqual({ moves: [{ ...GROUP, from: IN, to: { ...IN, bucket: 'Other' } }] });
    expect(told(await one(MOVED, { tags: ['cold lead', 'customer'] }))).toEqual({
      goes_out: [{ ...GROUP, from: IN, to: { route: 'customer', bucket: null, reason: 'route', condition: null } }],
    });
    const strict = parseRules({ require: { type: ['lead'] }, routes: [{ ...WARM, tags: ['cold lead'] }] });
    expect(told(await one(strict, {}))).toMatchObject({
      goes_out: [{ to: { reason: 'not_permitted', condition: 'type' } }],
    });
    expect(told(await one(MOVED, { phone: null }))).toMatchObject({ goes_out: [{ to: { reason: 'no_phone' } }] });
    expect(told(await one(MOVED, { dnd: true }))).toMatchObject({ goes_out: [{ to: { reason: 'dnd' } }] });
  });

  test('that gets another CallTools tag moves, and one that gets only another name for its route does not', async () => {
    const cold = { name: 'x', tags: ['cold lead'], bucket: 'Cold Leads' };
    expect(told(await one(parseRules({ routes: [cold] }), {}))).toEqual({ stays: { in: 1, out: 0 } });
    const tagged = parseRules({ routes: [{ ...cold, calltoolsTag: 'hot' }] });
    expect(told(await one(tagged, {}))).toMatchObject({ moves: [{ to: { route: 'x', bucket: 'Cold Leads' } }] });
  });

  test('out of the dialer comes in or stays out', async () => {
    const to = { route: 'warm', bucket: 'Warm Leads', reason: null, condition: null };
    const from = { route: null, bucket: null, reason: 'no_route', condition: null };
    const warm = { tags: ['warm lead'] };
    expect(told(await one(MOVED, warm, { ...OUT, reason: 'no_route', route: null }, NO_BUCKET))).toEqual({
      comes_in: [{ ...GROUP, from, to }],
    });
    expect(told(await one(MOVED, warm, null))).toEqual({
      comes_in: [{ ...GROUP, from: { ...from, reason: 'not_known' }, to }],
    });
    expect(told(await one(MOVED, { tags: [] }, null))).toEqual({ stays: { in: 0, out: 1 } });
  });

  test('that may still be in a bucket, though it has failed or waits, counts as in the dialer', async () => {
    for (const state of ['failed', 'pending'])
      expect(told(await one(MOVED, { tags: [] }, { state, reason: 'rejected' }))).toMatchObject({
        goes_out: [{ from: IN }],
      });
  });
});

describe('not by rules alone', () => {
  const hold = (reason: string, route = 'cold-lead') => ({ held: 0, hold: JSON.stringify({ reason, route, at: 0 }) });
  const warm = { tags: ['warm lead'] };

  test.each<[string, Row, Row]>([
    ['held_by_brake', {}, {}],
    ['do_not_contact_set', {}, {}],
    ['taken_out_in_calltools', {}, hold('taken_out_in_calltools', 'warm')],
    ['said_no', {}, hold('said_no', 'warm')],
    ['said_no', {}, hold('said_no', 'a route that is gone')],
    ['rejected', { state: 'failed', route: 'warm' }, {}],
  ])('%s %j %j: it stays out', async (reason, standing, dialer) => {
    const result = await one(MOVED, warm, { ...OUT, reason, ...standing }, { ...NO_BUCKET, ...dialer });
    expect(told(result)).toEqual({ stays: { in: 0, out: 1 } });
  });

  test('a hold ends where another route places it, unless a call said no: then the list cannot tell', async () => {
    const taken = await one(MOVED, warm, { ...OUT, reason: 'taken_out_in_calltools' }, hold('taken_out_in_calltools'));
    expect(told(taken)).toMatchObject({
      comes_in: [{ from: { reason: 'taken_out_in_calltools' }, to: { route: 'warm' } }],
    });
    const no = await one(MOVED, warm, { ...OUT, reason: 'said_no' }, hold('said_no'));
    expect(told(no)).toMatchObject({ unclear: [{ what: 'said_no', ...GROUP }] });
  });

  test.each([
    ['dnd', 'call_dnd'],
    ['shared_phone', 'shared_number'],
    ['shared_contact', 'shared_number'],
  ])('%s: the list cannot tell (%s)', async (reason, what) => {
    const result = await one(MOVED, warm, { ...OUT, reason }, NO_BUCKET);
    expect(told(result)).toEqual({ unclear: [expect.objectContaining({ what, ...GROUP })] });
  });

  test('a row that cannot be read whole, and one that does not show its opportunities', async () => {
    expect(told(await one(MOVED, { tags: 7 }))).toMatchObject({ unclear: [{ what: 'row_unreadable' }] });
    const staged = parseRules({ routes: [{ name: 'booked', opportunity: { status: 'won' }, bucket: null }, WARM] });
    expect(told(await one(staged, {}))).toMatchObject({ unclear: [{ what: 'opportunities' }] });
  });

  test('opportunities count where the rows show them', async () => {
    const staged = parseRules({ routes: [{ name: 'won', opportunity: { status: 'won' }, bucket: null }, ...COLD] });
    const won = { id: 'o', pipeline_id: 'p', pipeline_stage_id: 's', status: 'won' };
    expect(told(await one(staged, { opportunities: [] }))).toEqual({ stays: { in: 1, out: 0 } });
    expect(told(await one(staged, { opportunities: [won] }))).toMatchObject({ goes_out: [{ to: { route: 'won' } }] });
  });

  test('a condition in doubt keeps out, and is counted by its name', async () => {
    const added = parseRules({ routes: [{ name: 'new', addedWithinDays: 5, bucket: 'New' }] });
    expect(told(await one(added, { dateAdded: 'yesterday' }))).toMatchObject({
      goes_out: [{ to: { reason: 'rule_in_doubt', condition: 'addedWithinDays' } }],
      in_doubt: [{ what: 'addedWithinDays', ...GROUP }],
    });
  });
});

test('custom fields are resolved by key with one more call, and those that are missing are named', async () => {
  const { preview, calls } = stubList({
    size: 3,
    row: (n) => ({ customFields: [{ id: 'f1', value: n < 2 ? 'yes' : 'no' }] }),
    instead: (call) =>
      call === 1
        ? Response.json({ customFields: [{ id: 'f1', name: 'Consent', fieldKey: 'contact.consent' }] })
        : undefined,
  });
  const custom = { 'contact.consent': ['yes'] };
  const last = await lastOf(
    preview(
      parseRules({
        routes: [
          { ...WARM, custom: { 'contact.typo': ['x'] } },
          { name: 'yes', custom, bucket: 'Yes' },
        ],
      }),
    ),
  );
  // The list of fields, the page, and the end of the list.
  expect(calls.length).toBe(3);
  expect(last).toMatchObject({
    result: {
      comes_in: [{ contacts: 2 }],
      stays: { out: 1 },
      notes: [expect.stringContaining('contact.typo'), ...[1, 2, 3].map(() => expect.any(String))],
    },
  });
});
