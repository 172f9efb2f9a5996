// A contact list of any size that is made page by page, and the lines of a preview of it.

import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { RulesPreviewLine } from '../../../shared/api/rules.ts';
import { readSettings } from '../../../workers/consumer/config/settings.ts';
import type { Rules } from '../../../workers/consumer/domain/rules/conditions.ts';
import { previewRules } from '../../../workers/consumer/rules-preview/preview.ts';
import { ENV, jsonAnswer, LOCATION } from '../../support/vendor-harness.ts';
import { VirtualClock, worldOn } from '../../support/virtual-clock.ts';

type Row = Record<string, unknown>;

interface Stub {
  size: number;
  row?: (n: number) => Row;
  /** An answer in place of the page that this call, from 1, would get. */
  instead?: (call: number) => Response | undefined;
  headers?: (call: number) => Record<string, string>;
}

/** A stage whose GoHighLevel has `size` contacts, all alike but for what `row` says. */
export function stubList({ size, row = () => ({}), instead = () => undefined, headers = () => ({}) }: Stub) {
  const clock = new VirtualClock();
  /** When each page was asked for, epoch ms. */
  const calls: number[] = [];
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  const world = worldOn(clock, async (request) => {
    calls.push(clock.at);
    if (request.method === 'GET') return instead(calls.length) ?? jsonAnswer(404, {});
    const { searchAfter, pageLimit } = (await request.json()) as { searchAfter?: [number]; pageLimit: number };
    const from = searchAfter?.[0] ?? 0;
    const contacts = Array.from({ length: Math.min(pageLimit, size - from) }, (_, n) => ({
      id: `c${from + n}`,
      phone: `+1305${String(5_550_000 + ((from + n) % 10_000)).padStart(7, '0')}`,
      tags: ['cold lead'],
      searchAfter: [from + n + 1],
      ...row(from + n),
    }));
    return instead(calls.length) ?? jsonAnswer(200, { contacts, total: size }, headers(calls.length));
  });
  const settings = readSettings(ENV);
  return {
    clock,
    calls,
    sqlite,
    db,
    preview: (rules: Rules): AsyncGenerator<RulesPreviewLine, void> => previewRules(rules, { db, settings, world }),

    /** A contact as last settled, with its number. */
    know(contactId: string, columns: Row = {}, dialer: Row = {}): void {
      const contact = { state: 'placed', reason: 'placed', route: 'cold-lead', wish: 'place', ...columns };
      sqlite.rows(
        `INSERT INTO contacts (location_id, contact_id, phone_hash, created_at, updated_at, state, reason, route, wish)
         VALUES (?1, ?2, ?2, 0, 0, ?3, ?4, ?5, ?6)`,
        LOCATION,
        contactId,
        ...(Object.values(contact) as string[]),
      );
      const { held = 1, hold = null } = dialer as { held?: number; hold?: string | null };
      sqlite.rows(
        `INSERT INTO dialer (location_id, phone_hash, contact_id, held, hold, updated_at) VALUES (?1, ?2, ?2, ?3, ?4, 0)`,
        LOCATION,
        contactId,
        held,
        hold,
      );
    },
  };
}

/** Its last line. */
export async function lastOf(lines: AsyncIterable<RulesPreviewLine>): Promise<RulesPreviewLine | undefined> {
  let last: RulesPreviewLine | undefined;
  for await (const line of lines) last = line;
  return last;
}
