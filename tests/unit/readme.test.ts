// README.md is true: every setting, reason and script that exists is in it, word for word where words matter.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHECKS } from '../../workers/consumer/doctor-check.ts';
import { readLocations } from '../../workers/consumer/locations.ts';
import { FAILURES, PLACES } from '../../workers/consumer/reason.ts';

const readme = readFileSync('README.md', 'utf8');
const settingsIn = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/^ {2}([A-Z][A-Z0-9_]+)\?: /gm)].map(([, name]) => String(name));

test.each(Object.entries({ ...PLACES, ...FAILURES }))('explains the reason %s', (reason, { what, todo }) => {
  expect(readme).toContain(`| \`${reason}\` | ${what} | ${todo} |`);
});

test.each(Object.entries(CHECKS))('explains the check %s', (code, { what, todo }) => {
  expect(readme).toContain(`| \`${code}\` | ${what} | ${todo} |`);
});

describe('names every setting of', () => {
  test.each(['ingest', 'consumer'])('%s', (worker) => {
    const settings = settingsIn(`workers/${worker}/env.ts`);
    expect(settings.length).toBeGreaterThan(5);
    expect(settings.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});

test('shows a LOCATIONS that works, once its secrets are set', async () => {
  const [, shown] = /^"LOCATIONS": (\{$[\s\S]*?^\})$/m.exec(readme) ?? [];
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
  const named = [...readme.matchAll(/npm (?:run )?(start|test|demo|replay|check|format|[a-z]+)(?= |`|$)/gm)];
  const unknown = named
    .map(([, name]) => String(name))
    .filter((name) => !(name in scripts) && name !== 'ci' && name !== 'run');
  expect(unknown).toEqual([]);
});
