// A large account's first day and the import of a large file: how they drain, against the least that the vendors' limits allow.

import type { RateLimit } from '../../sandbox/faults.ts';
import { DEFAULT_SETTINGS } from '../../sandbox/gohighlevel/settings.ts';
import { installSynchronousCrypto } from '../../sandbox/synchronous-crypto.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { READS_PER_MINUTE } from '../../workers/consumer/store/rate-limits.ts';
import type { Setup } from './history.ts';
import { operate } from './operate.ts';
import type { QueueName } from './queues.ts';
import { startCron } from './settle.ts';
import type { Violation } from './verdict.ts';
import { REAL_WORKERS } from './workers.ts';
import { createWorld, type World } from './world.ts';

/** `first-run`: a backstop run finds everybody missing. `file`: webhooks announce each row of an import, within a minute. */
export type ImportKind = 'first-run' | 'file';

export interface Import {
  kind: ImportKind;
  contacts: number;
  /** CallTools' limit, which the pipeline is not told. */
  callToolsLimit: RateLimit | null;
  onProgress?(placed: number): void;
}

export interface VendorCalls {
  count: number;
  /** The most in any 10 s. */
  densest: number;
  throttled: number;
}

/** What the operator was told at a share of the work, and how long it then took. */
export interface Estimate {
  share: number;
  /** Null where no end was in sight. */
  saidMinutes: number | null;
  /** Null where no bound was told either. */
  minutesAtMost: number | null;
  tookMinutes: number;
}

export interface Drained {
  placed: number;
  /** Until the last contact was placed. */
  seconds: number;
  /** One read a contact at the pace that the pipeline keeps with GoHighLevel, and the calls that CallTools got at its limit. */
  leastSeconds: number;
  /** The same at GoHighLevel's own limit, of which the pipeline leaves a part to other work. */
  leastAtLimitSeconds: number;
  webhooks: number;
  gohighlevel: VendorCalls;
  calltools: VendorCalls;
  /** Tries that counted as an attempt. */
  attempts: number;
  /** Works that were put off without one: for a vendor's pace, and for another batch that had the contact. */
  waits: number;
  busy: number;
  deadLetters: number;
  /** Messages whose deliveries were spent. */
  givenUp: number;
  violations: Violation[];
  mostWaiting: number;
  estimates: Estimate[];
}

const SEED = 1;
const SHARES = [0.1, 0.5, 0.9];
const WINDOW_MS = 10_000;
const LIMIT_MS = 48 * 3_600_000;
/** How long a webhook travels, ms. */
const ON_THE_WAY_MS = [10, 200] as const;

const QUEUE: Record<ImportKind, QueueName> = { 'first-run': 'contact-backstop', file: 'contact-events' };

/** An account as the guide describes it, in which nothing is odd. */
const SETUP: Setup = {
  rules: 'guide',
  callTools: {},
  phoneLookup: 'contacts',
  signature: 'ed25519',
  byHand: [],
  searchLagMs: 3000,
  searchHidesCallDnd: false,
  missingContactStatus: 404,
  pageSize: 500,
  verifyDays: 7,
  onlyOutage: true,
  flood: null,
  forms: null,
};

/** Runs one import from its start until nothing is left to do. */
export async function runImport({ kind, contacts, callToolsLimit, onProgress }: Import): Promise<Drained> {
  const restore = installSynchronousCrypto();
  try {
    const setup = { ...SETUP, flood: { callToolsLimit } };
    const world = createWorld({ seed: SEED, setup }, REAL_WORKERS, { watched: false });
    world.consumers.calm();
    startCron(world, { always: true });
    const isStarted = await (kind === 'first-run' ? startRun(world, contacts) : startFile(world, contacts));
    const ran = await drain(world, QUEUE[kind], contacts, isStarted, onProgress);
    return { ...ran, ...least(world, kind, contacts, callToolsLimit) };
  } finally {
    restore();
  }
}

/** True once all work has come in. */
type IsStarted = () => boolean;

async function startRun(world: World, contacts: number): Promise<IsStarted> {
  const { clock, gohighlevel } = world;
  for (let n = 0; n < contacts; n++) void gohighlevel.addContact(lead(n), { silent: true });
  await clock.runTo(clock.now + 2 * SETUP.searchLagMs);
  await operate(world, 'POST', '/sync/trigger');
  return () => true;
}

