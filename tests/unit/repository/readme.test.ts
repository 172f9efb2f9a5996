// README.md and docs/ are true: every setting, reason, alert and script that exists is in them, word for word where words matter.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLocations } from '../../../workers/consumer/config/locations.ts';

import { CHECKS, CONDITIONS, FAILURES, PLACES } from '../../../workers/consumer/domain/explanations.ts';

const readme = readFileSync('README.md', 'utf8');
const pages = Object.fromEntries(
  [
    'README.md',
    'CHANGELOG.md',
    ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ].map((path) => [path, readFileSync(path, 'utf8')]),
);
const page = (path: string) => pages[path] ?? '';
const settingsIn = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/^ {2}([A-Z][A-Z0-9_]+)\?: /gm)].map(([, name]) => String(name));

test.each(Object.entries({ ...PLACES, ...FAILURES }))('explains the reason %s', (reason, { what, todo }) => {
  expect(readme).toContain(`| \`${reason}\` | ${what} | ${todo} |`);
});

test.each(Object.entries(CHECKS))('explains the check %s', (code, { what, todo }) => {
  expect(readme).toContain(`| \`${code}\` | ${what} | ${todo} |`);
});

test.each(Object.entries(CONDITIONS))('explains the alert %s', (condition, { what, todo }) => {
  expect(page('docs/operations.md')).toContain(`| \`${condition}\` | ${what} | ${todo} |`);
});

/** As GitHub makes them. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(Object.keys(pages))('every link of %s leads somewhere', (path) => {
  const broken = [...page(path).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].filter(([, file = '', anchor]) => {
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(page(target)).includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test('the changelog names every migration that came after the first', () => {
  for (const name of readdirSync('migrations').filter((name) => !name.startsWith('0001')))
    expect(page('CHANGELOG.md')).toContain(name);
});

describe('names every setting of', () => {
  test.each(['ingest/env.ts', 'consumer/config/env.ts'])('%s', (file) => {
    const settings = settingsIn(`workers/${file}`);
    expect(settings.length).toBeGreaterThan(5);
    expect(settings.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});

test('shows a LOCATIONS that works, once its secrets are set', async () => {
  const [, shown] = /^"LOCATIONS": (\{$[\s\S]*?^\})$/m.exec(page('docs/locations.md')) ?? [];
  const secrets = ['ACME', 'BOLT'].flatMap((name) => [
    [`GHL_API_KEY_${name}`, `pit-${name}`],
    [`CALLTOOLS_API_KEY_${name}`, `key-${name}`],
  ]);
  const { all, fault } = await readLocations({ LOCATIONS: shown, ...Object.fromEntries(secrets) });
  expect(fault).toBeNull();
  expect(all.map(({ name, kind }) => [name, kind])).toEqual([
    ['Acme', 'ready'],
    ['Bolt', 'ready'],
  ]);
});

test('names only npm scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const named = [
    ...Object.values(pages)
      .join('\n')
      .matchAll(/npm (?:run )?(start|test|demo|replay|check|format|[a-z]+)(?= |`|$)/gm),
  ];
  const unknown = named
    .map(([, name]) => String(name))
    .filter((name) => !(name in scripts) && name !== 'ci' && name !== 'run');
  expect(unknown).toEqual([]);
});
