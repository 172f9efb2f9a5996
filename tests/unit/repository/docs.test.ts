// README.md and docs/ are true: every setting, reason, alert and script that exists is in them, word for word where words matter.
// The README stays short, every page can be reached, and what stands in a shell block can be pasted.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLocations } from '../../../workers/consumer/config/locations.ts';

import { CHECKS, CONDITIONS } from '../../../workers/consumer/domain/checks.ts';
import { FAILURES, PLACES } from '../../../workers/consumer/domain/explanations.ts';
import { RULES_FILE } from '../../support/rules.ts';

const pages = Object.fromEntries(
  [
    ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
    ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ].map((path) => [path, readFileSync(path, 'utf8')]),
);
const page = (path: string) => pages[path] ?? '';
const settingsIn = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/^ {2}([A-Z][A-Z0-9_]+)\?: /gm)].map(([, name]) => String(name));

test.each(Object.entries({ ...PLACES, ...FAILURES }))('explains the reason %s', (reason, { what, todo }) => {
  expect(page('docs/troubleshooting.md')).toContain(`| \`${reason}\` | ${what} | ${todo} |`);
});

test.each(Object.entries(CHECKS))('explains the check %s', (code, { what, todo }) => {
  expect(page('docs/troubleshooting.md')).toContain(`| \`${code}\` | ${what} | ${todo} |`);
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

test('every page is linked from another one', () => {
  const linked = Object.entries(pages).flatMap(([from, text]) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, file = '']) => [from, join(dirname(from), file)]),
  );
  const lost = Object.keys(pages).filter((path) => !linked.some(([from, to]) => to === path && from !== path));
  expect(lost.filter((path) => path !== 'README.md')).toEqual([]);
});

test('the README is a front door: 150 lines of 120 characters, 1,100 words', () => {
  const lines = page('README.md').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(150);
  expect(lines.filter((line) => [...line].length > 120)).toEqual([]);
  expect(page('README.md').trim().split(/\s+/).length).toBeLessThanOrEqual(1100);
});

