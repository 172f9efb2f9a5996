// A real browser for tests: the Chromium or Chrome of this machine, or on Linux the one that npm ci has brought.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const MISSING =
  'No browser was found. Install Chromium (Debian, Ubuntu: apt-get install chromium) or Chrome, or set BROWSER_PATH to one.';

/** Throws where there is no browser, with what to do about it. */
export async function startBrowser(): Promise<Browser> {
  // Chromium's sandbox does not start for root, as in a container; and containers have a small /dev/shm.
  const args = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : [];
  const installed = process.env.BROWSER_PATH ?? PLACES.find((path) => existsSync(path));
  if (installed !== undefined && existsSync(installed)) return chromium.launch({ executablePath: installed, args });
  if (installed !== undefined || process.platform !== 'linux' || process.arch !== 'x64') throw new Error(MISSING);
  return chromium.launch(await bundled(args));
}

/** Without a locale the browser makes up a language tag that Intl refuses. */
const ENGLISH = { LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' };

/** The browser of the package, with the libraries and fonts that a machine without a desktop lacks. */
async function bundled(args: string[]): Promise<LaunchOptions> {
  const folder = await unpacked();
  return {
    executablePath: join(folder, 'chromium'),
    // The package has Chromium's headless shell alone. Without a user namespace its sandbox does not start.
    args: [...args, '--headless=shell', '--no-sandbox', '--no-zygote', '--disable-gpu'],
    env: {
      ...process.env,
      ...ENGLISH,
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  };
}

/** Unpacks it once for each version: that takes some seconds and 300 MB. */
async function unpacked(): Promise<string> {
  const home = resolve(createRequire(import.meta.url).resolve('@sparticuz/chromium'), '../..');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const browsers = resolve(import.meta.dirname, '../../.local/browser');
  const folder = join(browsers, version);
  if (existsSync(folder)) return folder;
  await mkdir(browsers, { recursive: true });
  const making = await mkdtemp(join(browsers, 'making-'));
  // The package unpacks into the folder for temporary files, so a process of its own does it.
  const archives = ['chromium.br', 'al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br'];
  const code = `import { inflate } from '@sparticuz/chromium';
    for (const archive of ${JSON.stringify(archives.map((name) => join(home, 'bin', name)))}) await inflate(archive);`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: making },
  });
  // The package's own names the folder of a machine in the cloud.
  await writeFile(join(making, 'fonts.conf'), `<fontconfig><dir>${join(folder, 'fonts')}</dir></fontconfig>\n`);
  // Another run may have been faster.
  await rename(making, folder).catch(() => rm(making, { recursive: true }));
  return folder;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules whose outcome depends on colours. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** What axe finds wrong with the page as it is now, one line each. `coloursOnly`: the same page was looked at in other colours. */
export async function violationsOf(page: Page, { coloursOnly = false } = {}): Promise<string[]> {
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(AXE);
  const options = coloursOnly ? { runOnly: { type: 'rule', values: OF_COLOURS } } : {};
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}
