// The operator API's routes, written once: ingest lets them pass, the consumer answers them, and docs/api.md lists them.

/** One route of the operator API. */
export interface OperatorRoute {
  method: 'GET' | 'POST';
  /** As itty-router reads it; `:id` is a GoHighLevel contact id. */
  path: string;
  /** One sentence for docs/api.md. */
  does: string;
}

/** Every route of the operator API. */
export const OPERATOR_ROUTES = [
  { method: 'GET', path: '/api/v1/overview', does: 'Shows how things stand now.' },
  { method: 'GET', path: '/api/v1/history', does: 'Shows what happened in the last 24 hours and 14 days.' },
  { method: 'POST', path: '/api/v1/rules/test', does: 'Says what rules make of a contact, or of tags.' },
  {
    method: 'POST',
    path: '/api/v1/rules/preview',
    does: 'Says whom new rules would move, over the whole contact list.',
  },
  { method: 'GET', path: '/sync/stats', does: 'Counts contacts, dead letters and waiting messages.' },
  { method: 'POST', path: '/sync/trigger', does: 'Starts a backstop run.' },
  { method: 'GET', path: '/sync/runs', does: 'Lists the latest backstop runs and their progress.' },
  { method: 'GET', path: '/contacts/:id', does: 'Explains why this contact is, or is not, in the dialer.' },
  { method: 'GET', path: '/contacts/:id/fields', does: 'Shows what would be written into CallTools for this contact.' },
  { method: 'POST', path: '/contacts/:id/forget', does: 'Erases what is kept about a deleted contact.' },
  {
    method: 'POST',
    path: '/contacts/:id/place',
    does: 'Places a contact again that was taken out in CallTools or said no in a call.',
  },
  { method: 'POST', path: '/contacts/:id/retry', does: 'Tries a failed contact again.' },
  { method: 'GET', path: '/dead-letters', does: 'Lists dead letters.' },
  { method: 'POST', path: '/dead-letters/replay', does: 'Puts the contacts of dead letters back into the queue.' },
  { method: 'POST', path: '/dead-letters/discard', does: 'Gives dead letters up.' },
  { method: 'GET', path: '/doctor', does: 'Checks everything that can be wrong.' },
] as const satisfies readonly OperatorRoute[];

/** A route's name, such as `GET /doctor`. */
export type RouteName = NameOf<(typeof OPERATOR_ROUTES)[number]>;
type NameOf<Route> = Route extends { method: infer M extends string; path: infer P extends string }
  ? `${M} ${P}`
  : never;

/** The name of a route of the table. */
export function nameOf({ method, path }: (typeof OPERATOR_ROUTES)[number]): RouteName {
  return `${method} ${path}` as RouteName;
}
