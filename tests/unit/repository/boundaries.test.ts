// Folders import in one direction only. biome.json says which; docs/architecture.md says why.

import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** From the top of the pipeline to its bottom: a folder imports from folders below it, and only where its row says so. */
const CONSUMER: Record<string, string[]> = {
  queue: ['domain', 'config', 'vendors', 'store', 'dead-letters', 'backstop', 'calls', 'sync'],
  operator: [
    'domain',
    'config',
    'vendors',
    'store',
    'dead-letters',
    'backstop',
    'monitoring',
    'doctor',
    'rules-preview',
  ],
  cron: ['domain', 'config', 'store', 'dead-letters', 'backstop', 'calls', 'monitoring'],
  sync: ['domain', 'config', 'vendors', 'store', 'dialer', 'dead-letters'],
  backstop: ['domain', 'config', 'vendors', 'store', 'dialer'],
  'rules-preview': ['domain', 'config', 'vendors', 'store', 'backstop'],
  calls: ['domain', 'config', 'vendors', 'store', 'dead-letters'],
  doctor: ['domain', 'config', 'vendors', 'store', 'monitoring'],
  dialer: ['domain', 'config', 'vendors', 'store'],
  'dead-letters': ['domain', 'config', 'store'],
  monitoring: ['domain', 'config', 'vendors', 'store'],
  store: ['domain', 'vendors'],
  vendors: ['domain', 'config'],
  config: ['domain'],
  domain: [],
};
const FOLDERS = Object.keys(CONSUMER);
/** Folders within one of these. Whoever may import from that one may import from them. */
const INNER: Record<string, string[]> = {
  'domain/calls': ['domain'],
  'domain/fields': ['domain'],
  'domain/rules': ['domain'],
  'doctor/fields': ['doctor', 'domain', 'config', 'vendors', 'store', 'monitoring'],
  'operator/contact': ['operator', 'domain', 'config', 'store'],
  'operator/lists': [
    'operator',
    'domain',
    'config',
    'vendors',
    'store',
    'dead-letters',
    'backstop',
    'monitoring',
    'doctor',
  ],
  'vendors/calls': ['vendors', 'domain', 'config'],
  'store/calls': ['store', 'domain', 'vendors'],
  'store/lists': ['store', 'domain', 'vendors'],
};
const of = (folder: string) => `workers/consumer/${folder}`;
const ELSEWHERE = ['workers/ingest', 'dashboard', 'sandbox', 'scripts', 'tests'];

/** Pairs of folders: the first must not import from the second. */
const FORBIDDEN = [
  ...FOLDERS.flatMap((from) => FOLDERS.filter((to) => to !== from).map((to) => [from, to] as const))
    .filter(([from, to]) => !CONSUMER[from]?.includes(to))
    .map(([from, to]) => [of(from), of(to)]),
  ...FOLDERS.flatMap((from) =>
    ELSEWHERE.filter((to) => from !== 'operator' || to !== 'dashboard').map((to) => [of(from), to]),
  ),
  ...[...FOLDERS.map(of), ...ELSEWHERE].map((to) => ['shared', to]),
  ...[...FOLDERS.map(of), 'dashboard', 'sandbox', 'scripts', 'tests'].map((to) => ['workers/ingest', to]),
  ...[...FOLDERS.map(of), 'workers/ingest', 'dashboard', 'scripts', 'tests'].map((to) => ['sandbox', to]),
  ...[...FOLDERS.map(of), 'workers/ingest', 'sandbox', 'scripts', 'tests'].map((to) => ['dashboard', to]),
  ...Object.entries(INNER).flatMap(([from, allowed]) => [
    ...FOLDERS.filter((to) => !allowed.includes(to)).map((to) => [of(from), of(to)]),
    ...ELSEWHERE.map((to) => [of(from), to]),
  ]),
  ...Object.keys(INNER).flatMap((to) =>
    FOLDERS.filter(
      (from) => !to.startsWith(`${from}/`) && !CONSUMER[from]?.some((one) => to.startsWith(`${one}/`)),
    ).map((from) => [of(from), of(to)]),
  ),
  ['scripts', 'tests'],
] as [string, string][];
const ALLOWED = [
  ...FOLDERS.flatMap((from) => CONSUMER[from]?.map((to) => [of(from), of(to)]) ?? []),
  ...[...FOLDERS.map(of), 'workers/ingest', 'dashboard', 'sandbox', 'scripts'].map((from) => [from, 'shared']),
  ...Object.entries(INNER).flatMap(([from, allowed]) => [...allowed.map(of), 'shared'].map((to) => [of(from), to])),
  ...Object.keys(INNER).flatMap((to) =>
    FOLDERS.filter((from) => CONSUMER[from]?.some((one) => to.startsWith(`${one}/`))).map((from) => [of(from), of(to)]),
  ),
  [of('operator'), 'dashboard'],
] as [string, string][];

const root = mkdtempSync(join(tmpdir(), 'boundaries-'));
let refused: Set<string>;

const fileOf = ([from, to]: [string, string]) => `${from}/to-${to.replaceAll('/', '-')}.ts`;

function plant(path: string, text: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeAll(async () => {
  copyFileSync('biome.json', join(root, 'biome.json'));
  for (const pair of [...FORBIDDEN, ...ALLOWED]) {
    plant(`${pair[1]}/target.ts`, 'export const target = 1;\n');
    plant(
      fileOf(pair),
      `import { target } from '${posix.relative(pair[0], pair[1])}/target.ts';\n\nexport const one = target;\n`,
    );
  }
  plant('shared/circle.ts', "import type { Two } from './back.ts';\n\nexport type One = Two | null;\n");
  plant('shared/back.ts', "import type { One } from './circle.ts';\n\nexport type Two = One[];\n");
  const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'];
  const told = await new Promise<string>((done) => {
    execFile('biome', args, { cwd: root, maxBuffer: 64e6 }, (_, stdout) => done(stdout));
  });
  const { diagnostics } = JSON.parse(told) as { diagnostics: { category: string; location: { path: unknown } }[] };
  refused = new Set(
    diagnostics.map(
      ({ category, location }) => `${category} ${JSON.stringify(location.path).replace(/.*?"([^"]*\.ts)".*/, '$1')}`,
    ),
  );
});

afterAll(() => rmSync(root, { recursive: true }));

test.each(FORBIDDEN)('%s imports nothing from %s', (...pair) => {
  expect(refused).toContain(`lint/style/noRestrictedImports ${fileOf(pair)}`);
});

test.each(ALLOWED)('%s may import from %s', (...pair) => {
  expect(refused).not.toContain(`lint/style/noRestrictedImports ${fileOf(pair)}`);
});

test('a circle is refused, of types too', () => {
  expect(refused).toContain('lint/suspicious/noImportCycles shared/circle.ts');
});
