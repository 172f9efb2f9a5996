// Contacts as CSV, for a spreadsheet. It is made a page at a time, so any number of contacts fits.

import type { D1Database } from '@cloudflare/workers-types';
import { explain } from '../../domain/explanations.ts';
import {
  type ContactFilter,
  type ContactPage,
  type ListedContact,
  listContacts,
} from '../../store/lists/contact-list.ts';
import { iso } from '../answer.ts';

/** An invocation may ask D1 1,000 times (docs/vendors.md, Cloudflare: D1): a million contacts of one location, fewer of each where there are several. */
const PAGE = 1000;

const COLUMNS: [name: string, value: (contact: ListedContact) => string | number | null][] = [
  ['contact_id', ({ contactId }) => contactId],
  ['location_id', ({ locationId }) => locationId],
  ['state', ({ state }) => state],
  ['reason', ({ reason }) => reason],
  ['explanation', ({ reason }) => explain(reason).what],
  ['route', ({ route }) => route],
  ['calltools_id', ({ callToolsId }) => callToolsId],
  ['changed_at', ({ changedAt }) => iso(changedAt)],
  ['read_at', ({ readAt }) => iso(readAt)],
];

/** All that match, the newest change first. Rejects where the first page cannot be read; if a later one cannot, the answer breaks off. */
export async function contactsCsv(db: D1Database, filter: ContactFilter, now: number): Promise<Response> {
  const encoder = new TextEncoder();
  const first = await listContacts(db, filter, PAGE, null);
  // Excel reads UTF-8 only with a byte order mark.
  let waiting: string | null = `\uFEFF${lineOf(COLUMNS.map(([name]) => name))}`;
  let page: ContactPage | null = first;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { contacts, next } = page ?? { contacts: [], next: null };
        const lines = contacts.map((one) => lineOf(COLUMNS.map(([, value]) => value(one))));
        controller.enqueue(encoder.encode(`${waiting ?? ''}${lines.join('')}`));
        waiting = null;
        if (next === null) controller.close();
        else page = await listContacts(db, filter, PAGE, next);
      },
    },
    { highWaterMark: 0 },
  );
  const name = `contacts-${iso(now).slice(0, 10)}.csv`;
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
}

function lineOf(cells: (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** RFC 4180. A spreadsheet runs a text that begins so as a formula, so an apostrophe goes before it. */
function cellOf(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
