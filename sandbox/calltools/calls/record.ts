// What calls leave in the account: the calls, the record of dispositions, and rows that come late. Hooks are sent for each of them.

import type { World } from '../../world.ts';

/** A call. Times are epoch ms. */
export interface CallRow {
  /** Of `/calls/`; a running call has none yet (inferred). */
  id: number;
  uuid: string;
  contact: number;
  /** User id. */
  appUser: string | null;
  campaign: number | null;
  disposition: number;
  noContact: boolean;
  destination: string;
  start: number;
  end: number;
}

/** A row of the record of dispositions. Times are epoch ms. */
export interface HistoryRow {
  id: number;
  callUuid: string;
  contact: number;
  appUser: string | null;
  campaign: number | null;
  disposition: number;
  phoneNumber: string;
  createdOn: number;
}

/** What happens later, at epoch ms. A row without an id gets the next one when it appears. */
export type Pending =
  | { dueAt: number; do: 'show-row'; row: HistoryRow | Omit<HistoryRow, 'id'> }
  | { dueAt: number; do: 'take-out'; contact: number; bucket: string };

/** Objects that tell somebody of something, by the last part of their path. */
export const HOOK_KINDS = ['resthooksubscriptions', 'httprequests', 'automations', 'webhookactions'] as const;
export type HookKind = (typeof HOOK_KINDS)[number];
export type HookObject = Record<string, unknown> & { id: number };

interface Rows {
  running: Omit<CallRow, 'id' | 'end'>[];
  calls: CallRow[];
  /** By id. */
  history: HistoryRow[];
  pending: Pending[];
  hooks: Record<HookKind, HookObject[]>;
  hookErrors: HookObject[];
}

/** Everything that calls leave. */
export interface CallRecord extends Rows {
  addHistory(row: HistoryRow): void;
  /** Keeps it until it is due, then hands it to `run`; at once if it is due already. */
  later(pending: Pending, run: (pending: Pending) => void): void;
  snapshot(): unknown;
  /** What was still to come is handed to `run` when it is due. A state from before there were calls is empty. */
  restore(state: unknown, run: (pending: Pending) => void): void;
}

function nothing(): Rows {
  const hooks = { resthooksubscriptions: [], httprequests: [], automations: [], webhookactions: [] };
  return { running: [], calls: [], history: [], pending: [], hooks, hookErrors: [] };
}

/** An empty record. */
export function createCallRecord({ now, wait }: Pick<World, 'now' | 'wait'>): CallRecord {
  function arrange(pending: Pending, run: (pending: Pending) => void): void {
    const due = () => {
      // A restore may have taken it away meanwhile.
      if (!record.pending.includes(pending)) return;
      record.pending.splice(record.pending.indexOf(pending), 1);
      run(pending);
    };
    // The sandbox may close meanwhile.
    if (pending.dueAt <= now()) due();
    else wait(pending.dueAt - now()).then(due, () => {});
  }

  const record: CallRecord = {
    ...nothing(),

    addHistory(row) {
      const isLast = row.id > (record.history.at(-1)?.id ?? 0);
      record.history.push(row);
      if (!isLast) record.history.sort((a, b) => a.id - b.id);
    },

    later(pending, run) {
      record.pending.push(pending);
      arrange(pending, run);
    },

    snapshot() {
      const { running, calls, history, pending, hooks, hookErrors } = record;
      return structuredClone({ running, calls, history, pending, hooks, hookErrors });
    },

    restore(state, run) {
      Object.assign(record, nothing(), structuredClone(state));
      for (const pending of [...record.pending]) arrange(pending, run);
    },
  };
  return record;
}
