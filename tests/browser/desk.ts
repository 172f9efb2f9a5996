// The dashboard on the real local pipeline, in a page of a real browser, and what the page did that it must not.

import type { Page } from 'playwright-core';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Pipeline, type PipelineOptions, startPipeline } from '../../scripts/local/pipeline.ts';
import { startBrowser, violationsOf } from './browser.ts';

/** For what the pipeline does by itself. */
export const SOON = { timeout: 20_000, interval: 50 };

export interface Desk {
  pipeline: Pipeline;
  sandbox: Sandbox;
  page: Page;
  /** Errors, what its policy forbids, and requests to other origins. */
  complaints: string[];
  close(): Promise<void>;
}

/** Nobody is logged in yet, and no page is open. */
export async function openDesk(env: NonNullable<PipelineOptions['env']>): Promise<Desk> {
  const [browser, pipeline] = await Promise.all([
    startBrowser(),
    startPipeline({ env, queues: { maxBatchTimeout: 0 } }),
  ]);
  const { sandbox } = pipeline;
  if (!sandbox) throw new Error('no sandbox');
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
  const complaints: string[] = [];
  page.setDefaultTimeout(SOON.timeout);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !/401|404|503/.test(text)) complaints.push(text);
  });
  page.on('request', (request) => {
    const { origin, protocol, href } = new URL(request.url());
    if (protocol !== 'data:' && origin !== pipeline.url) complaints.push(href);
    if (href.includes(pipeline.adminToken)) complaints.push('the token in an address');
  });
  const close = async () => {
    await browser.close();
    await pipeline.close();
  };
  return { pipeline, sandbox, page, complaints, close };
}

/** Opens an address of the dashboard and logs in, by default as the operator. */
export async function logIn({ page, pipeline }: Desk, token = pipeline.adminToken, address = '/'): Promise<void> {
  await page.goto(`${pipeline.url}${address}`);
  await page.getByLabel('Operator token').fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Contacts', exact: true }).waitFor();
}

/** CallTools refuses every new contact. */
export const NO_NEW_CONTACT = {
  match: { method: 'POST', path: '/api/contacts/' },
  do: { kind: 'status', status: 400, body: { zip_code: ['Ensure this field has no more than 10 characters.'] } },
} as const;

/** Widths that the dashboard is made for, px. */
export const WIDTHS = [360, 768, 1280, 1600];

/** With this variable each state that is looked at is drawn into this folder, at each width, in light and dark. */
const PICTURES = process.env.DASHBOARD_PICTURES;
let states = 0;

/** What is wrong with the page as it is now, in light and dark and at each width: axe's findings, and scrolling sideways. */
export async function flawsOf(
  page: Page,
  name = `${new URL(page.url()).pathname.split('/')[1] || 'home'}-${++states}`,
) {
  const flaws: string[] = [];
  const before = page.viewportSize();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      const wide = (await page.evaluate('document.documentElement.scrollWidth')) as number;
      if (wide > width) flaws.push(`${width}, ${colorScheme}: ${wide} px wide`);
      for (const flaw of await violationsOf(page, { coloursOnly: colorScheme === 'dark' }))
        flaws.push(`${width}, ${colorScheme}: ${flaw}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (before) await page.setViewportSize(before);
  return flaws;
}