// zsh, the default on a Mac, takes a comment for arguments, and brackets for a pattern that matches no file. What is quoted it leaves alone.
test.each(Object.keys(pages))('the shell blocks of %s hold commands and nothing else', (path) => {
  const blocks = [...page(path).matchAll(/^ *```(?:sh|bash|shell|zsh)\n([\s\S]*?)^ *```/gm)];
  const lines = blocks.flatMap(([, text = '']) => text.split('\n')).map((line) => line.trim());
  const bare = lines.map((line) => line.replace(/'[^']*'/g, "''"));
  expect(bare.filter((line) => /#| {2}|[[\]<>]/.test(line))).toEqual([]);
});

test('the changelog names every migration', () => {
  for (const name of readdirSync('migrations')) expect(page('CHANGELOG.md')).toContain(name);
});

describe('names every setting of', () => {
  test.each(['ingest/env.ts', 'consumer/config/env.ts'])('%s', (file) => {
    const settings = settingsIn(`workers/${file}`);
    expect(settings.length).toBeGreaterThan(5);
    expect(settings.filter((name) => !page('docs/configuration.md').includes(`\`${name}\``))).toEqual([]);
  });
});

test('shows a LOCATIONS that works, once its secrets are set', async () => {
  const [, shown] = /^"LOCATIONS": (\{$[\s\S]*?^\})$/m.exec(page('docs/locations.md')) ?? [];
  const secrets = ['ACME', 'BOLT'].flatMap((name) => [
    [`GHL_API_KEY_${name}`, `pit-${name}`],
    [`CALLTOOLS_API_KEY_${name}`, `key-${name}`],
  ]);
  const { all, fault } = await readLocations({
    LOCATIONS: shown,
    rulesFile: RULES_FILE,
    ...Object.fromEntries(secrets),
  });
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

test.each(Object.keys(pages).filter((path) => path !== 'CHANGELOG.md'))(
  '%s names only folders and files that exist',
  (path) => {
    const tops = 'workers|shared|sandbox|scripts|dashboard|tests|migrations|docs';
    const named = [...page(path).matchAll(new RegExp(`\`((?:${tops})/[\\w./-]*)\``, 'g'))].map(([, name = '']) => name);
    expect(named.filter((name) => !existsSync(name))).toEqual([]);
  },
);

describe('docs/architecture.md, the map of the code', () => {
  const map = page('docs/architecture.md');
  const named = [...map.matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name);
  const rows = new Map(
    [...map.matchAll(/^\| `([^`]+\/)` \|.*\| ([^|]+) \|$/gm)].map(([, folder, imports]) => [folder, imports]),
  );

  test('names only folders and files that exist, each by its whole path', () => {
    const paths = named.filter((name) => /^[\w.-]+\/[\w./-]*$/.test(name) || /\.(ts|js|sql|json|jsonc)$/.test(name));
    expect(paths.length).toBeGreaterThan(80);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('has every source folder in its table', () => {
    const holdsCode = (path: string) => readdirSync(path).some((name) => /(?<!\.d)\.(ts|js|mjs)$/.test(name));
    const folders = ['workers', 'shared', 'dashboard', 'sandbox', 'scripts', 'tests'].flatMap((top) =>
      [top, ...readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => `${top}/${name}`)].filter(
        (path) => statSync(path).isDirectory() && holdsCode(path),
      ),
    );
    // One row for the folders of tests/unit/, which mirror the others.
    const wanted = new Set(folders.map((path) => `${path.replace(/^(tests\/unit)\/.*/, '$1')}/`));
    expect([...wanted].filter((folder) => !rows.has(folder))).toEqual([]);
  });

  test('says what each folder may import, as biome.json has it', () => {
    const allowed = [...readFileSync('biome.json', 'utf8').matchAll(/"([\w-]+)\/ may import from ([^"]+) \(docs/g)];
    expect(allowed.length).toBeGreaterThan(10);
    for (const [, folder, imports = ''] of allowed)
      expect(rows.get(`workers/consumer/${folder}/`)).toBe(imports.replaceAll('/', ''));
  });

  test('has every table of the database', () => {
    const schema = readdirSync('migrations').map((name) => readFileSync(`migrations/${name}`, 'utf8'));
    const tables = [...schema.join('\n').matchAll(/^CREATE TABLE (\w+)/gm)].map(([, name]) => name);
    expect(tables.length).toBeGreaterThan(10);
    expect(tables.filter((name) => !map.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('the schema', () => {
  test.each(readdirSync('migrations'))(
    '%s comments every table, and every column that does not explain itself',
    (name) => {
      const lines = readFileSync(`migrations/${name}`, 'utf8').split('\n');
      const tables = lines.flatMap((line, at) => (line.startsWith('CREATE TABLE') ? [lines[at - 1]] : []));
      expect(tables.filter((before) => !before?.startsWith('-- '))).toEqual([]);
      const columns = lines.filter((line) => /^ {2}[a-z_]+ +(TEXT|INTEGER|REAL)/.test(line));
      const plain = /^ {2}(location_id|contact_id|phone_hash|id|queue|webhook_at|(created|updated|started)_at) /;
      expect(columns.filter((line) => !line.includes('-- ') && !plain.test(line))).toEqual([]);
    },
  );
});

describe('what the code says about the vendors', () => {
  const skipped = ['node_modules', '.git', '.local', '.wrangler', 'images'];
  const filesIn = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (skipped.includes(entry.name)) return [];
      return entry.isDirectory() ? filesIn(path) : [path];
    });
  const texts = filesIn('.').map((path) => [path, readFileSync(path, 'utf8')] as const);

  test('is cited from this repository', () => {
    const outside = new RegExp(`\\b${'facts'}/`);
    expect(texts.filter(([, text]) => outside.test(text)).map(([path]) => path)).toEqual([]);
  });

  test('stands in docs/vendors.md, under the heading that is cited', () => {
    const headings = [...page('docs/vendors.md').matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
    const named = String.raw`(?:GoHighLevel|CallTools|Cloudflare): [\w -]*\w`;
    const citation = new RegExp(`docs/vendors\\.md, (${named}(?:; ${named})*)`, 'g');
    const cited = texts
      .filter(([path]) => !path.endsWith('.md'))
      .flatMap(([path, text]) =>
        [...text.replace(/\n *(?:\*|\/\/) ?/g, ' ').matchAll(citation)].flatMap(([, sections = '']) =>
          sections.split('; ').map((section) => ({ path, section })),
        ),
      );
    expect(cited.length).toBeGreaterThan(100);
    expect(cited.filter(({ section }) => !headings.includes(section))).toEqual([]);
  });
});
