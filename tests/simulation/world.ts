// The whole world of one history: both real workers, queues, D1, the two vendors, and everything between them.

import { createCallTools } from '../../sandbox/calltools.ts';
import { openSqlite } from '../../sandbox/d1-sqlite.ts';
import { Clock } from '../../sandbox/virtual-clock.ts';
import { DAY_MS } from '../../shared/time.ts';
import { RULES_FILE } from '../support/rules.ts';
import { callSetting } from './agents-calls.ts';
import { createBrakeWatch } from './brake-watch.ts';
import { createCallWatches } from './call-watches.ts';
import { CALL_HOOK_TOKEN, CALLTOOLS_KEY, GHL_KEY, INGEST_SECRETS, signerOf } from './credentials.ts';
import { createCrm } from './crm.ts';
import { createFaults } from './faults.ts';
import { settingsOf } from './fields.ts';
import { createFieldsWatch } from './fields-watch.ts';
import { createForms } from './forms.ts';
import { createGoHighLevelOf } from './gohighlevel.ts';
import { type History, PHONES, type RefusalAction } from './history.ts';
import { createIsolates, type Isolate } from './isolates.ts';
import { createJournal, createLogReader } from './journal.ts';
import { createNotices } from './notices.ts';
import { createOddWatch } from './odd-watch.ts';
import { createPlatform } from './platform.ts';
import { createQueues } from './queues.ts';
import { tellsOfSomebody } from './quotes.ts';
import { createRng } from './rng.ts';
import { RULE_SETS } from './rule-sets.ts';
import { createSafety, type Safety } from './safety.ts';
import { createTraffic } from './traffic.ts';
import { CALLTOOLS_URL, createTransport, GHL_URL } from './transport.ts';
import { createTruth } from './truth.ts';
import type { Workers } from './workers.ts';

/** 02:00, the default of BACKSTOP_AT. */
const NIGHTLY_MS = 2 * 3_600_000;

/** One database for all histories of a process: opening one takes longer than a history. */
let opened: ReturnType<typeof openSqlite> | undefined;

