// The whole world of one history: both real workers, queues, D1, the two vendors, and everything between them.

import { generateKeyPairSync, sign } from 'node:crypto';
import { createCallTools } from '../../sandbox/calltools.ts';
import { openSqlite } from '../../sandbox/d1-sqlite.ts';
import { createGoHighLevel } from '../../sandbox/gohighlevel.ts';
import { hmacSigner, type Signer } from '../../sandbox/webhooks.ts';
import { Clock } from './clock.ts';
import { createFaults, isNamed } from './faults.ts';
import { createForms } from './forms.ts';
import { type History, PHONES } from './history.ts';
import { createIsolates, type Isolate } from './isolates.ts';
import { createOddWatch } from './odd-watch.ts';
import { createQueues, type QueueName } from './queues.ts';
import { tellsOfSomebody } from './quotes.ts';
import { createRng, hash32 } from './rng.ts';
import { RULE_SETS } from './rule-sets.ts';
import { createSafety, type Dealt, type Safety } from './safety.ts';
import { createSaidNo, type SaidNo } from './said-no.ts';
import { createTraffic } from './traffic.ts';
import { CALLTOOLS_URL, createTransport, GHL_URL } from './transport.ts';
import { createTruth } from './truth.ts';
import type { Violation } from './verdict.ts';
import type { Workers } from './workers.ts';

export const LOCATION = 've9EPM428h8vShlRW1KT';
export const ADMIN_TOKEN = 'token-of-the-operator';
const DAY_MS = 86_400_000;
/** 02:00, the default of BACKSTOP_AT. */
const NIGHTLY_MS = 2 * 3_600_000;
const SECRET = 'a secret shared with the sender';
const GHL_KEY = 'pit-simulation';
const CALLTOOLS_KEY = 'calltools-simulation';
const KEYS = generateKeyPairSync('ed25519');
const ED25519_KEY = String(KEYS.publicKey.export({ type: 'spki', format: 'pem' }));

/** One database for all histories of a process: opening one takes longer than a history. */
let opened: ReturnType<typeof openSqlite> | undefined;

export type World = ReturnType<typeof createWorld>;

/** Counts that a history leaves behind. */
export interface Counts {
  interactions: number;
  kills: number;
  /** Lines of the workers' logs, by event. */
  events: Map<string, number>;
  /** Ids of contacts that were placed. */
  placed: Set<string>;
}

