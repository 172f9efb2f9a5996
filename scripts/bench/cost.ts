// What a million webhooks cost on Cloudflare: counted operations times list prices, beside what others ask for as many.

import type { Figure } from './measure/figure.ts';
import { FULL_BATCH, type Operations, type Spent, type SpentByKind } from './operations.ts';

const SECTION = 'cost';
const WEBHOOKS = 1_000_000;

/**
 * Dollars, without the $5 a month of the paid plan and without what it includes. Workers, Queues and D1 as in docs/vendors.md,
 * Cloudflare: prices, read 2026-11; CPU time as in github.com/halideworks/onelight/wiki/Pricing, read there 2026-08-03.
 */
const PRICES = {
  request: 0.3e-6,
  cpuMs: 0.02e-6,
  queueOperation: 0.4e-6,
  rowRead: 0.001e-6,
  rowWritten: 1e-6,
};
/** Write, read and delete. */
const OPERATIONS_A_MESSAGE = 3;
/** A webhook, and at worst one call of the consumer for it alone. */
const REQUESTS_A_WEBHOOK = 2;

/** Shares of all webhooks, as a sub-account might have them: most contacts that change are no leads. An assumption. */
const MIX = { cannotMatter: 0.7, unchanged: 0.1, changed: 0.15, fresh: 0.05 } as const;

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

/** `cpuMs` is of one webhook; null leaves CPU time out. */
export function costFigures({ each, full }: Pick<Operations, 'each' | 'full'>, cpuMs: number | null): Figure[] {
  const mixed = mix(each, 1);
  const parts = partsOf(mixed, cpuMs);
  const total = sum(parts);
  return [
    {
      section: SECTION,
      what: 'a million webhooks, mixed',
      value: total,
      unit: '$',
      note: 'of 100: 70 cannot matter, 10 unchanged, 15 changed, 5 new leads; each in a batch of its own, the dearest case',
    },
    ...Object.entries(parts).map(
      ([part, value]): Figure => ({ section: SECTION, what: `… ${part}`, value, unit: '$' }),
    ),
    {
      section: SECTION,
      what: `the same, ${FULL_BATCH} of a kind a batch`,
      unit: '$',
      value: sum(partsOf(mix(full, FULL_BATCH), cpuMs)),
    },
    { section: SECTION, what: 'a million new leads', value: sum(partsOf(each.fresh, cpuMs)), unit: '$' },
    ...OTHERS.map(
      ({ what, price, note }): Figure => ({
        section: SECTION,
        what,
        value: price,
        unit: '$',
        note,
        floor: { what: 'this pipeline, mixed', value: total },
      }),
    ),
  ];
}

type Parts = Record<string, number>;

function partsOf({ rowsRead, rowsWritten, sends }: Billed, cpuMs: number | null): Parts {
  return {
    requests: WEBHOOKS * REQUESTS_A_WEBHOOK * PRICES.request,
    ...(cpuMs !== null && { 'CPU time': WEBHOOKS * cpuMs * PRICES.cpuMs }),
    'queue operations': WEBHOOKS * (1 + sends) * OPERATIONS_A_MESSAGE * PRICES.queueOperation,
    'rows written': WEBHOOKS * rowsWritten * PRICES.rowWritten,
    'rows read': WEBHOOKS * rowsRead * PRICES.rowRead,
  };
}

type Billed = Pick<Spent, 'rowsRead' | 'rowsWritten' | 'sends'>;

/** What one event takes of batches of `size`. */
function mix(batches: SpentByKind, size: number): Billed {
  const kinds = Object.keys(MIX) as (keyof typeof MIX)[];
  const mean = (part: keyof Billed) =>
    kinds.reduce((total, kind) => total + (MIX[kind] * batches[kind][part]) / size, 0);
  return { rowsRead: mean('rowsRead'), rowsWritten: mean('rowsWritten'), sends: mean('sends') };
}

function sum(parts: Parts): number {
  return Object.values(parts).reduce((total, part) => total + part, 0);
}
