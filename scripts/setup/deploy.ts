// Steps: both workers. Deploying what is deployed changes nothing, so it is done each time: settings and code are then the newest.

import { rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { version } from '../command/command.ts';
import { CONSUMER_CONFIG, INGEST_CONFIG, readValue, saveValue } from './config-file.ts';
import { domainOf } from './questions/domain.ts';
import { madeAnew, noteSet, requiredSecrets, setLine, type Value } from './secrets.ts';
import { type Found, mustSucceed, type SetupContext, type Step } from './step.ts';
import type { Ran } from './wrangler.ts';

const Deployed = v.object({ type: v.literal('deploy'), targets: v.array(v.string()) });

export const consumer: Step = {
  title: 'Consumer worker',
  why: 'Processes the queues and has no public address. Comes first because ingest is bound to it.',
  commands: [`wrangler deploy -c ${CONSUMER_CONFIG}`],
  async run(context, found) {
    const { lines } = await deploy(CONSUMER_CONFIG, context, found);
    return ['contact-consumer is deployed.', ...lines];
  },
};

export const ingest: Step = {
  title: 'Ingest worker',
  why: 'Receives webhooks and the operator’s requests. Its address is public.',
  commands: [
    `wrangler deploy -c ${INGEST_CONFIG} (with --secrets-file, while secrets that it requires are not set)`,
    `wrangler deploy -c ${CONSUMER_CONFIG} (once more, if the address was not known before)`,
  ],
  async run(context, found) {
    const { addresses, lines } = await deploy(INGEST_CONFIG, context, found);
    const [given] = addresses;
    const domain = await domainOf(context.folder);
    found.url = domain === null ? (given ?? null) : `https://${domain}`;
    const told = await tellConsumer(context, found);
    return [`contact-ingest is deployed${found.url ? ` at ${found.url}` : ''}.`, ...lines, ...told];
  },
};

/** Alerts name the address of the dashboard. At workers.dev it is known only now. What a person has set stays. */
async function tellConsumer(context: SetupContext, found: Found): Promise<string[]> {
  const { url } = found;
  if (url === null || (await readValue(context.folder, CONSUMER_CONFIG, 'DASHBOARD_URL')) !== '') return [];
  await saveValue(context.folder, CONSUMER_CONFIG, 'DASHBOARD_URL', url);
  await deploy(CONSUMER_CONFIG, context, found);
  return [`DASHBOARD_URL is ${url}: written into ${CONSUMER_CONFIG}, and contact-consumer is deployed with it.`];
}

const ADVICE =
  'The worker cannot be deployed. On a new account a workers.dev name must be chosen first: open Workers & Pages in the Cloudflare dashboard once. A domain of your own must be a zone of this account, and the host name must not have a DNS record yet.';

/** What wrangler says on the free plan (docs/vendors.md, Cloudflare: the free plan). */
const NO_LIMITS = /code: 100328|CPU limits are not supported/i;
const FREE_PLAN =
  'This account has the free plan of Workers, which takes no limit of CPU time. Switch it to the paid plan (Workers & Pages > Plans). To try the pipeline on the free one, take "limits" out of';

interface DeployedWorker {
  /** At workers.dev. */
  addresses: string[];
  /** What was done beside. */
  lines: string[];
}

/** wrangler writes what it did into a file (WRANGLER_OUTPUT_FILE_PATH), one JSON object a line. */
async function deploy(file: string, context: SetupContext, found: Found): Promise<DeployedWorker> {
  const secrets = await requiredSecrets(file, context, found);
  // Only this user may look into it.
  const folder = await mkdtemp(join(tmpdir(), 'setup-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // Ctrl-C ends the process at once, and no `finally` is reached then.
  process.once('exit', remove);
  const output = join(folder, 'output');
  try {
    const args = ['deploy', '-c', file, '--tag', version(), ...(await secretsFile(secrets, folder))];
    const ran = await context.wrangler.run(args, { env: { WRANGLER_OUTPUT_FILE_PATH: output } });
    mustSucceed(ran, `${NO_LIMITS.test(ran.said) ? `${FREE_PLAN} ${file}.` : ADVICE}${madeAnew(secrets)}`);
    noteSet(secrets, found);
    const written = await readFile(output, 'utf8').catch(() => '');
    const targets = written.split('\n').flatMap(targetsIn);
    const addresses = (targets.length > 0 ? targets : addressesIn(ran)).map((target) => target.replace(/\/+$/, ''));
    return { addresses, lines: secrets.map(setLine) };
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** A worker that is not there yet takes the secrets that it requires with its first version, and from a file only (docs/vendors.md, Cloudflare: versions). */
async function secretsFile(secrets: Value[], folder: string): Promise<string[]> {
  if (secrets.length === 0) return [];
  const path = join(folder, 'secrets.json');
  await writeFile(path, JSON.stringify(Object.fromEntries(secrets.map(({ name, value }) => [name, value]))));
  return ['--secrets-file', path];
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
