// What was done with the operator's token: each action is written to a list, where VIEWER_TOKEN is set, and GET /api/v1/audit reads it.

import type { List } from '../../../shared/api/lists.ts';
import type { AuditEntry } from '../../../shared/api/status.ts';
import { errorText } from '../../../shared/harmless.ts';
import { readIngestStatus } from '../../../shared/ingest-status.ts';
import { actionOf, type OperatorRoute } from '../../../shared/operator-routes.ts';
import { type AuditRow, type AuditSubject, beginAction, endAction, listActions } from '../store/operator-orders.ts';
import { iso, listOf } from './answer.ts';
import type { Handler, OperatorDeps } from './deps.ts';
import { AuditQuery, readQuery } from './query.ts';

/** `GET /api/v1/audit`. */
export const audit: Handler = async (request, { env }) => {
  const query = readQuery(request, AuditQuery);
  if (query.kind === 'bad') return query.answer;
  const { limit, cursor } = query.value;
  const rows = await listActions(env.DB, cursor ?? null, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = last && rows.length > limit ? String(last.id) : null;
  return listOf<List<AuditEntry>>({ data: shown.map(viewEntry), next });
};

function viewEntry({ id, at, role, action, outcome, locationId, contactId, runs, letters }: AuditRow): AuditEntry {
  return {
    ...{ id, at: iso(at), role, action, outcome: outcome ?? 'unknown' },
    ...{ location_id: locationId, contact_id: contactId, runs, letters },
  };
}

/**
 * The handler, with its actions written to the list. An action that cannot be written is not begun. If only its end cannot be
 * written, the log says so, and the answer stands.
 */
export function audited(route: OperatorRoute, handler: Handler): Handler {
  return async (request, deps) => {
    const query = new URL(request.url).searchParams;
    const action = actionOf(route, query);
    const asked = readIngestStatus(request.headers);
    if (action === null || asked === null || asked.viewer === 'off') return handler(request, deps);
    const id = await beginAction(deps.env.DB, asked.role, action, deps.world.now());
    const end = async (response: Response | null) => {
      try {
        const about = { response, query, contactId: request.params.id };
        await endAction(deps.env.DB, id, outcomeOf(response), await subjectOf(about, deps));
      } catch (error) {
        deps.log('audit.failed', { action, error: errorText(error) });
      }
    };
    try {
      const response = await handler(request, deps);
      await end(response);
      return response;
    } catch (thrown) {
      await end(null);
      throw thrown;
    }
  };
}

function outcomeOf(response: Response | null) {
  if (response === null || response.status >= 500) return 'failed';
  return response.ok ? 'done' : 'refused';
}

/** Everything that an answer to an action may name. */
interface Named {
  contact_id?: string;
  location_id?: string;
  forgotten?: object;
  run?: { id: string };
  runs?: { run?: { id: string } }[];
  confirmed?: string;
  outcomes?: { id: string; outcome: string }[];
  filter?: { location?: string };
  dead_letters?: string[];
  reports?: { location_id: string | null; checks: { code: string; status: string }[] }[];
}

const NOTHING: AuditSubject = { locationId: null, contactId: null, runs: [], letters: [] };

/**
 * What the action was about, as its answer names it: a request may say anything, also a phone number, and an answer names only what is
 * known here. A 409 too is about a contact that is known. A contact that was forgotten is not named.
 */
async function subjectOf(
  { response, query, contactId }: { response: Response | null; query: URLSearchParams; contactId: string | undefined },
  { locations: { all } }: OperatorDeps,
): Promise<AuditSubject> {
  const [only, ...more] = all;
  const asked = query.get('location') ?? (more.length === 0 ? (only?.id ?? null) : null);
  if (response?.status === 409) return { ...NOTHING, locationId: asked, contactId: contactId ?? null };
  if (!response?.ok) return NOTHING;
  const { data } = (await response.clone().json()) as { data: Named };
  const runs = [data.run, ...(data.runs ?? []).map(({ run }) => run)].flatMap((run) => run?.id ?? []);
  const letters = (data.outcomes ?? []).flatMap(({ id, outcome }) => (outcome === 'not_found' ? [] : id));
  return {
    locationId: data.location_id ?? data.filter?.location ?? (data.outcomes ? null : asked),
    contactId: data.forgotten ? null : (data.contact_id ?? examined(data, query)),
    runs: [...runs, ...(data.confirmed === undefined ? [] : [data.confirmed])],
    letters: [...letters, ...(data.dead_letters ?? [])],
  };
}

/** The contact whose membership the doctor has checked. It skips one that it does not know. */
function examined({ reports = [] }: Named, query: URLSearchParams): string | null {
  const tried = reports.some(({ checks }) =>
    checks.some(({ code, status }) => code === 'membership' && status !== 'skipped'),
  );
  return tried ? query.get('contact') : null;
}
