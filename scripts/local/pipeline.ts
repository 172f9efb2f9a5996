// The whole pipeline on one machine: both workers, queues, D1 and the sandbox, as one value that can be closed.

import { createLog } from '../../shared/log.ts';
import type { Sandbox, SandboxOptions } from '../../tests/sandbox/sandbox.ts';
import { forgetLastRun, forgetLastWorkerd } from './after-kill.ts';
import { type Bundles, bundleWorkers } from './bundle.ts';
import { createCrons } from './crons.ts';
import { type Database, migrate } from './migrations.ts';
import { guardWorkerd } from './orphan-guard.ts';
import { type QueueTimes, startRuntime } from './runtime.ts';
import { keepSecrets } from './secrets.ts';
import {
  checkSettings,
  consumerValues,
  type Environment,
  ingestValues,
  readEnvironment,
  type Values,
} from './settings.ts';
import { openWorld } from './state-folder.ts';
import {
  completeValues,
  connectWebhooks,
  openSandbox,
  type StandIns,
  sandboxAddresses,
  standInsFor,
} from './vendors.ts';

export interface PipelineOptions {
  /** Of ingest; 0 is any free port. The sandbox takes the next one if it is free. */
  port?: number;
  /** Keeps secrets, D1 and the sandbox's memory over restarts; all is in memory without it. */
  stateFolder?: string;
  /** Settings of the workers, such as process.env. Vendors whose base URL is not set are played by the sandbox. */
  env?: Environment;
  /** Takes each line that a worker logs. */
  log?: (line: string) => void;
  /** True fires cron triggers when they are due; else only `runCron` does. */
  followClock?: boolean;
  /** How the sandbox's vendors behave. */
  sandbox?: Pick<SandboxOptions, 'ghlSettings' | 'callToolsSettings'>;
  /** In place of the configuration's times, for tests in a hurry. Seconds. */
  queues?: QueueTimes;
  /** Made beforehand with `bundleWorkers`, where many pipelines are started. */
  bundles?: Bundles;
  /** Gives up the start. */
  signal?: AbortSignal;
}

export interface Pipeline {
  /** Of ingest, without a slash at the end. */
  url: string;
  locationId: string;
  adminToken: string;
  webhookSecret: string;
  workflowToken: string;
  /** Which vendors the sandbox plays. */
  standIns: StandIns;
  /** Null when it plays none. */
  sandbox: Sandbox | null;
  database: Database;
  /** Fires a cron trigger now, in every worker that has it, and waits until it was handled. */
  runCron(cron: string): Promise<void>;
  /** Ends every process and server. */
  close(): Promise<void>;
}

/** Starts all of it. A setting that cannot be used is a WrongSetting, and then nothing is left running. */
export async function startPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const { port = 0, stateFolder, env = {}, log = () => {}, followClock = false, signal, queues } = options;
  await using started = new AsyncDisposableStack();

  // 1. Settings, as far as they do not depend on what runs.
  const given = readEnvironment(env);
  const standIns = standInsFor(given);
  const secrets = await keepSecrets(stateFolder);
  const bundles = options.bundles ?? (await bundleWorkers(signal));
  const { ingest, consumer } = bundles;
  const known = completeValues({ ...namedLocation(bundles), ...given }, standIns, secrets);
  const { GHL_LOCATION_ID: locationId = '' } = known;

  // 2. The vendors.
  const world = stateFolder === undefined ? undefined : await openWorld(stateFolder, given, locationId);
  if (world) started.defer(() => world.release());
  const needed = standIns.goHighLevel || standIns.callTools;
  const sandboxOptions = {
    ...options.sandbox,
    ...(env.SANDBOX_CALLTOOLS_DUPLICATES === 'create' && { callToolsSettings: { duplicateMode: 'create' as const } }),
    port: port === 0 ? 0 : (port + 1) % 65_536,
    ...(world && { stateFile: world.sandboxFile }),
  };
  const sandbox = needed ? await openSandbox({ ...consumer.config.vars, ...known }, sandboxOptions) : null;
  if (sandbox) started.defer(() => sandbox.close());
  const values: Values = { ...known, ...(sandbox && sandboxAddresses(sandbox, standIns)) };
  await checkSettings({ ...ingest.config.vars, ...values }, { ...consumer.config.vars, ...values });
  signal?.throwIfAborted();

  // 3. The workers.
  started.defer(guardWorkerd());
  const { miniflare, url } = await startRuntime({
    ...{ bundles, port, queues, log },
    ingest: ingestValues(values),
    consumer: consumerValues(values),
    databaseFolder: world?.databaseFolder,
    async onRestart() {
      await forgetLastWorkerd(await databaseOf());
      createLog({ worker: 'local' }, log)('local.workerd_restarted', { detail: LOST_WITH_WORKERD });
    },
  });
  started.defer(() => miniflare.dispose());
  // Asked for each time it is needed: one that was asked for before a restart of workerd is of no use after it.
  const databaseOf = () => miniflare.getD1Database('DB', consumer.config.name);
  const database = await databaseOf();
  await migrate(database, consumer.config);
  await forgetLastRun(database);
  signal?.throwIfAborted();

  // 4. What makes them work.
  if (sandbox && standIns.goHighLevel) await connectWebhooks(sandbox, url, secrets);
  const crons = createCrons(miniflare, bundles);
  if (followClock) started.defer(crons.followClock(log));
  const running = started.move();
  return {
    ...{ url, locationId, standIns, sandbox, database },
    adminToken: values.ADMIN_TOKEN ?? '',
    webhookSecret: values.GHL_WEBHOOK_SECRET ?? '',
    workflowToken: values.GHL_WORKFLOW_TOKEN ?? '',
    runCron: crons.run,
    close: () => running.disposeAsync(),
  };
}

const LOST_WITH_WORKERD =
  'workerd died and was started again; what waited in its queues is gone (not so on Cloudflare): POST /sync/trigger brings it back';

/** The location that wrangler's configuration names, once a person has filled it in. */
function namedLocation({ consumer, ingest }: Bundles): Values {
  const id = consumer.config.vars.GHL_LOCATION_ID || ingest.config.vars.GHL_LOCATION_ID;
  return typeof id === 'string' && id !== '' ? { GHL_LOCATION_ID: id } : {};
}
