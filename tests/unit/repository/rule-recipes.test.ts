// Every recipe of docs/rules.md is true: with its rules, each contact of its table is in the bucket that stands beside it, or not dialed.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CUSTOM_FIELDS } from '../../../sandbox/gohighlevel/custom-fields.ts';
import { PIPELINES } from '../../../sandbox/gohighlevel/opportunities/opportunity.ts';
import { parseRules } from '../../../workers/consumer/domain/rules/setting.ts';
import { unreachableRoutes } from '../../../workers/consumer/domain/rules/unreachable.ts';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

type Fields = Record<string, unknown>;

const SILENT = { silent: true };
const page = readFileSync('docs/rules.md', 'utf8');
const RECIPE =
  /^### (.+)\n(?:(?!^#)[\s\S])*?```jsonc\n([\s\S]*?)\n```\n\n\| contact \| dialed \|\n\|---\|---\|\n((?:\|.*\|\n?)+)/gm;
const ROW = /^\| `(.*)` \| (?:no: `(\w+)`|(.+)) \|$/;

const recipes = [...page.matchAll(RECIPE)].map(([, title = '', rules = '', rows = '']) => ({
  title,
  rules,
  rows: rows.trim().split('\n').map(readRow),
}));

function readRow(line: string) {
  const [, given, reason, bucket] = ROW.exec(line) ?? [];
  if (given === undefined) throw new Error(`not a row of a recipe: ${line}`);
  return { given: JSON.parse(`{${given}}`) as Fields, reason, bucket };
}

/** A contact; names that begin with `contact.` are keys of custom fields, "5 days ago" is a day. */
function contactOf({ opportunities: _, ...given }: Fields, now: number): Fields {
  const customFields = Object.entries(given).flatMap(([key, value]) => {
    const id = CUSTOM_FIELDS.find(({ fieldKey }) => fieldKey === key)?.id;
    const [, days] = /^(\d+) days ago$/.exec(String(value)) ?? [];
    const day = days && new Date(now - Number(days) * 86_400_000).toISOString().slice(0, 10);
    return id === undefined ? [] : [{ id, value: day ?? value }];
  });
  const plain = Object.entries(given).filter(([key]) => !key.startsWith('contact.'));
  expect(customFields.length + plain.length).toBe(Object.keys(given).length);
  return { ...Object.fromEntries(plain), customFields };
}

test('the recipes that people ask for are there, each with its table', () => {
  expect(recipes.map(({ title }) => title)).toEqual([
    'Two buckets',
    'Sold customers into another campaign',
    'Driven by stage',
    'Gated by consent',
    'By state',
    'By owner',
  ]);
  expect(page.split('```jsonc').length - 1).toBe(recipes.length);
});

test.each(recipes)('$title: every contact goes where the page says', async ({ rules, rows }) => {
  expect(unreachableRoutes(parseRules(rules))).toEqual([]);
  const stage = backstopStage({ env: { SYNC_RULES: rules } });
  const [sales] = PIPELINES;
  for (const [n, { given, reason, bucket }] of rows.entries()) {
    const contact = { phone: phoneOf(n), ...contactOf(given, stage.clock.at) };
    const { id } = await stage.ghl.addContact(contact, SILENT);
    for (const name of (given.opportunities ?? []) as string[]) {
      const pipelineStageId = sales?.stages.find((one) => one.name === name)?.id ?? '';
      await stage.ghl.addOpportunity({ contactId: id, pipelineId: sales?.id ?? '', pipelineStageId }, SILENT);
    }
    stage.hint(id);
    await stage.work();
    const buckets = stage.callTools.withPhone(phoneOf(n)).flatMap((one) => one.buckets);
    expect(buckets, JSON.stringify(given)).toEqual(bucket === undefined ? [] : [bucket]);
    expect(await stage.ask('GET', `/contacts/${id}`)).toMatchObject({ reason: reason ?? 'placed' });
  }
});
