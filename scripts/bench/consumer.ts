// What the consumer itself takes of a message: CPU time of its own code, and of its SQL. It runs in this process, on SQLite and
// against answers that the vendors gave before, so that neither vendors nor queues nor D1's transport are in the figures.

import type { MessageBatch } from '@cloudflare/workers-types';
import { createCallTools } from '../../sandbox/calltools.ts';
import { openSqlite } from '../../sandbox/d1-sqlite.ts';
import { createGoHighLevel } from '../../sandbox/gohighlevel.ts';
import { installSynchronousCrypto } from '../../sandbox/synchronous-crypto.ts';
import { type Env, REAL_WORLD } from '../../workers/consumer/config/env.ts';
import { createConsumer } from '../../workers/consumer/consumer.ts';
import { readRulesFile } from '../rules/rules-file.ts';
import type { Figure } from './measure/figure.ts';
import { FULL_BATCH, hint } from './operations.ts';
import { UNLIMITED } from './vendor-pace.ts';

const SECTION = 'consumer';
const LOCATION = 'benchLocation0000001';
/** To see whether a message costs more where more are known. */
const FEW = 250;
const MANY = 2500;
const ROUNDS = 2;

const KINDS = ['fresh', 'changed', 'unchanged', 'cannotMatter'] as const;
type Kind = (typeof KINDS)[number];
/** The figures of CPU, by which the bill is reckoned too. */
export const MESSAGE_CPU: Record<Kind, string> = {
  fresh: 'CPU a message, a new lead',
  changed: "consumer's own CPU, changed contact",
  unchanged: 'CPU a message, a known contact that did not change',
  cannotMatter: 'CPU a message, a contact that cannot matter',
};

interface Cost {
  /** Of the consumer's code, a message. */
  ownMs: number;
  /** Of SQLite, a batch. */
  sqlMs: number;
}
type Costs = Record<Kind, Cost>;
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Takes about forty seconds. */
export async function benchConsumer(): Promise<Figure[]> {
  // Node hashes in its pool of threads, and waking one costs ten times the hash. workerd hashes at once, and so does this.
  const restore = installSynchronousCrypto();
  try {
    return await benchAll();
  } finally {
    restore();
  }
}

async function benchAll(): Promise<Figure[]> {
  // In turn, so that neither is always the one for which V8 has compiled more; the first round only warms up.
  const rounds: { few: Costs; many: Costs }[] = [];
  for (let round = 0; round <= ROUNDS; round++) rounds.push({ few: await costsOf(FEW), many: await costsOf(MANY) });
  const least = (size: 'few' | 'many', kind: Kind, part: keyof Cost) =>
    Math.min(...rounds.slice(1).map((round) => round[size][kind][part]));
  return KINDS.flatMap((kind): Figure[] => [
    {
      section: SECTION,
      what: MESSAGE_CPU[kind],
      value: least('many', kind, 'ownMs'),
      unit: 'ms',
      floor: { what: `with ${FEW} contacts`, value: least('few', kind, 'ownMs') },
      ...(kind === 'changed' && { targets: [{ kind: 'at-most', limit: 0.35 }] }),
      ...(kind === 'fresh' && {
        note: `${MANY.toLocaleString('en-US')} contacts, ${FULL_BATCH} a batch, the least of ${ROUNDS} rounds by getrusage, without SQL; Node's Response is in it`,
      }),
    },
    {
      section: SECTION,
      what: `… SQL of a batch of ${FULL_BATCH}`,
      value: least('many', kind, 'sqlMs'),
      unit: 'ms',
      floor: { what: `with ${FEW} contacts`, value: least('few', kind, 'sqlMs') },
    },
  ]);
}

