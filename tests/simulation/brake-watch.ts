// Watches how many new contacts come into CallTools: no 60 minutes see more than the limit, unless somebody has confirmed them.

import type { CallTools } from '../../sandbox/calltools.ts';
import type { Sqlite } from '../../sandbox/d1-sqlite.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import { HOUR_MS } from '../../shared/time.ts';
import type { Truth } from './truth.ts';
import type { Report } from './verdict.ts';

interface Options {
  clock: Clock;
  callTools: CallTools;
  truth: Truth;
  sqlite: Sqlite;
  limit: number | undefined;
  /** CallTools can be searched by number. */
  searchable: boolean;
  report: Report;
}

export function createBrakeWatch({ clock, callTools, truth, sqlite, limit, searchable, report }: Options) {
  const known = new Set<number>();
  /** Leads of whom CallTools has had a contact. */
  const leads = new Set<string>();
  /** When contacts were made that nobody had confirmed, epoch ms. */
  const made: number[] = [];
  const confirmed = new Set<string>();

  function isConfirmed(lead: string, phones: readonly string[]): boolean {
    const rows = sqlite.rows(`SELECT contact_id, run_id, at FROM new_placements WHERE state = 'confirmed'`);
    return rows.some(({ contact_id, run_id, at }) => {
      const id = String(contact_id);
      const same = id === lead || truth.versions(id).some(({ phone }) => phone !== null && phones.includes(phone));
      return same && (confirmed.has(String(run_id)) || confirmed.has(hourOf(Number(at))));
    });
  }

  return {
    /** To be called after every change in CallTools. */
    look(): void {
      if (limit === undefined) return;
      for (const { id, fields, phones } of callTools.contacts()) {
        // Without a number it cannot be dialed: an answer that got lost may leave such a one behind.
        if (known.has(id) || phones.length === 0) continue;
        known.add(id);
        const lead = String(fields.ghl_contact_id ?? '');
        // Where numbers cannot be looked up, a new number of theirs may get a contact of its own.
        const isTheirs = !searchable && lead !== '' && leads.has(lead);
        leads.add(lead);
        if (isTheirs || isConfirmed(lead, phones)) continue;
        made.push(clock.now);
        const lately = made.filter((at) => at > clock.now - HOUR_MS).length;
        if (lately > limit) report('overshoot', `${lately} new contacts within an hour, and the limit is ${limit}`);
      }
    },
    /** What confirms all that is held back now. */
    keys(): string[] {
      const rows = sqlite.rows(`SELECT DISTINCT run_id, at FROM new_placements WHERE state = 'held'`);
      const keys = new Set(rows.map(({ run_id, at }) => (run_id === null ? hourOf(Number(at)) : String(run_id))));
      for (const key of keys) confirmed.add(key);
      return [...keys];
    },
    /** Numbers of contacts that want to be dialed and are held back, or wait after their confirmation: its message may have got lost. */
    numbers(): string[] {
      const rows = sqlite.rows(`SELECT contact_id FROM new_placements WHERE state <> 'let_in'`);
      return rows.flatMap(({ contact_id }) => {
        const { wish, phone } = truth.latest(String(contact_id)) ?? { wish: 'none', phone: null };
        return wish === 'place' && phone !== null ? [phone] : [];
      });
    },
  };
}

function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13);
}
