// The whole pipeline on one machine: both workers, queues, D1 and the sandbox, as one value that can be closed.

import type { Miniflare } from 'miniflare';
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts';
import { createLog } from '../../shared/log.ts';
import { forgetLastRun, forgetLastWorkerd } from './after-kill.ts';
import { type Bundles, bundleWorkers } from './bundle.ts';
import { type Closing, opening } from './closing.ts';
import { createCrons } from './crons.ts';
import { type LocalLocation, openLocations, readLocalLocations } from './locations.ts';
import { type Database, migrate } from './migrations.ts';
import { guardWorkerd } from './orphan-guard.ts';
import { type QueueTimes, startRuntime } from './runtime.ts';
import { keepSecrets, type Secrets } from './secrets.ts';
import {
  checkSettings,
  consumerValues,
  type Environment,
  ingestValues,
  readEnvironment,
  type Values,
} from './settings.ts';
import { openWorld, type World } from './state-folder.ts';
import {
  completeValues,
  connectWebhooks,
  openSandbox,
  type StandIns,
  sandboxAddresses,
  standInsFor,
} from './vendors.ts';

/** How a local pipeline is started. */
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
  /** Opens workerd's inspector at this port; 0 is any free one. */
  inspectorPort?: number;
  /** Gives up the start. */
  signal?: AbortSignal;
}

/** A local pipeline that runs. */
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
  /** By location: that one, and those of the locations in LOCATIONS. */
  sandboxes: ReadonlyMap<string, Sandbox>;
  database: Database;
  /** Of the inspector; null unless it was asked for. */
  inspector: URL | null;
  /** Fires a cron trigger, now or as if it were `at`, in every worker that has it, and waits until it was handled. */
  runCron(cron: string, at?: Date): Promise<void>;
  /** Ends every process and server. */
  close(): Promise<void>;
}

/** Starts all of it. A setting that cannot be used is a WrongSetting, and then nothing is left running. */
export function startPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  return opening((closing) => start(options, closing));
}

async function start(options: PipelineOptions, started: Closing): Promise<Pipeline> {
  const { port = 0, stateFolder, env = {}, log = () => {}, followClock = false, signal, queues } = options;

  // 1. Settings, as far as they do not depend on what runs.
  const given = readEnvironment(env);
  const secrets = await keepSecrets(stateFolder);
  const bundles = options.bundles ?? (await bundleWorkers(signal));
  const { ingest, consumer } = bundles;
  const plan = planLocations(given, bundles, secrets);
  const { locationId } = plan;

  // 2. The vendors.
  const world = stateFolder === undefined ? undefined : await openWorld(stateFolder, given, locationId, plan.others);
  if (world) started.defer(() => world.release());
  const { sandboxes, playGoHighLevel, values } = await openVendors(plan, secrets, options, world, started);
  await checkSettings({ ...ingest.config.vars, ...values }, { ...consumer.config.vars, ...values });
  signal?.throwIfAborted();

  // 3. The workers.
  // Asked for each time it is needed: one that was asked for before a restart of workerd is of no use after it.
  const databaseOf = (miniflare: Miniflare) => miniflare.getD1Database('DB', consumer.config.name);
  started.defer(guardWorkerd());
  const { miniflare, url, inspector } = await startRuntime({
    bundles,
    port,
    queues,
    log,
    inspectorPort: options.inspectorPort,
    ingest: ingestValues(values),
    consumer: consumerValues(values),
    databaseFolder: world?.databaseFolder,
    async prepare(miniflare) {
      const database = await databaseOf(miniflare);
      await migrate(database, consumer.config);
      await forgetLastRun(database);
    },
    async onRestart() {
      await forgetLastWorkerd(await databaseOf(miniflare));
      createLog({ worker: 'local' }, log)('local.workerd_restarted', { detail: LOST_WITH_WORKERD });
    },
  });
  started.defer(() => miniflare.dispose());
  const database = await databaseOf(miniflare);
  signal?.throwIfAborted();

  // 4. What makes them work.
  for (const one of playGoHighLevel) await connectWebhooks(one, url, secrets);
  const crons = createCrons(miniflare, bundles);
  if (followClock) started.defer(crons.followClock(log));
  return {
    url,
    locationId,
    database,
    sandboxes,
    inspector,
    standIns: plan.standIns,
    sandbox: sandboxes.get(locationId) ?? null,
    adminToken: values.ADMIN_TOKEN ?? '',
    webhookSecret: values.GHL_WEBHOOK_SECRET ?? '',
    workflowToken: values.GHL_WORKFLOW_TOKEN ?? '',
    runCron: crons.run,
    close: () => started.close(),
  };
}

