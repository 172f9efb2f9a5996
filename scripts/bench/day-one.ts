// A large account's first day: a run that must read and write everybody, and fresh leads beside it. Nothing else may be slower than GoHighLevel's limit.

import { installSynchronousCrypto } from '../../sandbox/synchronous-crypto.ts';
import type { Figure } from './measure/figure.ts';
import { type Simulation, simulate } from './measure/simulated.ts';
import { percentile } from './measure/statistics.ts';
import { DOCUMENTED } from './vendor-pace.ts';

const SECTION = 'day-one';
const LATENCY_MS = 100;
const PAGE_SIZE = 500;
/** A run that lasts long enough for the fresh leads beside it. */
const BESIDE = 4000;
const FRESH = 400;
const PER_SECOND = 2;
/** The run reads its pages at first, which takes seconds. */
const SETTLING_MS = 30_000;
const LIMIT_MS = 24 * 3_600_000;
const DAY_LIMIT = { ...DOCUMENTED, dailyMax: 10_000_000 };

/** `leads` are read and written by the first run. Takes about three minutes with 50,000. */
export async function benchDayOne({ leads, tell }: { leads: number; tell(line: string): void }): Promise<Figure[]> {
  const restore = installSynchronousCrypto();
  try {
    return await measure(leads, tell);
  } finally {
    restore();
  }
}

async function measure(leads: number, tell: (line: string) => void): Promise<Figure[]> {
  tell(`${leads} leads on day one…`);
  const { world, phones } = await location(leads);
  const began = world.clock.now;
  for (const phone of phones) world.await(phone);
  world.startRun();
  await runUntil(world, () => world.missing() === 0);
  const seconds = (Math.max(...world.arrived.values()) - began) / 1000;
  const calls = world.ghl.calls.count();
  const refused = world.ghl.calls.count({ status: 429 });
  tell(`${FRESH} fresh leads beside such a run, and without one…`);
  const beside = await fresh(BESIDE);
  const without = await fresh(0);
  const floor = ((leads + leads / PAGE_SIZE) / DOCUMENTED.max) * (DOCUMENTED.intervalMs / 1000);
  return [
    {
      section: SECTION,
      what: `${leads.toLocaleString('en-US')} leads on day one`,
      value: seconds / 60,
      unit: 'min',
      floor: { what: 'one read each and the pages, at GoHighLevel’s limit', value: floor / 60 },
      targets: [{ kind: 'ratio-at-most', limit: 1.15 }],
      note: `simulated clock, real SQL, ${LATENCY_MS} ms a call, queues as configured; nothing else needs GoHighLevel`,
    },
    {
      section: SECTION,
      what: '… calls to GoHighLevel',
      value: calls,
      unit: 'calls',
      floor: { what: 'one a lead, and the pages', value: leads + leads / PAGE_SIZE + 1 },
    },
    {
      section: SECTION,
      what: '… refused with 429',
      value: refused,
      unit: 'calls',
      targets: [{ kind: 'at-most', limit: 0 }],
    },
    ...(['p50', 'p99'] as const).map((name): Figure => {
      const share = name === 'p50' ? 0.5 : 0.99;
      return {
        section: SECTION,
        what: `fresh leads beside day one, ${name}`,
        value: percentile(beside, share),
        unit: 'ms',
        floor: { what: 'without a run', value: percentile(without, share) },
        ...(name === 'p99' && { targets: [{ kind: 'ratio-at-most', limit: 1.25 }] }),
      };
    }),
  ];
}

/** A location of so many leads, none of them in the dialer. */
async function location(leads: number): Promise<{ world: Simulation; phones: string[] }> {
  const world = simulate({ latencyMs: LATENCY_MS, limit: DAY_LIMIT });
  const phones = Array.from({ length: leads }, world.freshPhone);
  for (const [n, phone] of phones.entries())
    await world.ghl.addContact({ firstName: `First${n}`, phone, tags: ['cold lead'] }, { silent: true });
  return { world, phones };
}

/** Ms from its creation until the dialer holds it, of each of FRESH leads; beside a first run over `leads`. */
async function fresh(leads: number): Promise<number[]> {
  const { world } = await location(leads);
  const { clock, ghl } = world;
  if (leads > 0) world.startRun();
  await clock.runTo(clock.now + SETTLING_MS);
  const began = new Map<string, number>();
  for (let n = 0; n < FRESH; n++)
    clock.after((1000 * (n + Math.random())) / PER_SECOND, () => {
      const phone = world.freshPhone();
      world.await(phone);
      began.set(phone, clock.now);
      void ghl.addContact({ firstName: 'Fresh', phone, tags: ['cold lead'] });
    });
  await runUntil(world, () => world.arrived.size === FRESH);
  return [...began].map(([phone, at]) => (world.arrived.get(phone) ?? Number.NaN) - at);
}

async function runUntil({ clock }: Simulation, over: () => boolean): Promise<void> {
  if (!(await clock.runUntil(over, clock.now + LIMIT_MS))) throw new Error('not done after a day');
}
