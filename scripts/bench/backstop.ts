// A nightly run over the whole contact list: how close to the vendor's limit it is, and whether fresh leads notice it.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Crowd, gather, impose, lastRun, startRun, until } from './crowd.ts';
import type { Figure } from './measure/figure.ts';
import { type HeapUse, inspectWorker } from './measure/inspector.ts';
import { freshLeads } from './measure/real-time.ts';
import { percentile } from './measure/statistics.ts';
import { DOCUMENTED } from './vendor-pace.ts';

/** How large the list is, and where lines go. */
export interface BackstopOptions {
  contacts: number;
  log(line: string): void;
  tell(line: string): void;
}

const SECTION = 'backstop';
/** Of each vendor call. */
const LATENCY_MS = 200;
/** Share of the contacts that changed since the last run. */
const CHANGED = 0.001;
const PAGE_SIZE = 500;
/** Of the contacts; the dialer holds them, so that the run compares them and reads some. */
const LEADS = 0.02;
/** Leaves room for a page chain within the limit: a lead costs one of GoHighLevel's calls. */
const LEADS_PER_SECOND = 2;
/** Without a run, before and after it; p99 of fewer says little. */
const QUIET_LEADS = 100;
/** With runs. */
const BUSY_LEADS = 200;
/** Looking costs time itself, so look seldom. */
const LOOK_EVERY_MS = 1000;
const MB = 1_000_000;

/** Takes about six minutes with 100,000 contacts. */
export async function benchBackstop({ contacts, log, tell }: BackstopOptions): Promise<Figure[]> {
  tell(`${contacts} contacts, of which the dialer is made to hold ${contacts * LEADS}…`);
  const crowd = await gather({ contacts, leads: contacts * LEADS, log });
  try {
    await impose(crowd, LATENCY_MS, DOCUMENTED);
    tell('a run by itself…');
    const alone = await timedRun(crowd, contacts);
    await sleep(DOCUMENTED.intervalMs);
    tell('fresh leads without a run…');
    const before = await someLeads(crowd);
    tell('fresh leads with a run under way…');
    const { runs, during } = await leadsWithRuns(crowd, contacts);
    tell('fresh leads without a run, again…');
    const quiet = [...before, ...(await someLeads(crowd))];
    return [...runFigures(alone, runs, contacts), ...leadFigures(quiet, during)];
  } finally {
    await crowd.pipeline.close();
  }
}

function someLeads(crowd: Crowd): Promise<number[]> {
  let left = QUIET_LEADS;
  return freshLeads(crowd, { perSecond: LEADS_PER_SECOND, goOn: () => left-- > 0 });
}

/** One run after the other until there are enough leads. */
async function leadsWithRuns(crowd: Crowd, contacts: number): Promise<{ runs: TimedRun[]; during: number[] }> {
  const runs: TimedRun[] = [];
  const during: number[] = [];
  while (during.length < BUSY_LEADS) {
    let running = true;
    // The run's calls count against the vendor's limit for a while: what that does to fresh leads is the run's doing too.
    const run = timedRun(crowd, contacts);
    const over = () => {
      running = false;
    };
    run.then(() => sleep(DOCUMENTED.intervalMs)).then(over, over);
    const leads = freshLeads(crowd, { perSecond: LEADS_PER_SECOND, goOn: () => running });
    runs.push(await run);
    during.push(...(await leads));
  }
  return { runs, during };
}

interface TimedRun {
  /** From the trigger until the run was complete, as it says itself. */
  seconds: number;
  /** Until CallTools showed every change. */
  repairedSeconds: number;
  changed: number;
  pageCalls: number;
  heap: HeapUse[];
}

let marks = 0;

/** Changes some leads without a webhook, and runs the backstop until CallTools shows the changes. */
async function timedRun(crowd: Crowd, contacts: number): Promise<TimedRun> {
  const { pipeline, leads } = crowd;
  const { ghl, callTools } = pipeline.sandbox;
  const lastName = `Renamed${++marks}`;
  const changed = new Set<string>();
  for (let n = 0; n < contacts * CHANGED; n++) {
    const id = leads[Math.floor(Math.random() * leads.length)] ?? '';
    const { phone } = await ghl.editContact(id, { lastName }, { silent: true });
    changed.add(phone);
  }
  const memory = await watchHeap(pipeline.inspector);
  const pages = () => ghl.calls.count({ path: '/contacts/search', status: 200 });
  const pagesBefore = pages();
  const startedAt = Date.now();
  const seconds = () => (Date.now() - startedAt) / 1000;
  await startRun(crowd);
  await until(async () => (await lastRun(crowd)).state !== 'running', LOOK_EVERY_MS);
  const shows = (phone: string) => callTools.withPhone(phone).some(({ fields }) => fields.last_name === lastName);
  await until(() => [...changed].every(shows));
  const repairedSeconds = seconds();
  const { state, seen, finished_at: finishedAt } = await lastRun(crowd);
  if (finishedAt === null || state !== 'complete' || seen < contacts)
    throw new Error(`the run is ${state} and has seen ${seen} contacts`);
  const ran = (Date.parse(finishedAt) - startedAt) / 1000;
  return { seconds: ran, repairedSeconds, changed: changed.size, pageCalls: pages() - pagesBefore, heap: memory.end() };
}

