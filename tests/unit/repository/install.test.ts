// What npm ci installs, and what the workflows run: fixed versions, nothing that is fetched outside the lockfile.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  version: string;
  integrity?: string;
  hasInstallScript?: true;
  os?: string | string[];
  cpu?: string | string[];
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  optionalDependencies: Record<string, string>;
};
const NODE = readFileSync('.node-version', 'utf8').trim();

test.each([
  ['linux', 'x64'],
  ['linux', 'arm64'],
  ['darwin', 'x64'],
  ['darwin', 'arm64'],
])('Node for %s on %s is locked with integrity, and runs no script', (os, cpu) => {
  const name = Object.keys(optionalDependencies).find((one) => one.endsWith(`${os}-${cpu}`)) ?? '';
  const { version, integrity, hasInstallScript, ...locked } = packages[`node_modules/${name}`] ?? { version: 'none' };
  expect([optionalDependencies[name], version, [locked.os].flat(), [locked.cpu].flat()]).toEqual([
    NODE,
    NODE,
    [os],
    [cpu],
  ]);
  expect(integrity).toMatch(/^sha512-/);
  expect(hasInstallScript).toBeUndefined();
});

test('this suite runs on that Node', () => {
  expect(process.version).toBe(`v${NODE}`);
});

test('every package is locked with integrity, and none with an address', () => {
  const bare = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && integrity === undefined);
  expect(bare.map(([path]) => path)).toEqual([]);
  expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
});

test('every action is pinned by its commit', () => {
  for (const name of readdirSync('.github/workflows')) {
    const uses = [...readFileSync(`.github/workflows/${name}`, 'utf8').matchAll(/uses: (.*)/g)].map(
      ([, what = '']) => what,
    );
    const loose = uses.filter((what) => !what.startsWith('./') && !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v/.test(what));
    expect(loose).toEqual([]);
  }
});
