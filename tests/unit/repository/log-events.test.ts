// The severities of the log: none for an event that is gone, and one for each event that sounds like trouble.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SEVERITY } from '../../../shared/log.ts';

const source = readdirSync('workers', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join('workers', path), 'utf8'))
  .join('\n');

/** Names that are put together where they are logged: `webhook.${outcome}`. */
const COMPOSED = ['webhook', 'contact', 'backstop'];
const PARTS: readonly string[] = source.match(/'[a-z_]+'/g) ?? [];

test('every event with a severity is logged somewhere', () => {
  const gone = Object.keys(SEVERITY).filter((event) => {
    const [family = '', part] = event.split('.');
    const composed = COMPOSED.includes(family) && PARTS.some((text) => text === `'${part}'`);
    return !source.includes(`'${event}'`) && !composed;
  });
  expect(gone).toEqual([]);
});

test('an event that sounds like trouble has a severity', () => {
  const events = [...source.matchAll(/'([a-z_]+\.[a-z_]+)'/g)].map(([, event = '']) => event);
  const trouble = events.filter((event) =>
    /(_|\.)(failed|crashed|lost|dead|stray|not_kept|unread|unreadable|unreachable|bad_setting|ignored|opened)$/.test(
      event,
    ),
  );
  expect(trouble.length).toBeGreaterThan(15);
  // An everyday matter, though it sounds otherwise.
  expect(trouble.filter((event) => !(event in SEVERITY) && event !== 'webhook.ignored')).toEqual([]);
});
