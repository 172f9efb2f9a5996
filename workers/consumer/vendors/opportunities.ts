// Opportunities and pipelines of a GoHighLevel location. Facts: docs/vendors.md, GoHighLevel: opportunities.

import * as v from 'valibot';
import { Id } from '../../../shared/messages.ts';
import { fail } from '../domain/failure.ts';
import type { Opportunity, Pipeline } from '../domain/rules/conditions.ts';
import type { Request } from './call.ts';
import { lacksScope } from './gohighlevel-errors.ts';
import type { ErrorAnswer, Http } from './http.ts';

/** An opportunity, and whose it is. */
export interface FoundOpportunity extends Opportunity {
  /** Null where it cannot be read. */
  contactId: string | null;
}

/** Where a list of opportunities goes on: `startAfter` and `startAfterId` of the page before. */
export type OpportunityCursor = [startAfter: string, startAfterId: string];

/** One page of the location's opportunities, the oldest first. */
export interface OpportunityPage {
  rows: FoundOpportunity[];
  /** How many there are, where GoHighLevel says so. */
  total: number | null;
  /** Null where the list ends, or does not say where it goes on. */
  next: OpportunityCursor | null;
}

/** Calls about opportunities. Each throws VendorError. `no_scope`: the token may not read them, nobody's. */
export interface GhlOpportunities {
  /** All of a contact. One of which nothing can be read stands for what of them cannot be told. */
  opportunitiesOf(contactId: string): Promise<FoundOpportunity[] | 'no_scope'>;
  /** A page of the whole location's. */
  opportunityPage(cursor: OpportunityCursor | null): Promise<OpportunityPage | 'no_scope'>;
  pipelines(): Promise<Pipeline[] | 'no_scope'>;
}

/** Opportunities of one page: the most that GoHighLevel gives. */
export const OPPORTUNITY_PAGE = 100;
/** No contact has so many pages of them that they are all worth reading. */
const MAX_PAGES = 10;

const Found = v.looseObject({ opportunities: v.array(v.unknown()), meta: v.fallback(v.looseObject({}), {}) });
const Pipelines = v.looseObject({ pipelines: v.array(v.unknown()) });
const Named = v.object({ id: v.string(), name: v.string() });
const Stages = v.object({ stages: v.array(v.unknown()) });

const UNTOLD: FoundOpportunity = { id: '', contactId: null, pipelineId: null, stageId: null, status: null };

/** The calls for one location. `version` is the API's: v3 spells parameters in camel case. */
export function ghlOpportunities(http: Http, locationId: string, version: string): GhlOpportunities {
  const spelled = (name: string) =>
    version === 'v3' ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name;

  async function page(
    about: Request['about'],
    asked: Record<string, string>,
    cursor: OpportunityCursor | null,
  ): Promise<OpportunityPage | 'no_scope'> {
    const query = new URLSearchParams({
      [spelled('location_id')]: locationId,
      ...asked,
      status: 'all',
      order: 'added_asc',
      limit: String(OPPORTUNITY_PAGE),
      ...(cursor && { startAfter: cursor[0], startAfterId: cursor[1] }),
    });
    const path = `/opportunities/search?${query}`;
    const answer = await http.call({ method: 'GET', path, about, optional: true, shape: Found });
    return answer.ok ? pageOf(answer.data, cursor) : refused(answer, about, 'search');
  }

  return {
    async opportunitiesOf(contactId) {
      const all = new Map<string, FoundOpportunity>();
      let cursor: OpportunityCursor | null = null;
      for (let pages = 1; ; pages++) {
        const found: OpportunityPage | 'no_scope' = await page(
          'record',
          { [spelled('contact_id')]: contactId },
          cursor,
        );
        if (found === 'no_scope') return found;
        for (const row of found.rows.map((one) => ofContact(one, contactId))) all.set(row.id, row);
        if (endsWith(found, all.size)) return [...all.values()];
        cursor = found.next;
        if (cursor === null || pages === MAX_PAGES) return [...all.values(), UNTOLD];
      }
    },

    opportunityPage: (cursor) => page('list', {}, cursor),

    async pipelines() {
      const path = `/opportunities/pipelines?locationId=${encodeURIComponent(locationId)}`;
      const answer = await http.call({
        method: 'GET',
        path,
        about: 'list',
        aside: true,
        optional: true,
        shape: Pipelines,
      });
      if (!answer.ok) return refused(answer, 'list', 'pipelines');
      return answer.data.pipelines.flatMap((one) => {
        const named = v.safeParse(Named, one);
        const stages = v.safeParse(Stages, one);
        if (!named.success) return [];
        return [{ ...named.output, stages: stages.success ? stages.output.stages.flatMap(namedOf) : [] }];
      });
    },
  };
}

/** Whether the list ends with this page, of a list of which so many were seen. */
export function endsWith({ rows, total }: OpportunityPage, seen: number): boolean {
  return rows.length === 0
    ? total === null || total <= seen
    : rows.length < OPPORTUNITY_PAGE && (total ?? seen) <= seen;
}

/** One that is known to be another contact's shows that the filter was ignored. Of one that names none nothing counts. */
function ofContact(one: FoundOpportunity, contactId: string): FoundOpportunity {
  if (one.contactId === contactId) return one;
  if (one.contactId === null) return { ...UNTOLD, id: one.id };
  const error = 'GET /opportunities/search: the filter by contact was ignored';
  return fail({ kind: 'transient', vendor: 'gohighlevel', error });
}

function pageOf(
  { opportunities, meta }: v.InferOutput<typeof Found>,
  asked: OpportunityCursor | null,
): OpportunityPage {
  const { total, startAfter, startAfterId } = meta;
  const at = typeof startAfter === 'number' ? String(startAfter) : startAfter;
  const next = typeof at === 'string' && at !== '' && typeof startAfterId === 'string' && startAfterId !== '';
  // The same place again would bring the same page for ever.
  const moves = next && !(asked?.[0] === at && asked[1] === startAfterId);
  return {
    rows: opportunities.map(opportunityOf),
    total: Number.isSafeInteger(total) ? Number(total) : null,
    next: moves && opportunities.length > 0 ? [at, startAfterId] : null,
  };
}

/**
 * One row of the search, or one entry of `opportunities` in a row of the contact list, which spells its keys in snake case. The list's
 * entries name no contact.
 */
export function opportunityOf(row: unknown): FoundOpportunity {
  const json = isObject(row) ? row : {};
  const contact = isObject(json.contact) ? json.contact : {};
  return {
    id: idIn(json.id) ?? '',
    contactId: idIn(json.contactId ?? json.contact_id ?? contact.id),
    pipelineId: idIn(json.pipelineId ?? json.pipeline_id),
    stageId: idIn(json.pipelineStageId ?? json.pipeline_stage_id),
    status: idIn(json.status),
  };
}

function idIn(value: unknown): string | null {
  return v.is(Id, value) ? value : null;
}

function namedOf(one: unknown): { id: string; name: string }[] {
  const named = v.safeParse(Named, one);
  return named.success ? [named.output] : [];
}

/** A missing scope concerns everybody, and is told. Any other refusal is a failure. */
function refused(answer: ErrorAnswer, about: Request['about'], what: string): 'no_scope' {
  if (lacksScope(answer)) return 'no_scope';
  const error = `GET /opportunities/${what}: ${answer.status} ${answer.excerpt}`.trim();
  return fail({ kind: 'refused', vendor: 'gohighlevel', sign: about, error });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
