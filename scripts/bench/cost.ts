// What a million webhooks cost on Cloudflare: counted operations times list prices, beside what others ask for as many.

import { MESSAGE_CPU } from './consumer.ts';
import type { Figure } from './measure/figure.ts';
import { FULL_BATCH, type Operations, type SpentByKind } from './operations.ts';
import { INGEST_CPU } from './profile.ts';

const SECTION = 'cost';
const WEBHOOKS = 1_000_000;
/** Of a month with a million an hour (docs/performance.md, how far this goes). */
const AT_SCALE = 720;
const DAYS_KEPT = 7;

/**
 * Dollars, and what the $5 a month of the paid plan include. From Cloudflare's own pages, in copies of github.com/cloudflare/cloudflare-docs
 * that were read on 2026-11-30: workers/platform/pricing (07acbb6), queues_pricing (96996fd), d1-pricing (25a83ce), and
 * observability/pricing (0ec9be2) for logs, whose prices begin on 2026-12-01.
 */
export const PRICES = {
  requests: { each: 0.3e-6, included: 10e6 },
  'CPU ms': { each: 0.02e-6, included: 30e6 },
  'queue operations': { each: 0.4e-6, included: 1e6 },
  'rows written': { each: 1e-6, included: 50e6 },
  'rows read': { each: 0.001e-6, included: 25e9 },
  'bytes of logs': { each: 0.25e-9, included: 50e9 },
  /** A GB-month is the mean of a month's days. */
  'bytes of logs kept for a month': { each: 0.1e-9, included: 12e9 },
} as const;
type Meter = keyof typeof PRICES;
type Usage = Record<Meter, number>;

/** Write, read and delete. */
const OPERATIONS_A_MESSAGE = 3;

/** Shares of all webhooks, as a sub-account might have them: most contacts that change are no leads. An assumption. */
const MIX = { cannotMatter: 0.7, unchanged: 0.1, changed: 0.15, fresh: 0.05 } as const;
type Kind = keyof typeof MIX;
const KINDS = Object.keys(MIX) as Kind[];

/** CPU of a webhook, ms: of ingest, and of the consumer by what it has to do. */
export interface Cpu {
  ingest: number;
  consumer: Record<Kind, number>;
}

/** Where the sections that measure it have not run, or cannot, as without Linux. */
const LAST_CPU: Cpu = { ingest: 0.36, consumer: { fresh: 0.62, changed: 0.5, unchanged: 0.33, cannotMatter: 0.02 } };

/** From the figures of the sections `profile` and `consumer`; null where they have not run. */
export function cpuOf(figures: readonly Figure[]): Cpu | null {
  const named = (what: string) => figures.find((figure) => figure.what === what)?.value;
  const us = named(INGEST_CPU);
  const ms = KINDS.flatMap((kind) => named(MESSAGE_CPU[kind]) ?? []);
  if (us === undefined || ms.length < KINDS.length) return null;
  return { ingest: us / 1000, consumer: Object.fromEntries(KINDS.map((kind, n) => [kind, ms[n]])) as Cpu['consumer'] };
}

/** For a million runs a month. Prices as others quote the vendors' pages, since those cannot be read from here. */
const OTHERS = [
  {
    what: 'Zapier, one task a webhook',
    price: 2 * 2199,
    note: 'Professional, 500,000 tasks for $2,199 a month, twice; reading the contact or looking up the number is one task more each (prices of 2025-05-18, from an unnamed copy in a public calculator)',
  },
  {
    what: 'Make, three operations a webhook',
    price: 1.5 * 1162.68,
    note: 'Core, 2,000,000 operations for $1,162.68 a month, one and a half times; receive, read, write (prices of 2025, from an unnamed copy in a public calculator)',
  },
  {
    what: 'n8n Cloud, one execution a webhook (€ taken for $)',
    price: 100 * 50,
    note: 'Pro, 10,000 executions for €50 a month, a hundred times; above 40,000 n8n asks for a quote (github.com/api-evangelist/n8n, plans, 2026-05-04)',
  },
];