const LOST_WITH_WORKERD =
  'workerd died and was started again; what waited in its queues is gone (not so on Cloudflare): POST /sync/trigger brings it back';

interface Plan {
  /** The one at the top of the settings; where there is none, the first in LOCATIONS. */
  locationId: string;
  standIns: StandIns;
  /** Those in LOCATIONS. */
  others: LocalLocation[];
  /** True where the top of the settings names no location, but LOCATIONS does. */
  noneAtTop: boolean;
  known: Values;
  /** Wrangler's, for the consumer. */
  vars: object;
}

function planLocations(given: Values, bundles: Bundles, secrets: Secrets): Plan {
  const { vars } = bundles.consumer.config;
  const named = { ...namedLocation(bundles), ...given };
  const others = readLocalLocations(given.LOCATIONS ?? vars.LOCATIONS, given);
  const [first] = others;
  if (first && !named.GHL_LOCATION_ID) {
    const known = completeValues(named, { goHighLevel: false, callTools: false }, secrets);
    return { locationId: first.id, standIns: first.standIns, others, noneAtTop: true, known, vars };
  }
  const standIns = standInsFor(given);
  const known = completeValues(named, standIns, secrets);
  return { locationId: known.GHL_LOCATION_ID ?? '', standIns, others, noneAtTop: false, known, vars };
}

interface Vendors {
  /** By location. */
  sandboxes: Map<string, Sandbox>;
  /** Those that send webhooks. */
  playGoHighLevel: Sandbox[];
  values: Values;
}

/** Opens the sandboxes that are needed, to be closed with the rest; the settings now tell of every vendor's address. */
async function openVendors(
  { locationId, standIns, others, noneAtTop, known, vars }: Plan,
  secrets: Secrets,
  { port = 0, env = {}, sandbox: behaviour = {} }: PipelineOptions,
  world: World | undefined,
  started: Closing,
): Promise<Vendors> {
  const sandboxes = new Map<string, Sandbox>();
  const playGoHighLevel: Sandbox[] = [];
  const onOpen = (sandbox: Sandbox, location: Pick<LocalLocation, 'id' | 'standIns'>) => {
    started.defer(() => sandbox.close());
    sandboxes.set(location.id, sandbox);
    if (location.standIns.goHighLevel) playGoHighLevel.push(sandbox);
  };
  let values = known;
  if (!noneAtTop && (standIns.goHighLevel || standIns.callTools)) {
    const sandbox = await openSandbox(
      { ...vars, ...known },
      {
        ...behaviour,
        ...(env.SANDBOX_CALLTOOLS_DUPLICATES === 'create' && {
          callToolsSettings: { duplicateMode: 'create' as const },
        }),
        port: port === 0 ? 0 : (port + 1) % 65_536,
        ...(world && { stateFile: world.sandboxFile() }),
      },
    );
    onOpen(sandbox, { id: locationId, standIns });
    values = { ...values, ...sandboxAddresses(sandbox, standIns) };
  }
  if (others.length > 0) {
    const fileOf = (id: string) => world?.sandboxFile(id);
    const ofOthers = await openLocations(others, { vars, known, secrets, sandbox: behaviour, fileOf, onOpen });
    values = { ...values, ...ofOthers };
  }
  return { sandboxes, playGoHighLevel, values };
}

/** The location that wrangler's configuration names, once a person has filled it in. */
function namedLocation({ consumer, ingest }: Bundles): Values {
  const id = consumer.config.vars.GHL_LOCATION_ID || ingest.config.vars.GHL_LOCATION_ID;
  return typeof id === 'string' && id !== '' ? { GHL_LOCATION_ID: id } : {};
}