/** `watched`: every change in CallTools is held against the truth, which with thousands of contacts takes for ever. */
export function createWorld(
  { seed, setup }: Pick<History, 'seed' | 'setup'>,
  workers: Workers,
  { watched = true } = {},
) {
  opened ??= openSqlite();
  const sqlite = opened;
  sqlite.clear();
  const root = createRng(seed);
  const clock = new Clock();
  const faults = createFaults(clock);
  const violations: Violation[] = [];
  const counts: Counts = { interactions: 0, kills: 0, events: new Map(), placed: new Set() };
  const trace = { hash: 0x811c9dc5, lines: null as string[] | null };
  const late = new Set<string>();
  /** Contacts that a vendor refuses. */
  const refused = new Set<string>();
  /** Tries that failed in passing, by contact. */
  const retries = new Map<string, number>();
  const stored = new Set<string>();
  let ids = 0;

  const note = (line: string) => {
    trace.hash = hash32(`${clock.now} ${line}`, trace.hash);
    trace.lines?.push(`${((clock.now - 1_795_176_000_000) / 1000).toFixed(3)} ${line}`);
  };
  const report = (promise: Violation['promise'], detail: string) => {
    violations.push({ promise, detail, at: clock.now });
    note(`VIOLATION ${promise} ${detail}`);
  };

  const ofVendors = root.fork('vendors');
  const shared = { now: () => clock.now, random: ofVendors.next, wait: clock.wait };
  const { searchLagMs, readLagMs = 0, searchHidesCallDnd, missingContactStatus } = setup;
  const forms = createForms(setup.forms, () => clock.now);
  const gohighlevel = createGoHighLevel({
    ...{ ...shared, locationId: LOCATION, apiKey: GHL_KEY },
    settings: {
      ...{ searchLagMs, readLagMs, searchHidesCallDnd, missingContactStatus },
      ...{ reshape: forms.reshape, reshapePage: forms.reshapePage },
    },
  });
  let safety: Safety | undefined;
  let saidNo: SaidNo | undefined;
  const callTools = createCallTools({
    ...{ ...shared, token: CALLTOOLS_KEY, settings: setup.callTools },
    onChange: () => {
      if (watched) safety?.look();
      saidNo?.look();
    },
  });
  callTools.faults.rateLimit = setup.flood?.callToolsLimit ?? null;
  // So that a list has pages enough to move.
  if (setup.forms?.movingLists)
    for (const name of ['Other 1', 'Cold Leads', 'Other 2', 'Other 3']) callTools.addLabelByHand('buckets', name);
  for (const phone of setup.byHand) callTools.addContactByHand({ mobile_phone_number: PHONES[phone] ?? '' });
  const truth = createTruth(setup.rules);
  const watchOdd = createOddWatch({ setup, truth, refused, report });
  const { phoneFilter = 'works', phoneNumbersFilter = 'same' } = setup.callTools;
  const searchable = (phoneFilter === 'works' || phoneNumbersFilter === 'works') && setup.phoneLookup !== 'off';
  let byHand = false;
  const blended = new Set<string>();
  safety = createSafety({
    ...{ clock, callTools, truth, report, rules: setup.rules, lagMs: setup.readLagMs?.max ?? 0 },
    lately: () => transport.lately,
    ...{ byHand: () => byHand, blended },
    knownNumbers: (id) => sqlite.rows('SELECT 1 FROM calltools_numbers WHERE calltools_id = ?1', id).length,
  });

  /** A person changes something in CallTools: what we promise does not bind them. */
  const byHandDo = (act: () => void) => {
    byHand = true;
    act();
    byHand = false;
  };
  saidNo = createSaidNo({
    ...{ clock, callTools, truth, report, rules: setup.rules, active: setup.calls === true },
    byHand: (act) => {
      if (act) byHandDo(act);
      return byHand;
    },
  });

  const transport = createTransport({
    ...{ clock, faults, rng: root.fork('transport') },
    gohighlevel: gohighlevel.handle,
    calltools: forms.moving(callTools.handle),
  });
  const traffic = createTraffic();
  const ofLatency = root.fork('latency');
  const latency = (slowMs = 0) => ({ there: slowMs + ofLatency.int(1, 20), back: ofLatency.int(1, 20) });

  /** D1 and queues: quick as a rule, and failing before or after the effect. */
  function platform<T>(isolate: Isolate, target: 'd1' | 'send', what: string, act: () => T): Promise<T> {
    counts.interactions++;
    const mode = faults.meet([target]);
    return isolate.interact(
      target,
      () => {
        note(`${what}${mode === null ? '' : ` (${mode})`}`);
        if (mode === 'fail') throw new Error('Network connection lost.');
        const result = act();
        if (mode === 'fail-after') throw new Error('Network connection lost.');
        return result;
      },
      latency(mode === 'slow' ? 10_000 : 0),
    );
  }

  function producer(isolate: Isolate, name: QueueName) {
    return {
      send: (body: unknown, { delaySeconds = 0 } = {}) =>
        platform(isolate, 'send', `send ${name}`, () => {
          stored.add(String((body as { eventId?: unknown }).eventId));
          queues.send(name, body, delaySeconds);
        }),
      sendBatch: (messages: Iterable<{ body: unknown; delaySeconds?: number }>) => {
        const all = [...messages];
        return platform(isolate, 'send', `send ${all.length} to ${name}`, () => {
          if (all.length > 100) throw new Error('10206: too many messages in a batch');
          for (const { body, delaySeconds = 0 } of all) queues.send(name, body, delaySeconds);
        });
      },
      metrics: async () => queues.metrics(name),
    };
  }

  const bindings = (isolate: Isolate) => ({
    DB: sqlite.bind((act) => platform(isolate, 'd1', 'd1', act)),
    EVENTS: producer(isolate, 'contact-events'),
    BACKSTOP: producer(isolate, 'contact-backstop'),
    DEAD_LETTERS: producer(isolate, 'contact-dead-letters'),
    GHL_LOCATION_ID: LOCATION,
  });

  const ofWorkers = root.fork('workers');
  const own = (isolate: Isolate) => ({
    now: () => clock.now + isolate.skew,
    newId: () => `id-${++ids}`,
    write: (line: string) => {
      if (!isolate.dead) logged(line);
    },
  });

  function logged(line: string): void {
    const { event, ...fields } = JSON.parse(line) as { event: string } & Record<string, unknown>;
    counts.events.set(event, (counts.events.get(event) ?? 0) + 1);
    note(line);
    if (event === 'contact.placed' || event === 'contact.kept_out') {
      safety?.dealt({ ...fields, state: event.slice('contact.'.length) } as unknown as Dealt);
    }
    watchOdd(event, fields);
    if (event === 'contact.placed') counts.placed.add(String(fields.contactId));
    if (event === 'contact.retry') {
      const contactId = String(fields.contactId);
      retries.set(contactId, (retries.get(contactId) ?? 0) + 1);
    }
    if (event === 'webhook.late') late.add(String(fields.eventId));
    if (event === 'webhook.crashed') report('crashed', line);
    if (tellsOfSomebody(line)) report('told', line);
    if (event === 'circuit.opened' && !isNamed(fields.kind, faults.met)) report('misnamed', line);
  }

  const consumers = createIsolates(clock, root.fork('consumers'), (isolate) => {
    const fetchFrom = transport.fetchFrom(isolate);
    const consumer = workers.createConsumer({
      ...own(isolate),
      random: ofWorkers.next,
      wait: async (ms) => {
        await clock.wait(ms);
        if (isolate.dead) await new Promise(() => {});
      },
      fetch: async (url, init) => {
        counts.interactions++;
        const at = clock.now;
        const response = await fetchFrom(url, init);
        traffic.note(url, at, response.status);
        note(`${init.method} ${url} ${response.status}`);
        return response;
      },
      deadline: transport.deadline,
    });
    const env = {
      ...bindings(isolate),
      ...{ GHL_API_BASE_URL: GHL_URL, GHL_API_KEY: GHL_KEY, CALLTOOLS_BASE_URL: CALLTOOLS_URL },
      ...{ CALLTOOLS_API_KEY: CALLTOOLS_KEY, CALLTOOLS_EXTERNAL_ID_FIELD: 'ghl_contact_id' },
      ...{ CALLTOOLS_PHONE_LOOKUP: setup.phoneLookup, BACKSTOP_PAGE_SIZE: String(setup.pageSize) },
      VERIFY_WITHIN_DAYS: String(setup.verifyDays),
      SYNC_RULES: RULE_SETS[setup.rules].setting,
    } as unknown as Parameters<typeof consumer.queue>[1];
    return { consumer, env };
  });

  const ingests = createIsolates(clock, root.fork('ingests'), (isolate) => {
    const ingest = workers.createIngest({ ...own(isolate), after: (ms, run) => clock.after(ms, run) });
    const env = {
      ...bindings(isolate),
      ...{ GHL_WEBHOOK_SECRET: SECRET, ADMIN_TOKEN, GHL_ED25519_PUBLIC_KEYS: ED25519_KEY },
      CONSUMER: { fetch: (request: Request) => isolate.interact('service', () => operate(request), latency()) },
    } as unknown as Parameters<typeof ingest.fetch>[1];
    return { ingest, env };
  });

  let running = 0;
  let nights = 0;
  function invoke<T>(
    isolate: Isolate,
    work: Promise<T>,
    ended: (end: 'returned' | 'threw' | 'killed') => void = () => {},
  ) {
    running++;
    isolate.track(work, (end) => {
      running--;
      if (end === 'killed') counts.kills++;
      if (end === 'threw') report('crashed', 'a handler threw');
      ended(end);
    });
    return work;
  }

  const queues = createQueues({
    ...{ clock, rng: root.fork('queues') },
    deliver(batch, ended) {
      const { isolate, worker } = consumers.any();
      note(`batch of ${batch.messages.length} from ${batch.queue}`);
      void invoke(isolate, worker.consumer.queue(batch, worker.env), ended).catch(() => {});
    },
  });

  /** The consumer's answer through the service binding; throws where its isolate died over it. */
  function operate(request: Request): Promise<Response> {
    const { isolate, worker } = consumers.any();
    return new Promise((resolve, reject) => {
      const ended = (end: string) => end !== 'returned' && reject(new Error('the worker is gone'));
      invoke(isolate, worker.consumer.fetch(request, worker.env), ended).then(resolve, reject);
    });
  }

  /** Rows of the outbox, or a run that is not over. */
  function pending(): boolean {
    const [row] = sqlite.rows(
      `SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM runs WHERE state = 'running') AS n`,
    );
    return row?.n === 1;
  }

  return {
    ...{ clock, faults, sqlite, queues, gohighlevel, callTools, truth, consumers, ingests, forms },
    ...{ traffic, violations, report, counts, trace, note, setup, searchable, late, retries, blended, refused },
    random: root.fork('rest'),
    isStored: (eventId: string) =>
      stored.has(eventId) ||
      sqlite.rows('SELECT 1 FROM outbox WHERE id > ?1 AND id < ?2', `${eventId}.`, `${eventId}/`).length > 0,
    sign: signerOf(setup.signature),

    byHand: byHandDo,
    saidNo,

    /** The cron of every minute; with `night`, as if it were 02:00 of a night that has not been yet. */
    cron({ night = false } = {}): void {
      const { isolate, worker } = consumers.any();
      if (night) nights++;
      const scheduledTime = night ? clock.now - (clock.now % DAY_MS) + nights * DAY_MS + NIGHTLY_MS : clock.now;
      void invoke(isolate, worker.consumer.scheduled({ scheduledTime }, worker.env)).catch(() => {});
    },

    /** A request to the public worker; null where its isolate died over it. */
    async request(path: string, init: RequestInit): Promise<Response | null> {
      const { isolate, worker } = ingests.any();
      const context = { waitUntil: (promise: Promise<unknown>) => void invoke(isolate, promise).catch(() => {}) };
      const answer = worker.ingest.fetch(new Request(`https://ingest.test${path}`, init), worker.env, context);
      return new Promise((resolve) => {
        void invoke(isolate, answer, (end) => end !== 'returned' && resolve(null)).then(resolve, () => resolve(null));
      });
    },

    /** Nothing is under way in the workers or between them. */
    quiet: () => running === 0 && queues.idle() && !pending(),
    /** Something waits that the minute cron looks after. */
    cronIsDue: () => pending(),
  };
}

function signerOf(scheme: 'hmac' | 'ed25519'): Signer {
  if (scheme === 'hmac') return hmacSigner(SECRET);
  return async (body) => ({ 'x-ghl-signature': sign(null, body, KEYS.privateKey).toString('base64') });
}