/** What is known of one webhook. `ingestLogged`: bytes that ingest's lines about it make in Cloudflare's log. */
export interface Measured extends Pick<Operations, 'each' | 'full'> {
  ingestLogged: number;
  cpu: Cpu | null;
}

/** The bill, then the list prices. */
export function costFigures(measured: Measured): Figure[] {
  const alone = usageOf(measured, measured.each, 1);
  const batched = usageOf(measured, measured.full, FULL_BATCH);
  const list = sum(prices(alone));
  const what = 'a million mixed webhooks at list price, logs included';
  const note =
    'of 100: 70 cannot matter, 10 unchanged, 15 changed, 5 new leads; alone: each in a batch of its own, the dearest case';
  return [
    {
      section: SECTION,
      what: "the bill for a million mixed webhooks beyond the plan's allowance",
      value: sum(prices(alone, true)),
      unit: '$',
      note: 'a month, beside $5 for the plan, of which a part of everything is included; in batches or not',
    },
    { section: SECTION, what: `${what}: alone`, value: list, unit: '$', targets: [atMost(4.5)], note },
    ...partsOf(alone),
    {
      section: SECTION,
      what: `${what}: in batches of ${FULL_BATCH}`,
      value: sum(prices(batched)),
      unit: '$',
      targets: [atMost(3)],
      note: measured.cpu
        ? 'CPU as the sections profile and consumer measured it in this run'
        : 'CPU as measured on 2026-11-26: with --only profile,consumer,cost it is measured',
    },
    ...partsOf(batched),
    {
      section: SECTION,
      what: `the bill for ${AT_SCALE} million, a million an hour, beyond the plan's allowance`,
      value: sum(prices(times(batched, AT_SCALE), true)),
      unit: '$',
      note: 'in full batches, as they then arrive',
    },
    ...OTHERS.map(
      ({ what, price, note }): Figure => ({
        section: SECTION,
        what,
        value: price,
        unit: '$',
        note,
        floor: { what: 'this pipeline, mixed, alone', value: list },
      }),
    ),
  ];
}

const atMost = (limit: number) => ({ kind: 'at-most', limit }) as const;

const partsOf = (usage: Usage) =>
  Object.entries(prices(usage)).map(
    ([part, value]): Figure => ({ section: SECTION, what: `… ${part}`, value, unit: '$' }),
  );

/** Of a million webhooks in batches of `size`, of one kind each. */
function usageOf({ ingestLogged, cpu }: Measured, batches: SpentByKind, size: number): Usage {
  const { ingest, consumer } = cpu ?? LAST_CPU;
  const mean = (of: (kind: Kind) => number) => KINDS.reduce((total, kind) => total + MIX[kind] * of(kind), 0);
  const each = (part: keyof SpentByKind[Kind]) => WEBHOOKS * mean((kind) => batches[kind][part] / size);
  const logs = WEBHOOKS * ingestLogged + each('logged');
  return {
    requests: WEBHOOKS * (1 + 1 / size),
    'CPU ms': WEBHOOKS * (ingest + mean((kind) => consumer[kind])),
    'queue operations': (WEBHOOKS + each('sends')) * OPERATIONS_A_MESSAGE,
    'rows written': each('rowsWritten'),
    'rows read': each('rowsRead'),
    'bytes of logs': logs,
    'bytes of logs kept for a month': logs * (DAYS_KEPT / 30),
  };
}

/** Dollars for each part; with `beyond`, of what the plan does not include. */
function prices(usage: Usage, beyond = false): Record<Meter, number> {
  const meters = Object.keys(PRICES) as Meter[];
  const priced = meters.map((meter) => {
    const { each, included } = PRICES[meter];
    return [meter, each * Math.max(0, usage[meter] - (beyond ? included : 0))] as const;
  });
  return Object.fromEntries(priced) as Record<Meter, number>;
}

function times(usage: Usage, factor: number): Usage {
  return Object.fromEntries(Object.entries(usage).map(([meter, used]) => [meter, used * factor])) as Usage;
}

function sum(parts: Record<string, number>): number {
  return Object.values(parts).reduce((total, part) => total + part, 0);
}
