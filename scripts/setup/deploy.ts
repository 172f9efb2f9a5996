// Steps: both workers. Deploying what is deployed changes nothing, so it is done each time: settings and code are then the newest.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { CONSUMER_CONFIG, INGEST_CONFIG } from './config-file.ts';
import { mustSucceed, type SetupContext, type Step } from './step.ts';
import type { Ran } from './wrangler.ts';

const Deployed = v.object({ type: v.literal('deploy'), targets: v.array(v.string()) });

export const consumer: Step = {
  title: 'Consumer worker',
  why: 'Processes the queues and has no public address. Comes first because ingest is bound to it.',
  commands: [`wrangler deploy -c ${CONSUMER_CONFIG}`],
  async run(context) {
    await deploy(CONSUMER_CONFIG, context);
    return ['contact-consumer is deployed.'];
  },
};

export const ingest: Step = {
  title: 'Ingest worker',
  why: 'Receives webhooks and the operator’s requests. Its address is public.',
  commands: [`wrangler deploy -c ${INGEST_CONFIG}`],
  async run(context, found) {
    const [url] = await deploy(INGEST_CONFIG, context);
    found.url = url ?? null;
    return [`contact-ingest is deployed${url ? ` at ${url}` : ''}.`];
  },
};

const ADVICE =
  'The worker cannot be deployed. On a new account a workers.dev name must be chosen first: open Workers & Pages in the Cloudflare dashboard once.';

/** Deploys the worker of this file. Returns its addresses: wrangler writes what it did into a file (WRANGLER_OUTPUT_FILE_PATH), one JSON object a line. */
export async function deploy(file: string, { wrangler }: SetupContext): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'setup-'));
  const output = join(folder, 'output');
  try {
    const ran = await wrangler.run(['deploy', '-c', file], { env: { WRANGLER_OUTPUT_FILE_PATH: output } });
    mustSucceed(ran, ADVICE);
    const written = await readFile(output, 'utf8').catch(() => '');
    const targets = written.split('\n').flatMap(targetsIn);
    return (targets.length > 0 ? targets : addressesIn(ran)).map((target) => target.replace(/\/+$/, ''));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Crons and queues are targets too, but no addresses. */
function targetsIn(line: string): string[] {
  if (line.trim() === '') return [];
  const entry = v.safeParse(Deployed, JSON.parse(line));
  return entry.success ? entry.output.targets.filter((target) => /^https:\/\/\S+$/.test(target)) : [];
}

function addressesIn({ said }: Ran): string[] {
  return said.match(/https:\/\/\S+\.workers\.dev\b/g) ?? [];
}
