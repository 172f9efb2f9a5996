// Runs both workers in workerd, with queues and D1, wired as their wrangler configurations say.

import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type MiniflareOptions,
  type WorkerdStructuredLog,
} from 'miniflare';
import type { Bundle, Bundles } from './bundle.ts';
import type { Values } from './settings.ts';
import { WrongSetting } from './wrong-setting.ts';

/** What Miniflare runs. */
export interface RuntimeOptions {
  bundles: Bundles;
  /** Settings on top of the `vars` of each configuration. */
  ingest: Values;
  consumer: Values;
  /** Of ingest; 0 is any free port. */
  port: number;
  /** Undefined keeps D1 in memory. */
  databaseFolder: string | undefined;
  /** In place of what the configuration says of every queue consumer, for tests in a hurry. Seconds. */
  queues: QueueTimes | undefined;
  /** Undefined opens none; 0 is any free port. */
  inspectorPort: number | undefined;
  log(line: string): void;
  /** Called before anything is answered at `port`. A caller that reaches the port finds all that the workers need. */
  prepare(miniflare: Miniflare): Promise<void>;
  /** Called when workerd had died and Miniflare has started another, at the same address. */
  onRestart(): Promise<void>;
}

/** Times of the queue consumers, in seconds. */
export interface QueueTimes {
  maxBatchSize?: number;
  maxBatchTimeout?: number;
  retryDelay?: number;
}

/** Both workers, running. */
export interface Runtime {
  miniflare: Miniflare;
  /** Without a slash at the end. */
  url: string;
  inspector: URL | null;
}

/** Starts workerd. Throws a WrongSetting when the port is taken. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { port, databaseFolder, inspectorPort, log, prepare, onRestart } = options;
  const workers = await workerOptions(options);
  const at = (port: number): MiniflareOptions => ({
    ...workers,
    host: '127.0.0.1',
    port,
    // Do not look up this machine's location: that would use the network.
    cf: false,
    telemetry: { enabled: false },
    logRequests: false,
    log: new LineLog(log),
    handleStructuredLogs: ({ message }: WorkerdStructuredLog) => log(message),
    unsafeHandleRuntimeRestart: onRestart,
    ...(databaseFolder !== undefined && { resourcePersistencePath: databaseFolder }),
    ...(inspectorPort !== undefined && { inspectorPort }),
  });
  // At a port that nobody knows, until it is prepared.
  const miniflare = keepingSignals(() => new Miniflare(at(0)));
  try {
    await miniflare.ready;
    await prepare(miniflare);
    if (port !== 0) await miniflare.setOptions(at(port));
    const { origin } = await miniflare.ready;
    return {
      miniflare,
      url: origin,
      inspector: inspectorPort === undefined ? null : await miniflare.getInspectorURL(),
    };
  } catch (error) {
    await miniflare.dispose().catch(() => {});
    const taken = error instanceof Error && 'code' in error && error.code === 'ERR_ADDRESS_IN_USE';
    if (!taken) throw error;
    throw new WrongSetting(`PORT ${port} is in use: stop what listens there, or set PORT to another one`);
  }
}

/**
 * Takes back the signal handlers that Miniflare adds. They end the process on the spot with a code above 128; when and how to
 * end is reported by the command that started the pipeline.
 */
function keepingSignals<T>(create: () => T): T {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = new Set(signals.flatMap((signal) => process.listeners(signal)));
  const created = create();
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) if (!before.has(listener)) process.off(signal, listener);
  }
  return created;
}

/** Miniflare's own warnings, such as a restart of workerd, as lines. */
class LineLog extends Log {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    super(LogLevel.WARN);
    this.#write = write;
  }

  protected override log(message: string): void {
    this.#write(message);
  }
}

/** wrangler gives a worker's options in the form of Miniflare 4; Miniflare converts it. Ingest comes first, so it gets the port. */
async function workerOptions(options: RuntimeOptions): Promise<MiniflareOptions> {
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler');
  const worker = ({ config, script, texts }: Bundle, values: Values) => {
    // wrangler would look for the secrets in this machine's files and environment, and warn where they are not.
    const { secrets: _, ...withoutSecrets } = config;
    const { workerOptions } = unstable_getMiniflareWorkerOptions(withoutSecrets);
    const consumers = Object.entries(workerOptions.queueConsumers ?? {});
    return {
      ...workerOptions,
      name: config.name ?? '',
      modules: [
        { type: 'ESModule' as const, path: 'index.js', contents: script },
        ...[...texts].map(([path, contents]) => ({ type: 'Text' as const, path, contents })),
      ],
      // From the configuration alone: a .dev.vars file would send a local run to the vendors that it names.
      bindings: { ...config.vars, ...values },
      queueConsumers: Object.fromEntries(
        consumers.map(([name, consumer]) => [name, { ...consumer, ...options.queues }]),
      ),
    };
  };
  const { ingest, consumer } = options.bundles;
  return convertV4MiniflareOptions({ workers: [worker(ingest, options.ingest), worker(consumer, options.consumer)] });
}
