// One run for all levels, group after group: what only computes, what boots workerd and mostly waits for queues, and what needs the machine to itself.

import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// wrangler warns of secrets that are not set: tests bring their own.
process.env.WRANGLER_LOG ??= 'error';

/** Vendors are given up after a fraction of a second there: another test beside it would be an outage. */
const ALONE = 'tests/pipeline/half-open-network.test.ts';

/** Tests that boot workerd side by side: half their time is waiting for queues, so that more of them than cores go well together. */
const WAITING = 3;

/** They take a minute or two: begun last they would be waited for alone, and of a file's time its size, which vitest goes by, says little. */
const LONG = /\/(soak|vendor-trouble|start|start-ready|backstop|kill-restart|dashboard|plants)\.test\.ts$/;

/** Tests of ingest and of what both workers share that need SQLite or files. The others run in Node and in workerd: the two differ, in Web Crypto above all. */
const IN_NODE_ONLY = ['acknowledge', 'queue-trouble', 'secret-comparison'].map(
  (name) => `tests/unit/ingest/${name}.test.ts`,
);

/** Also run in workerd: Web Crypto, and the names and dates that come from the runtime, may differ there. */
const IN_BOTH = [
  'tests/unit/{ingest,shared}/**/*.test.ts',
  'tests/unit/domain/fields/{regions,field-conversion}.test.ts',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** With the date and flags that ingest is deployed with. The consumer, to which it is bound, is not there. */
const workerd = cloudflareTest({
  wrangler: { configPath: './wrangler.ingest.jsonc' },
  miniflare: { serviceBindings: { CONSUMER: () => new Response() } },
});

const group = (
  name: string,
  groupOrder: number,
  include: string[],
  exclude: string[],
  maxWorkers: number | string,
  isolate = true,
) => ({
  extends: true as const,
  test: { name, include, exclude, maxWorkers, isolate, sequence: { groupOrder } },
});

export default defineConfig({
  test: {
    testTimeout: 120_000,
    // node:sqlite is called experimental in Node 22.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    hookTimeout: 120_000,
    // A second, the default, is not enough beside other tests.
    expect: { poll: { timeout: 30_000 } },
    env: { WRANGLER_LOG: 'error' },
    sequence: { sequencer: LongFirst },
    projects: [
      // They share processes and what they load, which takes half the time. So no test may leave anything behind.
      group('unit', 0, ['tests/unit/**/*.test.ts'], [], '100%', false),
      {
        extends: true,
        test: {
          ...group('simulation', 0, ['tests/simulation/**/*.test.ts'], [], '100%').test,
          // Workers with a planted bug are loaded once each. Node takes a tenth of the time that vite does.
          server: { deps: { external: [/\.local\/plants\//] } },
        },
      },
      {
        ...group('runtime', 0, IN_BOTH, IN_NODE_ONLY, '100%'),
        plugins: [workerd],
      },
      group('booted', 1, ['tests/{worker,pipeline,browser}/**/*.test.ts'], [ALONE], WAITING),
      group('alone', 2, [ALONE], [], 1),
    ],
  },
});
