// An operator's looks at dead letters, and what becomes of those that are chosen.

import type { D1Database } from '@cloudflare/workers-types';
import type { OperatorDeps } from '../../workers/consumer/operator/deps.ts';
import { ask, dataOf, operatorDeps } from '../support/operator-harness.ts';

export interface List {
  dead_letters: ({ id: string } & Record<string, unknown>)[];
  total: number;
  next: string | null;
  by_reason: { reason: string; count: number; oldest_dead_at: string; what: string; what_to_do: string }[];
}
export const list = (db: D1Database, query = '') => dataOf<List>(ask(`/dead-letters${query}`, operatorDeps(db).deps));

export interface Outcomes {
  outcomes: { id: string; outcome: string }[];
}
export const post = (action: 'replay' | 'discard', ids: unknown, deps: OperatorDeps) =>
  dataOf<Outcomes>(ask(`/dead-letters/${action}`, deps, { ids }));
export const outcome = (id: string, is: string) => ({ id, outcome: is });
