// What wrangler deploys, read from both configurations by wrangler itself.

import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { unstable_readConfig } from 'wrangler';

const CONFIGS = ['wrangler.ingest.jsonc', 'wrangler.consumer.jsonc'];
const read = (file: string) => unstable_readConfig({ config: resolve(import.meta.dirname, '../../..', file) });

// By default a worker with an address keeps every earlier version reachable, with the secrets of that version.
test.each(CONFIGS)('%s: earlier versions have no public address', (file) => {
  expect(read(file).preview_urls).toBe(false);
});

// An address of CallTools' notices holds their token, and lines beside ours would be paid for twice.
test.each(CONFIGS)('%s: Cloudflare keeps our lines, and none of its own about each invocation', (file) => {
  expect(read(file).observability).toMatchObject({ enabled: true, logs: { enabled: true, invocation_logs: false } });
});

// What may be left out must not stand there: wrangler deploys nothing while one is not set.
test('only the secret that nobody can do without is required', () => {
  expect(CONFIGS.map((file) => read(file).secrets)).toEqual([{ required: ['ADMIN_TOKEN'] }, undefined]);
});

test('an endless loop in ingest is ended after a second', () => {
  expect(read('wrangler.ingest.jsonc').limits).toEqual({ cpu_ms: 1000 });
});

test('only ingest has a public address', () => {
  expect(CONFIGS.map((file) => read(file).workers_dev)).toEqual([true, false]);
});
