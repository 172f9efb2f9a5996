// The operator API's routes, written once: ingest lets them pass, the consumer answers them, and docs/api.md lists them.

/** One route of the operator API. */
export interface OperatorRoute {
  method: 'GET' | 'POST';
  /** As itty-router reads it; `:id` is a GoHighLevel contact id. */
  path: string;
  /** One sentence for docs/api.md. */
  does: string;
  /** What a request to it does, as the audit list names it. Null: it only reads, so a viewer may send it too. */
  action: string | null;
  /** With this query parameter it is another action. */
  actionWith?: { parameter: string; action: string };
}

/** Every route of the operator API. */
export const OPERATOR_ROUTES = [
  { method: 'GET', path: '/api/v1/overview', does: 'Shows how things stand now.', action: null },
  {
    method: 'GET',
    path: '/api/v1/history',
    does: 'Shows what happened in the last 24 hours and 14 days.',
    action: null,
  },
  {
    method: 'GET',
    path: '/api/v1/rules',
    does: 'Shows the deployed rules, and how many contacts each route has.',
    action: null,
  },
  { method: 'POST', path: '/api/v1/rules/test', does: 'Says what rules make of a contact, or of tags.', action: null },
  {
    method: 'POST',
    path: '/api/v1/rules/preview',
    does: 'Says whom new rules would move, over the whole contact list.',
    action: null,
  },
  { method: 'GET', path: '/api/v1/audit', does: 'Lists what was done with the operator token.', action: null },
  { method: 'GET', path: '/api/v1/settings', does: 'Shows the settings as they are in force.', action: null },
  {
    method: 'POST',
    path: '/api/v1/alerts/test',
    does: 'Sends a test alert to the address that is set.',
    action: 'alert.test',
  },
  {
    method: 'GET',
    path: '/api/v1/doctor',
    does: 'Checks everything that can be wrong.',
    action: null,
    actionWith: { parameter: 'contact', action: 'membership.check' },
  },
  { method: 'GET', path: '/metrics', does: 'Tells Prometheus how things stand.', action: null },
  {
    method: 'GET',
    path: '/api/v1/contacts',
    does: 'Lists contacts by state, reason, route and location.',
    action: null,
  },
  {
    method: 'POST',
    path: '/api/v1/contacts/find',
    does: 'Finds contacts by phone number, id, CallTools id or name.',
    action: null,
  },
  { method: 'GET', path: '/api/v1/dead-letters', does: 'Lists dead letters a page at a time.', action: null },
  {
    method: 'GET',
    path: '/api/v1/dead-letters/groups',
    does: 'Groups dead letters by reason and error.',
    action: null,
  },
  { method: 'POST', path: '/api/v1/discards', does: 'Gives many dead letters up.', action: 'letters.discard' },
  { method: 'GET', path: '/api/v1/replays', does: 'Lists orders to replay many dead letters.', action: null },
  {
    method: 'POST',
    path: '/api/v1/replays',
    does: 'Replays many dead letters by one order.',
    action: 'letters.replay',
  },
  {
    method: 'GET',
    path: '/api/v1/replays/:replay',
    does: 'Shows how far such an order is, and its result.',
    action: null,
  },
  { method: 'GET', path: '/api/v1/runs', does: 'Lists backstop runs.', action: null },
  { method: 'GET', path: '/api/v1/runs/:run', does: 'Shows one backstop run.', action: null },
  {
    method: 'GET',
    path: '/api/v1/runs/:run/contacts',
    does: 'Lists whom a run repaired, and who failed in it.',
    action: null,
  },
  { method: 'GET', path: '/api/v1/activity', does: 'Lists what became of contacts lately.', action: null },
  { method: 'GET', path: '/sync/stats', does: 'Counts contacts, dead letters and waiting messages.', action: null },
  {
    method: 'POST',
    path: '/sync/trigger',
    does: 'Starts a backstop run.',
    action: 'run.start',
    actionWith: { parameter: 'confirm', action: 'brake.confirm' },
  },
  { method: 'GET', path: '/sync/runs', does: 'Lists the latest backstop runs and their progress.', action: null },
  {
    method: 'GET',
    path: '/contacts/:id',
    does: 'Explains why this contact is, or is not, in the dialer.',
    action: null,
  },
  {
    method: 'GET',
    path: '/contacts/:id/fields',
    does: 'Shows what would be written into CallTools for this contact.',
    action: null,
  },
  {
    method: 'POST',
    path: '/contacts/:id/forget',
    does: 'Erases what is kept about a deleted contact.',
    action: 'contact.forget',
  },
  {
    method: 'POST',
    path: '/contacts/:id/place',
    does: 'Places a contact again that was taken out in CallTools or said no in a call.',
    action: 'contact.place',
  },
  {
    method: 'POST',
    path: '/contacts/:id/recheck',
    does: 'Reads a contact again now, in both systems.',
    action: 'contact.recheck',
  },
  { method: 'POST', path: '/contacts/:id/retry', does: 'Tries a failed contact again.', action: 'contact.retry' },
  { method: 'GET', path: '/dead-letters', does: 'Lists dead letters.', action: null },
  {
    method: 'POST',
    path: '/dead-letters/replay',
    does: 'Puts the contacts of dead letters back into the queue.',
    action: 'letters.replay',
  },
  { method: 'POST', path: '/dead-letters/discard', does: 'Gives dead letters up.', action: 'letters.discard' },
  {
    method: 'GET',
    path: '/doctor',
    does: 'Checks everything that can be wrong.',
    action: null,
    actionWith: { parameter: 'contact', action: 'membership.check' },
  },
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

/** The methods that a path of the table has, as the header `Allow` names them. */
export function methodsOf(path: string): string {
  return OPERATOR_ROUTES.flatMap((route) => (route.path === path ? route.method : [])).join(', ');
}

/** The action that a request to this route asks for; null where it only reads. */
export function actionOf({ action, actionWith }: OperatorRoute, query: URLSearchParams): string | null {
  return actionWith && query.has(actionWith.parameter) ? actionWith.action : action;
}
