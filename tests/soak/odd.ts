// Answers that no vendor should give: errors inside a 200, one record that is refused, 404s that mean nothing, somebody else's data,
// lists that are short or of another form.

import type { Fault, FaultRule } from '../../sandbox/faults.ts';

/** What a trouble may be about. */
export interface Whom {
  /** Id of a contact in GoHighLevel, or in CallTools, as a text. */
  record: string;
  /** Another contact in GoHighLevel, as its API shows one. */
  other: Record<string, unknown>;
}

/** A trouble at one vendor. */
export interface Trouble {
  name: string;
  /** Each with its number of `times`. */
  rules?: FaultRule[] | ((whom: Whom) => FaultRule[]);
  /** Ms that every call takes. */
  latency?: number;
  odd?: true;
}

/** As long as the trouble lasts. */
export const ALL_THE_TIME = 100_000;

const FORBIDDEN = answer(403, { message: 'The token does not have access to this location.', detail: 'Not allowed.' });
const NOTHING = answer(404, { message: 'Resource not found. Please contact support.' });
const ROWS = [null, 'row', { id: 7, name: [] }, { id: null }];

const EVERYWHERE: Trouble[] = [
  { name: 'errors inside a 200', odd: true, rules: [{ times: 5, do: { kind: 'nonsense' } }] },
  { name: '200 without a body', odd: true, rules: [{ times: 5, do: { kind: 'status', status: 200 } }] },
  { name: '403 for one record', odd: true, rules: ({ record }) => [{ record, times: ALL_THE_TIME, do: FORBIDDEN }] },
];

/** Of GoHighLevel. */
export const ODD_AT_GHL: Trouble[] = [
  ...EVERYWHERE,
  { name: '404 for everybody', odd: true, rules: [{ match: { path: '/contacts/' }, times: 4, do: NOTHING }] },
  {
    name: "somebody else's data",
    odd: true,
    rules: ({ record, other }) => [{ record, times: ALL_THE_TIME, do: answer(200, { contact: other }) }],
  },
  { name: 'a list without rows', odd: true, rules: search({ contacts: [], total: 500 }) },
  { name: 'an empty list', odd: true, rules: search({ contacts: [], total: 0 }) },
  { name: 'a list of odd rows', odd: true, rules: search({ contacts: ROWS, total: ROWS.length }) },
];

/** Of CallTools. */
export const ODD_AT_CALLTOOLS: Trouble[] = [
  ...EVERYWHERE,
  { name: '404 for one record', odd: true, rules: ({ record }) => [{ record, times: ALL_THE_TIME, do: NOTHING }] },
  ...['do_not_contact', 'remove_buckets'].map((field) => ({
    name: `403 for ${field}`,
    odd: true as const,
    rules: [{ match: { method: 'PATCH', path: '/api/contacts/' }, field, times: 4, do: FORBIDDEN }],
  })),
  {
    name: 'a record of calls in another form',
    odd: true,
    rules: recordOfCalls({ count: ROWS.length, next: null, previous: null, results: ROWS }),
  },
];

function search(body: object): FaultRule[] {
  return [{ match: { method: 'POST', path: '/contacts/search' }, times: 3, do: answer(200, body) }];
}

function recordOfCalls(body: object): FaultRule[] {
  return [{ match: { method: 'GET', path: '/api/historicalcalldispositions/' }, times: 3, do: answer(200, body) }];
}

function answer(status: number, body: unknown): Fault {
  return { kind: 'status', status, body };
}
