// A real browser for tests: the Chromium or Chrome that this machine has. None is downloaded.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

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
export function startBrowser(): Promise<Browser> {
  const executablePath = process.env.BROWSER_PATH ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined || !existsSync(executablePath)) throw new Error(MISSING);
  // Chromium's sandbox does not start for root, as in a container; and containers have a small /dev/shm.
  const args = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : [];
  return chromium.launch({ executablePath, args });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it is now, one line each. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}
