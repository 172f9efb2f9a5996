// GET /api/v1/runs, and one run: how far it is, whom it repaired, and who failed in it.

import * as v from 'valibot';
import type { RunContacts, RunList } from '../../../../shared/api/lists.ts';
import type { LocatedRun } from '../../../../shared/api/status.ts';
import { problem } from '../../../../shared/problem.ts';
import { vendorPages } from '../../config/vendor-pages.ts';
import { REPAIRS } from '../../domain/outcome.ts';
import { reasonText } from '../../domain/reason-words.ts';
import { contactsOfRun, listRuns } from '../../store/lists/run-list.ts';
import { MAX_NAMED } from '../../store/run-contacts.ts';
import { findShownRun, type Run } from '../../store/runs.ts';
import { iso, listOf, success } from '../answer.ts';
import type { Handler } from '../deps.ts';
import { limit, location, NoQuery, readAsked, readQuery } from '../query.ts';
import { viewLocatedRun } from '../run-view.ts';

const KINDS = [...REPAIRS, 'failed'] as const;
const cursor = v.optional(
  v.pipe(v.string(), v.regex(/^\d{1,16}~[\w-]{1,64}$/, 'must be the `next` of an earlier answer')),
);

const RunsQuery = v.strictObject({ location, limit: limit(20, 100), cursor });
const ContactsQuery = v.strictObject({
  kind: v.optional(v.picklist(KINDS, `must be one of ${KINDS.join(', ')}`)),
  limit: limit(50, 200),
  cursor,
});

/** `GET /api/v1/runs`. */
export const runList: Handler = async (request, { env, locations, world }) => {
  const asked = readAsked(request, RunsQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { limit, cursor } = asked.query;
  const ids = asked.chosen.map(({ id }) => id);
  const { runs, next } = await listRuns(env.DB, ids, limit, cursor ?? null);
  return listOf<RunList>({ data: runs.map((run) => viewLocatedRun(run, world.now())), next });
};

/** `GET /api/v1/runs/:run`. */
export const oneRun: Handler = async (request, { env, world }) => {
  const query = readQuery(request, NoQuery);
  if (query.kind === 'bad') return query.answer;
  const run = await findShownRun(env.DB, request.params.run ?? '');
  return run === null ? notKnown() : success<LocatedRun>(viewLocatedRun(run, world.now()));
};

/** `GET /api/v1/runs/:run/contacts`. */
export const runContacts: Handler = async (request, { env, locations }) => {
  const query = readQuery(request, ContactsQuery);
  if (query.kind === 'bad') return query.answer;
  const run = await findShownRun(env.DB, request.params.run ?? '');
  if (run === null) return notKnown();
  const { kind, limit, cursor } = query.value;
  const { contacts, next } = await contactsOfRun(env.DB, run, kind ?? null, limit, cursor ?? null);
  const location = locations.all.find(({ id }) => id === run.locationId);
  const data = contacts.map(({ contactId, callToolsId, kind, at, state, reason }) => ({
    contact_id: contactId,
    kind,
    at: iso(at),
    state,
    reason,
    reason_text: reason && reasonText(reason),
    links: vendorPages(location, contactId, callToolsId),
  }));
  return listOf<RunContacts>({ data, next, capped: isCapped(run) });
};

function isCapped({ repaired, errors }: Run): boolean {
  const all = Object.values(repaired).reduce((sum, n) => sum + n, 0);
  return all > MAX_NAMED || errors > MAX_NAMED;
}

function notKnown(): Response {
  return problem(
    404,
    'Run not known',
    'There is no run with this id; runs are kept for 90 days. GET /api/v1/runs lists those that there are.',
  );
}
