// A night over a million contacts in twenty locations: whether it ends within the vendors' limits, in memory that does not grow, and
// without a statement that reads more rows where the tables are larger.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openSqlite } from '../../sandbox/d1-sqlite.ts';
import { installSynchronousCrypto } from '../../sandbox/synchronous-crypto.ts';
import type { Figure } from './measure/figure.ts';
import { LEAD_EVERY } from './million/account.ts';
import { measureRowsRead, type RowsRead } from './million/rows-read.ts';
import { createStage, LATENCY_MS, type Night, PAGE_SIZE, type Stage } from './million/stage.ts';
import { DOCUMENTED } from './vendor-pace.ts';

const SECTION = 'million';
/** How large all of it is. */
interface Size {
  locations: number;
  /** Of each. */
  contacts: number;
  /** Of the location whose statements are counted, and of each of the others beside it: the local D1 does not bear a million rows. */
  counted: number;
  beside: number;
}
const MILLION: Size = { locations: 20, contacts: 50_000, counted: 10_000, beside: 10_000 };
/** How long a night may take, s: nobody dials before it is over. */
const NIGHT_SECONDS = 3600;
/** Pages between two looks at the heap. */
const LOOK_EVERY = 20;
const MB = 1_000_000;

/** What a night came to, and the heap in it, MB after a collection, oldest first. */
interface Measured extends Night {
  heap: number[];
}

/** Takes some five minutes. */
export async function benchMillion({ tell }: { tell(line: string): void }, size: Size = MILLION): Promise<Figure[]> {
  const restore = installSynchronousCrypto();
  try {
    return await allFigures(size, tell);
  } finally {
    restore();
  }
}

async function allFigures(size: Size, tell: (line: string) => void): Promise<Figure[]> {
  const { locations, contacts, counted, beside } = size;
  tell(`${locations} locations of ${contacts} contacts, the first night…`);
  const stage = createStage({
    locations: Array.from({ length: locations }, (_, n) => n + 1),
    contacts,
    database: openSqlite().bind(async (act) => act()),
  });
  const first = await measured(stage);
  const leads = (locations * contacts) / LEAD_EVERY;
  if (stage.placed() !== leads) throw new Error(`${stage.placed()} of ${leads} leads are in the dialer`);
  tell('the second night, in which nothing has changed…');
  const second = await measured(stage);
  tell('rows that the statements read, by D1…');
  const rows = await measureRowsRead({ contacts: counted, others: { locations, contacts: beside } });
  return [...nightFigures(first, second, size), ...rowFigures(rows, size)];
}

async function measured(stage: Stage): Promise<Measured> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap: number[] = [];
  const night = await stage.night((pages) => {
    if (pages % LOOK_EVERY !== 0) return;
    collect();
    heap.push(process.memoryUsage().heapUsed / MB);
  });
  return { ...night, heap };
}

function nightFigures(first: Measured, second: Measured, { locations, contacts }: Size): Figure[] {
  const crowd = `${(locations * contacts).toLocaleString('en-US')} contacts in ${locations} locations`;
  const leads = (locations * contacts) / LEAD_EVERY;
  const atLimit = ({ ghlCalls }: Night) => (ghlCalls / DOCUMENTED.max) * (DOCUMENTED.intervalMs / 1000);
  const third = (n: number) =>
    Math.max(...second.heap.slice((second.heap.length * n) / 3, (second.heap.length * (n + 1)) / 3));
  const time = (what: string, night: Night, note: string): Figure => ({
    section: SECTION,
    what,
    value: night.seconds,
    unit: 's',
    floor: { what: `${night.ghlCalls} calls of a location at GoHighLevel's limit`, value: atLimit(night) },
    targets: [{ kind: 'at-most', limit: NIGHT_SECONDS }],
    note,
  });
  return [
    time(
      `a run over ${crowd}: time on the vendors' clock`,
      second,
      `nothing changed, a share of the leads is verified; ${second.pages} pages of ${PAGE_SIZE}, ${LATENCY_MS} ms a call, all locations at 02:00`,
    ),
    time(`… the first one, which places ${leads.toLocaleString('en-US')} leads`, first, `${first.pages} pages`),
    {
      section: SECTION,
      what: "… calls that a vendor's limit refused, in both",
      value: first.throttled + second.throttled,
      unit: 'calls',
      floor: { what: 'none', value: 0 },
      targets: [{ kind: 'floor-plus', limit: 0 }],
    },
    {
      section: SECTION,
      what: '… heap, last third',
      value: third(2),
      unit: 'MB',
      floor: { what: 'in its first third', value: third(0) },
      targets: [{ kind: 'ratio-at-most', limit: 1.1 }],
      note: `of the bench's process, stand-ins included, after a collection every ${LOOK_EVERY} pages`,
    },
  ];
}

function rowFigures({ small, large, statements, grown }: RowsRead, { locations, counted, beside }: Size): Figure[] {
  const others = (locations * beside).toLocaleString('en-US');
  return [
    {
      section: SECTION,
      what: '… rows read a page, last tenth',
      value: large,
      unit: '',
      floor: { what: 'first tenth, in a database that was empty', value: small },
      targets: [{ kind: 'ratio-at-most', limit: 1.1 }],
      note: `a location of ${counted.toLocaleString('en-US')} contacts beside ${others} of others, by D1`,
    },
    {
      section: SECTION,
      what: '… statements whose rows read grow with the tables',
      value: grown.length,
      unit: '',
      floor: { what: `of ${statements}`, value: 0 },
      targets: [{ kind: 'floor-plus', limit: 0 }],
      ...(grown.length > 0 && { note: grown.join('; ') }),
    },
  ];
}
