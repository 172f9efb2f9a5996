// What the consumer itself takes of a message: CPU time of its own code, and of its SQL. It runs in this process, on SQLite and
// against answers that the vendors gave before, so that neither vendors nor queues nor D1's transport are in the figures.

import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { MessageBatch } from '@cloudflare/workers-types';
import { createCallTools } from '../../sandbox/calltools.ts';
import { openSqlite } from '../../sandbox/d1-sqlite.ts';
import { createGoHighLevel } from '../../sandbox/gohighlevel.ts';
import { installSynchronousCrypto } from '../../sandbox/synchronous-crypto.ts';
import { type Env, REAL_WORLD } from '../../workers/consumer/config/env.ts';
import { createConsumer } from '../../workers/consumer/consumer.ts';
import { readRulesFile } from '../rules/rules-file.ts';
import type { Figure } from './measure/figure.ts';
import { FULL_BATCH, hint, LEAD } from './operations.ts';
import { UNLIMITED } from './vendor-pace.ts';

const SECTION = 'consumer';
const LOCATION = 'benchLocation0000001';
/** To see whether a message costs more where more are known. */
const FEW = 250;
const MANY = 2500;
const ROUNDS = 2;

const KINDS = ['fresh', 'changed', 'unchanged', 'cannotMatter'] as const;
type Kind = (typeof KINDS)[number];
/** Names of the figures of CPU, by which the section `cost` finds them. */
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
        note: `${MANY.toLocaleString('en-US')} contacts, ${FULL_BATCH} a batch, the least of ${ROUNDS} rounds by getrusage, without SQL`,
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

/** On an empty database, with the vendors' answers alone. */
async function costsOf(contacts: number): Promise<Costs> {
  const { ids, answers } = await answersFor(contacts);
  await withoutGarbage();
  return handleAll(ids, repeat(answers), async () => {});
}

/** What the vendors answer, when it is all done against them. */
async function answersFor(contacts: number): Promise<{ ids: string[]; answers: Answers }> {
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
  const answers: Answers = new Map();
  const vendors: Fetch = (url, init) =>
    (url.startsWith('https://ghl.') ? ghl : callTools).handle(new Request(url, init));
  await handleAll(ids, keepIn(answers, vendors), edit);
  return { ids, answers };
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
            : hint(LOCATION, id, LEAD),
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

/** By request, those of equal requests in their order. */
type Answers = Map<string, Kept[]>;
/** An answer and its body. */
type Kept = { answer: Pick<Response, 'ok' | 'status' | 'headers'>; bytes: Uint8Array };

const requestKey = (url: string, { method, body }: RequestInit) => `${method} ${url} ${body ?? ''}`;

function keepIn(answers: Answers, vendors: Fetch): Fetch {
  return async (url, init) => {
    const key = requestKey(url, init);
    const response = await vendors(url, init);
    const { ok, status, headers } = response;
    const kept = { answer: { ok, status, headers }, bytes: new Uint8Array(await response.arrayBuffer()) };
    answers.set(key, [...(answers.get(key) ?? []), kept]);
    return asResponse(kept);
  };
}

/** Makes neither a Request nor a Response: Node's would be measured too, and workerd has its own, which are not JavaScript. */
function repeat(answers: Answers): Fetch {
  return async (url, init) => {
    const key = requestKey(url, init);
    const kept = answers.get(key)?.shift();
    if (!kept) throw new Error(`the vendors were never asked ${key}`);
    return asResponse(kept);
  };
}

/** What the consumer reads of an answer. Its body comes as one chunk. */
function asResponse({ answer, bytes }: Kept): Response {
  const chunks = [bytes];
  const read = async () => ({ done: chunks.length === 0, value: chunks.pop() });
  return { ...answer, body: { getReader: () => ({ read, cancel: async () => {} }) } } as unknown as Response;
}

/** What the stand-ins held is ten times what the consumer holds, and to look through it is no work of the consumer's. */
async function withoutGarbage(): Promise<void> {
  // What the current turn of the event loop has touched is kept until it ends.
  await setImmediate();
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
