// GET /api/v1/rules: the rules that are deployed, in words, and how many contacts each route has.

import type { List } from '../../../../shared/api/lists.ts';
import type { DeployedRoute, DeployedRules } from '../../../../shared/api/rules.ts';
import type { Location } from '../../config/locations.ts';
import { describeRules } from '../../domain/rules/explain.ts';
import { unreachableRoutes } from '../../domain/rules/unreachable.ts';
import { cachedContactCounts, type RouteCount } from '../../store/totals.ts';
import { iso, listOf } from '../answer.ts';
import type { Handler } from '../deps.ts';
import { LocationQuery, readAsked } from '../query.ts';

/** Most former routes that are named, those with the most contacts first. */
const MAX_FORMER = 20;

/** `GET /api/v1/rules`: one row a location. */
export const rules: Handler = async (request, { env, world, locations }) => {
  const asked = readAsked(request, LocationQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const ids = asked.chosen.map(({ id }) => id);
  const { routes, countedAt } = await cachedContactCounts(env.DB, ids, world.now());
  const data = asked.chosen.map((location): DeployedRules => {
    const counts = routes.filter(({ locationId }) => locationId === location.id);
    const { id: location_id, name: location_name } = location;
    return { location_id, location_name, ...viewRules(location, counts), counted_at: iso(countedAt) };
  });
  return listOf<List<DeployedRules>>({ data, next: null });
};

type View = Omit<DeployedRules, 'location_id' | 'location_name' | 'counted_at'>;

function viewRules(location: Location, counts: RouteCount[]): View {
  if (location.kind === 'faulty') {
    const { fault } = location;
    return { fault, from: null, opt_out_tags: null, routes: [], require: [], former_routes: [] };
  }
  const { rules, rulesFrom } = location.settings;
  const said = describeRules(rules);
  const never = new Map(unreachableRoutes(rules).map(({ route, why }) => [route, why]));
  const names = rules.routes.map(({ name }) => name);
  return {
    fault: null,
    from: rulesFrom,
    opt_out_tags: rules.routes.some(({ optOut }) => optOut === true),
    routes: rules.routes.map(({ name, bucket, calltoolsTag }, at) => ({
      name,
      bucket,
      calltools_tag: calltoolsTag ?? null,
      conditions: said.routes[at] ?? [],
      contacts: byState(counts.filter(({ route }) => route === name)),
      never_matches: never.get(name) ?? null,
    })),
    require: said.require,
    former_routes: formerRoutes(counts, names),
  };
}

function byState(counts: RouteCount[]): DeployedRoute['contacts'] {
  const of = (state: string) => counts.find((count) => count.state === state)?.n ?? 0;
  return { placed: of('placed'), kept_out: of('kept_out'), pending: of('pending'), failed: of('failed') };
}

function formerRoutes(counts: RouteCount[], names: string[]): DeployedRules['former_routes'] {
  const sums = new Map<string, number>();
  for (const { route, n } of counts) {
    if (route !== null && !names.includes(route)) sums.set(route, n + (sums.get(route) ?? 0));
  }
  const former = [...sums].map(([name, contacts]) => ({ name, contacts }));
  return former.sort((a, b) => b.contacts - a.contacts).slice(0, MAX_FORMER);
}
