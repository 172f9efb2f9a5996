// Tags as one text are known only where the text is plainly a list joined by commas. Otherwise the contact is read.

import { expect, test } from 'vitest';
import { readAppWebhook } from '../../../workers/ingest/payload.ts';

const read = (tags: string) => readAppWebhook({ type: 'ContactTagUpdate', locationId: 'L', id: 'c1', tags });

test.each([
  ['cold lead', ['cold lead']],
  [' cold lead , VIP,, ', ['cold lead', 'VIP']],
  ['café, 客户, größe-2, 2024', ['café', '客户', 'größe-2', '2024']],
  ['stage:won, deal_2024, v1.2, hot!, really?', ['stage:won', 'deal_2024', 'v1.2', 'hot!', 'really?']],
  ["don't call, o’neill, follow-up - may", ["don't call", 'o’neill', 'follow-up - may']],
  ['nonesuch, array of leads, no tags yet', ['nonesuch', 'array of leads', 'no tags yet']],
  ['', null],
  [' NULL ', null],
])('%j is known', (text, tags) => {
  expect(read(text).against).toBeNull();
  expect(read(text).snapshot).toEqual(tags && { tags, dnd: false });
});

test.each([
  'cold lead\u001fx',
  'cold lead\u0000x',
  'cold lead / x',
  'cold lead/x',
  'cold lead & x',
  'cold lead + x',
  'cold lead ~ x',
  'cold lead => x',
  'cold lead\\x',
  'cold lead★x',
  'cold lead – x',
  'cold lead  x',
  'cold lead\u00a0x',
  'cold lead\u3000x',
  'cold lead&#10;x',
  '#cold lead #x',
  '- cold lead',
  '* cold lead, x',
  '“cold lead”, “x”',
  '‘cold lead’, ‘x’',
  '«cold lead»',
  '<cold lead>',
  'tags[]=cold lead&tags[]=x',
  'array (0 => cold lead)',
  '#<Set: {"cold lead"}>',
  'Array',
  'N/A',
  'n.a.',
  'None',
  'nil',
  '-',
  'empty',
  '(empty)',
  'No tags',
  'System.String[]',
  'System.Collections.Generic.List',
  '[object Object]',
  '[object Object],[object Object]',
  'undefined,undefined',
  'null,null',
  'cold lead,undefined',
])('%j is not said, and the contact is read', (text) => {
  expect(read(text).snapshot).toBeNull();
});

test('what may be a tag in such a text counts against dialing', () => {
  expect(read('cold lead / past customer & x').against?.tags).toEqual(
    expect.arrayContaining(['cold lead', 'past customer', 'x', 'cold lead / past customer & x']),
  );
  expect(read('“cold lead”, “stop”').against?.tags).toContain('stop');
});

test('a list of tags may hold such texts', () => {
  const tags = ['deal / won', 'R&D', 'n/a', '“vip”'];
  expect(readAppWebhook({ type: 'ContactUpdate', id: 'c1', tags }).snapshot).toEqual({ tags, dnd: false });
});

test('a hostile text takes no time', () => {
  const started = performance.now();
  for (const text of [
    'a '.repeat(100_000),
    `a${' '.repeat(200_000)}b`,
    'a,'.repeat(100_000),
    '/ '.repeat(100_000),
    'a/'.repeat(100_000),
  ])
    read(text);
  expect(performance.now() - started).toBeLessThan(3000);
});
