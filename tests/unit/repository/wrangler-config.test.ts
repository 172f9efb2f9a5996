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

// An address of CallTools' notices holds their token.
test('the log of requests that Cloudflare keeps does not hold the addresses of ingest', () => {
  expect(read('wrangler.ingest.jsonc').observability).toMatchObject({
    enabled: true,
    logs: { invocation_logs: false },
  });
});

test('only ingest has a public address', () => {
  expect(CONFIGS.map((file) => read(file).workers_dev)).toEqual([true, false]);
});