async function startFile(world: World, rows: number): Promise<IsStarted> {
  const { clock, gohighlevel, random } = world;
  let added = 0;
  gohighlevel.sendWebhooksTo({ url: '/webhook/ghl', sign: world.sign, fetch: network as typeof fetch });
  async function network(path: string, { body, headers }: RequestInit): Promise<Response> {
    await clock.wait(random.int(...ON_THE_WAY_MS));
    const answer = await world.request(path, { method: 'POST', body: body ?? null, headers: headers ?? {} });
    if (answer === null) throw new TypeError('fetch failed');
    return answer;
  }
  for (let n = 0; n < rows; n++)
    clock.after((n * MINUTE_MS) / rows, () => {
      void gohighlevel.addContact(lead(n));
      added++;
    });
  return () => added === rows;
}

function lead(n: number) {
  return { firstName: `Name${n}`, phone: `+1305${2_000_000 + n}`, tags: ['cold lead'] };
}

type Ran = Omit<Drained, 'leastSeconds' | 'leastAtLimitSeconds'>;

async function drain(
  world: World,
  queue: QueueName,
  contacts: number,
  isStarted: IsStarted,
  onProgress: Import['onProgress'],
): Promise<Ran> {
  const { clock, counts, queues, traffic, sqlite, gohighlevel, violations } = world;
  const startedAt = clock.now;
  let [placed, drainedAt, mostWaiting] = [0, startedAt, 0];
  const until = (over: () => boolean) =>
    clock.runUntil(() => {
      mostWaiting = Math.max(mostWaiting, queues.size(queue));
      if (counts.placed.size > placed) {
        [placed, drainedAt] = [counts.placed.size, clock.now];
        onProgress?.(placed);
      }
      return over();
    }, startedAt + LIMIT_MS);

  const looks: (Omit<Estimate, 'tookMinutes'> & { at: number })[] = [];
  for (const share of SHARES) {
    await until(() => placed >= share * contacts);
    const overview = (await operate(world, 'GET', '/api/v1/overview')) as Overview;
    looks.push({ share, at: clock.now, ...estimateOf(overview, queue) });
  }
  await until(() => isStarted() && world.quiet());

  const callsOf = (vendor: 'gohighlevel' | 'calltools'): VendorCalls => ({
    count: traffic.calls(vendor).length,
    densest: traffic.densest(vendor, WINDOW_MS),
    throttled: traffic.throttled(vendor),
  });
  const logged = (event: string) => counts.events.get(event) ?? 0;
  return {
    placed,
    mostWaiting,
    seconds: (drainedAt - startedAt) / 1000,
    webhooks: gohighlevel.deliveries.length,
    givenUp: queues.givenUp,
    violations,
    gohighlevel: callsOf('gohighlevel'),
    calltools: callsOf('calltools'),
    attempts: logged('contact.retry'),
    waits: logged('contact.wait'),
    busy: logged('contact.busy'),
    deadLetters: Number(sqlite.rows('SELECT count(*) AS n FROM dead_letters')[0]?.n),
    estimates: looks.map(({ at, ...look }) => ({ ...look, tookMinutes: (drainedAt - at) / MINUTE_MS })),
  };
}

interface End {
  expected_finish: string | null;
}

interface Overview {
  at: string;
  queues: ({ queue: string; minutes_at_most: number | null } & End)[];
  runs: { progress: { contacts: End } }[];
}

/** What the overview says of the time left: of a run's contacts, or of the webhooks that wait. */
function estimateOf({ at, queues, runs }: Overview, queue: QueueName) {
  const waiting = queues.find((one) => one.queue === queue);
  const end = queue === 'contact-events' ? waiting : runs[0]?.progress.contacts;
  const finish = end?.expected_finish ?? null;
  return {
    saidMinutes: finish === null ? null : (Date.parse(finish) - Date.parse(at)) / MINUTE_MS,
    minutesAtMost: waiting?.minutes_at_most ?? null,
  };
}

/** A run reads its pages too. */
function least({ traffic }: World, kind: ImportKind, contacts: number, callToolsLimit: RateLimit | null) {
  const reads = kind === 'file' ? contacts : contacts + Math.ceil(contacts / SETUP.pageSize) + 1;
  const paced = (reads / READS_PER_MINUTE) * 60;
  const { max, intervalMs } = DEFAULT_SETTINGS.rateLimit;
  const atLimit = (calls: number, limit: RateLimit) => (calls / limit.max) * (limit.intervalMs / 1000);
  const served = traffic.calls('calltools').length - traffic.throttled('calltools');
  const atCallTools = callToolsLimit === null ? 0 : atLimit(served, callToolsLimit);
  return {
    leastSeconds: Math.max(paced, atCallTools),
    leastAtLimitSeconds: Math.max(atLimit(reads, { max, intervalMs }), atCallTools),
  };
}