/** Once against the vendors, to have their answers; then, on an empty database, with those alone. */
async function costsOf(contacts: number): Promise<Costs> {
  const location = { random: Math.random, now: Date.now, wait: async () => {} };
  const ghl = createGoHighLevel({
    ...location,
    locationId: LOCATION,
    apiKey: 'pit-bench',
    settings: { rateLimit: UNLIMITED, searchLagMs: 0 },
  });
  const callTools = createCallTools({ ...location, token: 'bench' });
  const ids: string[] = [];
  for (let n = 0; n < contacts; n++) {
    const person = { firstName: `First${n}`, lastName: `Last${n}`, email: `person${n}@example.com` };
    const phone = `+1212${2_000_000 + n}`;
    ids.push((await ghl.addContact({ ...person, phone, tags: ['cold lead'] }, { silent: true })).id);
  }
  const edit = async (kind: Kind) => {
    if (kind !== 'changed') return;
    for (const id of ids) await ghl.editContact(id, { lastName: 'Married' }, { silent: true });
  };
  const vendors: Fetch = (url, init) =>
    (url.startsWith('https://ghl.') ? ghl : callTools).handle(new Request(url, init));
  const { keep, repeat } = recorder(vendors);
  await handleAll(ids, keep, edit);
  return handleAll(ids, repeat, async () => {});
}

async function handleAll(ids: string[], vendors: Fetch, before: (kind: Kind) => Promise<void>): Promise<Costs> {
  let sqlMs = 0;
  const db = openSqlite().bind(async (act) => {
    const before = process.cpuUsage();
    try {
      return act();
    } finally {
      sqlMs += msOf(process.cpuUsage(before));
    }
  });
  let late = 0;
  const world = {
    ...REAL_WORLD,
    now: () => Date.now() + late,
    wait: async (ms: number) => {
      late += ms;
    },
    fetch: vendors,
    // A deadline that is over fires here long after its call, and nothing of the consumer's would be in that.
    deadline: () => new AbortController().signal,
    write: () => {},
  };
  const consumer = createConsumer(world, { rules: readRulesFile() });
  const producer = { send: async () => {}, sendBatch: async () => {} };
  const env = {
    DB: db,
    EVENTS: producer,
    BACKSTOP: producer,
    DEAD_LETTERS: producer,
    GHL_LOCATION_ID: LOCATION,
    GHL_API_KEY: 'pit-bench',
    GHL_API_BASE_URL: 'https://ghl.bench',
    CALLTOOLS_API_KEY: 'bench',
    CALLTOOLS_BASE_URL: 'https://calltools.bench',
  } as unknown as Env;

  const costs: Partial<Costs> = {};
  for (const kind of KINDS) {
    await before(kind);
    sqlMs = 0;
    let acked = 0;
    const cpu = process.cpuUsage();
    for (let from = 0; from < ids.length; from += FULL_BATCH) {
      const messages = ids.slice(from, from + FULL_BATCH).map((id) => ({
        id: crypto.randomUUID(),
        timestamp: new Date(),
        attempts: 1,
        body:
          kind === 'cannotMatter'
            ? hint(LOCATION, `stranger${id}`, { tags: ['newsletter'], dnd: false })
            : hint(LOCATION, id, null),
        ack: () => void acked++,
        retry: () => {},
      }));
      await consumer.queue({ queue: 'contact-events', messages } as unknown as MessageBatch<unknown>, env);
    }
    const ms = msOf(process.cpuUsage(cpu));
    if (acked < ids.length) throw new Error(`${ids.length - acked} messages (${kind}) were not done`);
    costs[kind] = {
      ownMs: (ms - sqlMs) / ids.length,
      sqlMs: sqlMs / (ids.length / FULL_BATCH),
    };
  }
  return costs as Costs;
}

const msOf = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000;

/** `repeat` gives the answers that `keep` got, those of equal requests in their order. It makes no Request: that would be measured too. */
function recorder(vendors: Fetch): { keep: Fetch; repeat: Fetch } {
  const answers = new Map<string, { text: string; init: ResponseInit }[]>();
  const keyOf = (url: string, { method, body }: RequestInit) => `${method} ${url} ${body ?? ''}`;
  return {
    async keep(url, init) {
      const key = keyOf(url, init);
      const answer = await vendors(url, init);
      const text = await answer.text();
      const told = { status: answer.status, headers: answer.headers };
      answers.set(key, [...(answers.get(key) ?? []), { text, init: told }]);
      return new Response(text, told);
    },
    async repeat(url, init) {
      const key = keyOf(url, init);
      const known = answers.get(key)?.shift();
      if (!known) throw new Error(`the vendors were never asked ${key}`);
      return new Response(known.text, known.init);
    },
  };
}
