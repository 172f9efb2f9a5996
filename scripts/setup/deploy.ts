// Steps: both workers. Deploying what is deployed changes nothing, so it is done each time: settings and code are then the newest.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { CONSUMER_CONFIG, INGEST_CONFIG, readValue, saveValue } from './config-file.ts';
import { domainOf } from './questions/domain.ts';
import { type Found, mustSucceed, type SetupContext, type Step } from './step.ts';
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
  commands: [
    `wrangler deploy -c ${INGEST_CONFIG}`,
    `wrangler deploy -c ${CONSUMER_CONFIG} (once more, if the address was not known before)`,
  ],
  async run(context, found) {
    const [given] = await deploy(INGEST_CONFIG, context);
    const domain = await domainOf(context.folder);
    found.url = domain === null ? (given ?? null) : `https://${domain}`;
    const told = await tellConsumer(context, found);
    return [`contact-ingest is deployed${found.url ? ` at ${found.url}` : ''}.`, ...told];
  },
};

/** Alerts name the address of the dashboard. At workers.dev it is known only now. What a person has set stays. */
async function tellConsumer(context: SetupContext, { url }: Found): Promise<string[]> {
  if (url === null || (await readValue(context.folder, CONSUMER_CONFIG, 'DASHBOARD_URL')) !== '') return [];
  await saveValue(context.folder, CONSUMER_CONFIG, 'DASHBOARD_URL', url);
  await deploy(CONSUMER_CONFIG, context);
  return [`DASHBOARD_URL is ${url}: written into ${CONSUMER_CONFIG}, and contact-consumer is deployed with it.`];
}

const ADVICE =
  'The worker cannot be deployed. On a new account a workers.dev name must be chosen first: open Workers & Pages in the Cloudflare dashboard once. A domain of your own must be a zone of this account, and the host name must not have a DNS record yet.';

/** Returns its addresses at workers.dev: wrangler writes what it did into a file (WRANGLER_OUTPUT_FILE_PATH), one JSON object a line. */
async function deploy(file: string, { wrangler }: SetupContext): Promise<string[]> {
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
