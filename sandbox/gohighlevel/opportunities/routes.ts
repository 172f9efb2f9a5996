// GET /opportunities/search and /opportunities/pipelines (docs/vendors.md, GoHighLevel: opportunities).

import { json } from '../../answers.ts';
import { refusal } from '../refusals.ts';
import type { GoHighLevelSettings } from '../settings.ts';
import { type GhlOpportunity, showFound } from './opportunity.ts';

/** `limit` is 20 unless asked for, at most 100 (apps/opportunities.json). */
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const STATUSES = ['open', 'won', 'lost', 'abandoned', 'all'];

interface Options {
  locationId: string;
  settings: Pick<GoHighLevelSettings, 'pipelines' | 'reshapeOpportunities'>;
  visible(): GhlOpportunity[];
  traceId(): string;
}

/** Answers a GET below /opportunities/; null for any other path. */
export function createOpportunityRoutes({ locationId, settings, visible, traceId }: Options) {
  const otherLocation = () => refusal(403, 'The token does not have access to this location.', traceId());

  function search(query: URLSearchParams, isV3: boolean): Response {
    // v3 spells these in camel case, older versions in snake case (apps/v3/opportunities-v3.json).
    const asked = (name: string) =>
      query.get(isV3 ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name);
    const location = asked('location_id');
    const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
    const status = query.get('status') ?? 'all';
    const complaints = [
      ...(location === null ? ['location_id must be a string', 'location_id should not be empty'] : []),
      ...(limit >= 1 && limit <= MAX_LIMIT ? [] : [`limit must not be greater than ${MAX_LIMIT}`]),
      ...(STATUSES.includes(status) ? [] : [`status must be one of the following values: ${STATUSES.join(', ')}`]),
    ];
    if (complaints.length > 0) return refusal(422, complaints, traceId());
    if (location !== locationId) return otherLocation();
    const isFound = (one: GhlOpportunity) =>
      (status === 'all' || one.status === status) &&
      [undefined, one.contactId].includes(asked('contact_id') ?? undefined) &&
      [undefined, one.pipelineId].includes(asked('pipeline_id') ?? undefined) &&
      [undefined, one.pipelineStageId].includes(asked('pipeline_stage_id') ?? undefined);
    return json(200, { ...pageOf(visible().filter(isFound), query, limit), traceId: traceId() });
  }

  /** In which order they come unless asked for is not documented: here the newest first. */
  function pageOf(found: GhlOpportunity[], query: URLSearchParams, limit: number) {
    const sign = query.get('order') === 'added_asc' ? 1 : -1;
    const added = ({ createdAt }: GhlOpportunity) => Date.parse(createdAt);
    const rows = found.sort((a, b) => sign * (added(a) - added(b)) || (a.id < b.id ? -1 : 1));
    const [after, afterId] = [query.get('startAfter'), query.get('startAfterId')];
    const isBehind = (one: GhlOpportunity) =>
      sign * (added(one) - Number(after)) || (one.id === afterId ? 0 : one.id < (afterId ?? '') ? -1 : 1);
    const page = Number(query.get('page') ?? 1);
    const rest = after === null ? rows.slice((page - 1) * limit) : rows.filter((one) => isBehind(one) > 0);
    const shown = rest.slice(0, limit);
    const last = shown.at(-1);
    const meta = {
      total: found.length,
      ...(last && { startAfter: added(last), startAfterId: last.id }),
      currentPage: page,
      nextPage: rest.length > limit ? page + 1 : null,
      prevPage: page > 1 ? page - 1 : null,
    };
    return settings.reshapeOpportunities({ opportunities: shown.map((one) => showFound(one, locationId)), meta });
  }

  return (path: string, query: URLSearchParams, version: string): Response | null => {
    if (path === '/opportunities/search') return search(query, version === 'v3');
    if (path !== '/opportunities/pipelines') return null;
    if (query.get('locationId') !== locationId) return otherLocation();
    return json(200, { pipelines: settings.pipelines, traceId: traceId() });
  };
}
