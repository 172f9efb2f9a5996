// The record of dispositions in a history: what must be kept of it, what may be, and what somebody has changed by hand.

import type { CallTools } from '../../sandbox/calltools.ts';
import type { Sqlite } from '../../sandbox/d1-sqlite.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import { saysNo } from './agents-calls.ts';
import type { Handle } from './forms.ts';
import type { Action } from './history.ts';

/** A row, as `call_results` may hold it. */
export interface ExpectedRow {
  contact: number;
  /** Epoch ms. */
  at: number;
  /** What it has said, the latest last. */
  names: string[];
  /** It must have been kept; else it was removed, and may have been kept before. */
  isNeeded: boolean;
}

interface Call {
  at: number;
  contact: number;
  names: string[];
  /** It was changed or removed before it was kept: nothing is claimed of what it said. */
  isVoid: boolean;
  isRemoved?: true;
}

export type CallRows = ReturnType<typeof createCallRows>;

interface Options {
  clock: Clock;
  callTools: CallTools;
  sqlite: Sqlite;
  /** Rows from before the first poll count too. */
  since: boolean;
}

const FIRST_PAGE = /\/historicalcalldispositions\/.*[?&]page=1(?!\d)/;

export function createCallRows({ clock, callTools, sqlite, since }: Options) {
  const calls = new Map<string, Call>();

  /** By call; looked up again only where it has none yet. */
  const ids = new Map<string, number>();
  function lookUp(): void {
    if (ids.size === calls.size) return;
    for (const row of callTools.dispositionRows()) if ('id' in row) ids.set(row.callUuid, row.id);
  }
  const idOf = (callUuid: string): number | undefined => {
    if (!ids.has(callUuid)) lookUp();
    return ids.get(callUuid);
  };
  const isKept = (id: number) => sqlite.rows('SELECT 1 FROM call_results WHERE row_id = ?1', id).length > 0;
  /** The newest row that the first poll was shown; those up to it take no effect, unless the setting says so. */
  let first = 0;

  return {
    made(callUuid: string, contact: number, disposition: string): void {
      calls.set(callUuid, { at: clock.now, contact, names: [disposition], isVoid: false });
    },

    /** Somebody changes or removes the row that is so many rows back. */
    edit({ back, to }: Extract<Action, { do: 'edit-row' }>): void {
      const shown = callTools.dispositionRows().flatMap((row) => ('id' in row && calls.has(row.callUuid) ? [row] : []));
      const row = shown.toSorted((a, b) => b.id - a.id)[back];
      const call = row && calls.get(row.callUuid);
      if (!row || !call || !callTools.editDispositionByHand(row.id, to)) return;
      call.isVoid ||= !isKept(row.id);
      ids.set(row.callUuid, row.id);
      if (to === null) call.isRemoved = true;
      else call.names.push(to);
    },

    /** To be put around CallTools, as near to it as can be. */
    watching:
      (handle: Handle): Handle =>
      async (request) => {
        const answer = await handle(request);
        if (since || !FIRST_PAGE.test(request.url) || answer.status !== 200) return answer;
        const [poll] = sqlite.rows('SELECT cursor_id FROM call_polls');
        if (poll && poll.cursor_id !== null) return answer;
        const { results } = (await answer.clone().json()) as { results: { id: number }[] };
        first = Math.max(0, ...results.map(({ id }) => id));
        return answer;
      },

    idOf,
    /** It takes effect, and nobody has changed it before. */
    counts: (callUuid: string) =>
      (idOf(callUuid) ?? Number.POSITIVE_INFINITY) > first && calls.get(callUuid)?.isVoid !== true,

    /** By id; those that have none yet by numbers below 0. */
    expected(): Map<number, ExpectedRow> {
      const found = new Map<number, ExpectedRow>();
      let late = 0;
      lookUp();
      for (const [callUuid, { at, contact, names, isRemoved = false }] of calls) {
        const id = ids.get(callUuid);
        if (id === undefined || id > first) found.set(id ?? --late, { contact, at, names, isNeeded: !isRemoved });
      }
      return found;
    },

    /** CallTools contacts that were called; `noesOnly`: of which a row says, or said, no. */
    called({ noesOnly }: { noesOnly: boolean }): number[] {
      const all = [...calls.values()].filter(({ names }) => !noesOnly || names.some(saysNo));
      return [...new Set(all.map(({ contact }) => contact))];
    },
  };
}