async function watchHeap(inspector: URL | null): Promise<{ end(): HeapUse[] }> {
  const isolate = await inspectWorker(inspector, 'contact-consumer');
  const samples: HeapUse[] = [];
  const timer = setInterval(() => void isolate.heap().then((heap) => samples.push(heap)), LOOK_EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      isolate.close();
      return samples;
    },
  };
}

/** `busy`: with fresh leads coming in. */
function runFigures(alone: TimedRun, busy: TimedRun[], contacts: number): Figure[] {
  const pages = Math.ceil(contacts / PAGE_SIZE);
  const limitSeconds = (pages / DOCUMENTED.max) * (DOCUMENTED.intervalMs / 1000);
  const chainSeconds = (pages * LATENCY_MS) / 1000;
  const chainBinds = chainSeconds > limitSeconds;
  // A page and the read of a contact count against one limit.
  const allCalls = ((pages + alone.changed) / DOCUMENTED.max) * (DOCUMENTED.intervalMs / 1000);
  const floor = {
    what: chainBinds ? `${pages} pages one after the other` : `${pages} pages at the limit`,
    value: Math.max(limitSeconds, chainSeconds),
  };
  const limits = `calls at the limit take ${limitSeconds} s, the chain of pages ${chainSeconds} s`;
  const heaps = [alone, ...busy].map(({ heap }) => heap.map(({ used }) => used / MB));
  const third = (n: number) => heaps.flatMap((heap) => heap.slice((heap.length * n) / 3, (heap.length * (n + 1)) / 3));
  return [
    {
      section: SECTION,
      what: `${contacts.toLocaleString('en-US')} unchanged contacts, but for ${alone.changed}: a run`,
      value: alone.seconds,
      unit: 's',
      floor,
      targets: [{ kind: 'ratio-at-most', limit: 1.1 }],
      note: limits,
    },
    {
      section: SECTION,
      what: '… until CallTools shows every change',
      value: alone.repairedSeconds,
      unit: 's',
      floor: { what: 'the same, or all reads at the limit', value: Math.max(floor.value, allCalls) },
    },
    {
      section: SECTION,
      what: '… with fresh leads coming in',
      value: Math.max(...busy.map(({ seconds }) => seconds)),
      unit: 's',
      floor,
    },
    {
      section: SECTION,
      what: 'page calls',
      value: alone.pageCalls,
      unit: 'calls',
      floor: { what: 'contacts / page size, and one that finds the end', value: pages + 1 },
      targets: [{ kind: 'floor-plus', limit: 0 }],
    },
    {
      section: SECTION,
      what: "consumer's heap, highest",
      value: Math.max(...heaps.flat()),
      unit: 'MB',
      targets: [{ kind: 'at-most', limit: 96 }],
      note: `used bytes of the consumer's isolate by workerd's inspector, ${heaps.flat().length} samples in ${heaps.length} runs, garbage included`,
    },
    {
      section: SECTION,
      what: "… in the runs' last thirds",
      value: Math.max(...third(2)),
      unit: 'MB',
      floor: { what: 'in their first thirds', value: Math.max(...third(0)) },
      targets: [{ kind: 'ratio-at-most', limit: 1.5 }],
    },
  ];
}

function leadFigures(quiet: number[], during: number[]): Figure[] {
  const line = (name: string, share: number, targets?: Figure['targets']): Figure => ({
    section: SECTION,
    what: `webhook to dialer beside a run, ${name}`,
    value: percentile(during, share),
    unit: 'ms',
    floor: { what: 'without a run', value: percentile(quiet, share) },
    ...(targets && {
      targets,
      note: `${during.length} leads with, ${quiet.length} without, ${LEADS_PER_SECOND} a second`,
    }),
  });
  return [line('p50', 0.5), line('p99', 0.99, [{ kind: 'ratio-at-most', limit: 1.25 }])];
}