export type World = ReturnType<typeof createWorld>;

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
  const journal = createJournal(clock);
  const { counts, note, report } = journal;
  /** What a vendor refuses, by contact id. */
  const refused = new Map<string, RefusalAction>();
  let ids = 0;

  const ofVendors = root.fork('vendors');
  const shared = { now: () => clock.now, random: ofVendors.next, wait: clock.wait };
  const forms = createForms(setup.forms, () => clock.now);
  const gohighlevel = createGoHighLevelOf(setup, shared, forms);
  let safety: Safety | undefined;
  let watches: ReturnType<typeof createCallWatches> | undefined;
  let brake: ReturnType<typeof createBrakeWatch> | undefined;
  const callTools = createCallTools({
    ...shared,
    token: CALLTOOLS_KEY,
    settings: setup.callTools,
    onChange: () => {
      if (watched) safety?.look();
      watches?.look();
      brake?.look();
    },
    fetch: (url, init) => notices.carry(String(url), init ?? {}),
  });
  const notices = createNotices({
    clock,
    rng: root.fork('notices'),
    callTools,
    notices: setup.callResults?.notices ?? null,
    request: (path, init) => world.request(path, init),
  });
  callTools.faults.rateLimit = setup.flood?.callToolsLimit ?? null;
  // So that a list has pages enough to move.
  if (setup.forms?.movingLists)
    for (const name of ['Other 1', 'Cold Leads', 'Other 2', 'Other 3']) callTools.addLabelByHand('buckets', name);
  for (const phone of setup.byHand) callTools.addContactByHand({ mobile_phone_number: PHONES[phone] ?? '' });
  const truth = createTruth(setup.rules, gohighlevel.opportunities);
  const watchOdd = createOddWatch({ setup, truth, refused, report });
  const watchFields = createFieldsWatch(setup, report);
  const { phoneFilter = 'works', phoneNumbersFilter = 'same' } = setup.callTools;
  const searchable = (phoneFilter === 'works' || phoneNumbersFilter === 'works') && setup.phoneLookup !== 'off';
  brake = createBrakeWatch({ clock, callTools, truth, sqlite, limit: setup.brake, searchable, report });
  let byHand = false;
  const blended = new Set<string>();
  /** CallTools contacts that people have made beside ours: nobody looks for them until their number is to go. */
  const strays = new Set<number>();
  safety = createSafety({
    clock,
    callTools,
    truth,
    report,
    rules: setup.rules,
    lagMs: setup.rules === 'deals' ? setup.searchLagMs : (setup.readLagMs?.max ?? 0),
    lately: () => transport.lately,
    byHand: () => byHand,
    blended,
    knownNumbers: (id) => sqlite.rows('SELECT 1 FROM calltools_numbers WHERE calltools_id = ?1', id).length,
  });

  /** A person changes something in CallTools: what we promise does not bind them. */
  const byHandDo = (act: () => void) => {
    byHand = true;
    act();
    byHand = false;
  };
  watches = createCallWatches({
    ...{ clock, callTools, truth, sqlite, setup, report },
    lately: () => transport.lately,
    byHand: (act) => {
      if (act) byHandDo(act);
      return byHand;
    },
  });
  const { saidNo, calls } = watches;

  const crm = createCrm({ clock, truth, handle: gohighlevel.handle, contacts: gohighlevel.contacts, report });
  const transport = createTransport({
    clock,
    faults,
    rng: root.fork('transport'),
    gohighlevel: crm.handle,
    calltools: forms.moving(calls.rows.watching(callTools.handle)),
    alerted: (text) => {
      note(`alert ${text}`);
      if (tellsOfSomebody(text)) report('told', `an alert: ${text}`);
    },
  });
  const traffic = createTraffic();
  const platform = createPlatform({ journal, faults, sqlite, queues: () => queues, rng: root.fork('latency') });

  const logged = createLogReader({
    journal,
    faults,
    dealt: (end) => safety?.dealt(end),
    watches: [watchOdd, watchFields],
  });
  const ofWorkers = root.fork('workers');
  const own = (isolate: Isolate) => ({
    now: () => clock.now + isolate.skew,
    newId: () => `id-${++ids}`,
    write: (line: string) => {
      if (!isolate.dead) logged(line);
    },
  });

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
      ...platform.bindings(isolate),
      GHL_API_BASE_URL: GHL_URL,
      GHL_API_KEY: GHL_KEY,
      CALLTOOLS_BASE_URL: CALLTOOLS_URL,
      CALLTOOLS_API_KEY: CALLTOOLS_KEY,
      CALLTOOLS_EXTERNAL_ID_FIELD: 'ghl_contact_id',
      CALLTOOLS_PHONE_LOOKUP: setup.phoneLookup,
      BACKSTOP_PAGE_SIZE: String(setup.pageSize),
      VERIFY_WITHIN_DAYS: String(setup.verifyDays),
      SYNC_RULES: RULE_SETS[setup.rules].setting,
      rulesFile: RULES_FILE,
      ...(setup.brake !== undefined && { MAX_NEW_PLACEMENTS: String(setup.brake) }),
      ...(setup.fields && settingsOf(setup.fields)),
      ...(setup.callResults && callSetting(setup.callResults)),
    } as unknown as Parameters<typeof consumer.queue>[1];
    return { consumer, env };
  });

  const ingests = createIsolates(clock, root.fork('ingests'), (isolate) => {
    const ingest = workers.createIngest({ ...own(isolate), after: (ms, run) => clock.after(ms, run) });
    const env = {
      ...platform.bindings(isolate),
      ...INGEST_SECRETS,
      ...(setup.callResults?.notices && { CALLTOOLS_WEBHOOK_TOKEN: CALL_HOOK_TOKEN }),
      CONSUMER: {
        fetch: (request: Request) => isolate.interact('service', () => operate(request), platform.latency()),
      },
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
    clock,
    rng: root.fork('queues'),
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

  const world = {
    clock,
    faults,
    sqlite,
    queues,
    gohighlevel,
    callTools,
    truth,
    consumers,
    ingests,
    forms,
    ...journal,
    traffic,
    setup,
    searchable,
    blended,
    strays,
    refused,
    random: root.fork('rest'),
    isStored: platform.isStored,
    sign: signerOf(setup.signature),

    byHand: byHandDo,
    saidNo,
    calls,
    brake,
    crm,
    notices,

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
    quiet: () => running === 0 && queues.idle() && !platform.pending() && !calls.pending(),
    /** Something waits that the minute cron looks after. */
    cronIsDue: () => platform.pending() || calls.isDue(),
  };
  return world;
}
