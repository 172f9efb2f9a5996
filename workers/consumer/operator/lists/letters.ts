// GET /api/v1/dead-letters and its groups, and POST /api/v1/discards: what needs a person, each reason explained once.

import * as v from 'valibot';
import type {
  DeadLetterList,
  LetterGroup,
  LetterGroups,
  LetterTab,
  ManyDiscarded,
} from '../../../../shared/api/lists.ts';
import { Id } from '../../../../shared/messages.ts';
import { explain, RETRY_OR_FORGET } from '../../domain/explanations.ts';
import { hasLetters } from '../../store/dead-letter-list.ts';
import { discardMany, type LetterGroup as Group, groupLetters, listLetters } from '../../store/lists/letters.ts';
import { iso, listOf, success } from '../answer.ts';
import { viewDeadLetter } from '../dead-letter-view.ts';
import type { Handler, OperatorDeps } from '../deps.ts';
import {
  chooseLocations,
  errorPart,
  letterReason,
  limit,
  location,
  NoQuery,
  type Parsed,
  readQuery,
} from '../query.ts';
import { readFilter, sameError, viewFilter } from './letter-filter.ts';

const TABS = ['waiting', 'retrying', 'discarded', 'resolved'] as const satisfies LetterTab[];
const status = v.optional(v.picklist(TABS, `must be one of ${TABS.join(', ')}`), 'waiting');
/** A page has at most these. */
const MAX_PAGE = 200;
const cursor = (form: RegExp) =>
  v.optional(v.pipe(v.string(), v.regex(form, 'must be the `next` of an earlier answer')));

const ListQuery = v.strictObject({
  status,
  reason: v.optional(letterReason),
  error: v.optional(errorPart),
  same_error: v.optional(sameError),
  contact: v.optional(Id),
  location,
  limit: limit(50, MAX_PAGE),
  cursor: cursor(/^\d{1,16}~.{1,64}$/),
});
const GroupsQuery = v.strictObject({ status, location, limit: limit(50, MAX_PAGE), cursor: cursor(/^\d{1,6}$/) });

/** `GET /api/v1/dead-letters`. */
export const letters: Handler = async (request, { env, locations }) => {
  const query = readQuery(request, ListQuery);
  if (query.kind === 'bad') return query.answer;
  const { status, reason, error, same_error, contact, location, limit, cursor } = query.value;
  const chosen = await locationsOf(location, { env, locations });
  if (chosen.kind === 'bad') return chosen.answer;
  const filter = { reason, error, sameError: same_error, contactId: contact, locationId: location };
  const { letters, next } = await listLetters(env.DB, status, filter, limit, cursor ?? null);
  return listOf<DeadLetterList>({ data: letters.map(viewDeadLetter), next });
};

/** `GET /api/v1/dead-letters/groups`. */
export const letterGroups: Handler = async (request, { env, locations }) => {
  const query = readQuery(request, GroupsQuery);
  if (query.kind === 'bad') return query.answer;
  const { status, location, limit, cursor } = query.value;
  const chosen = await locationsOf(location, { env, locations });
  if (chosen.kind === 'bad') return chosen.answer;
  const of = { locationId: location, locationIds: chosen.value };
  const { groups, next, counts, left } = await groupLetters(env.DB, status, of, limit, Number(cursor ?? 0));
  const where = { status: status === 'discarded' ? status : undefined, locationId: location };
  const filter = viewFilter({ status: 'discarded', locationId: location });
  return listOf<LetterGroups>({
    data: groups.map((group) => viewGroup(group, where)),
    next,
    counts,
    still_failed: left.count === 0 ? null : { ...left, filter },
  });
};

/** `POST /api/v1/discards`. */
export const discardLetters: Handler = async (request, { env, world, log, locations }) => {
  const query = readQuery(request, NoQuery);
  if (query.kind === 'bad') return query.answer;
  const filter = await readFilter(request, 'discard', locations);
  if (filter.kind === 'bad') return filter.answer;
  const { discarded, stillFailed } = await discardMany(env.DB, filter.value, world.now());
  log('dead_letter.discarded_many', { letters: discarded, stillFailed });
  const note = noteOf(discarded, stillFailed);
  return success<ManyDiscarded>({ filter: viewFilter(filter.value), discarded, still_failed: stillFailed, note });
};

/** Ids of the locations that are asked about. Letters of one that is no longer in the settings can still be looked at. */
async function locationsOf(
  id: string | undefined,
  { env, locations }: Pick<OperatorDeps, 'env' | 'locations'>,
): Promise<Parsed<string[]>> {
  const chosen = chooseLocations(locations, id);
  if (chosen.kind === 'ok') return { kind: 'ok', value: chosen.value.map((one) => one.id) };
  return id !== undefined && (await hasLetters(env.DB, id)) ? { kind: 'ok', value: [id] } : chosen;
}

function viewGroup(
  { reason, error, count, replayable, oldestDeadAt, newestDeadAt, examples }: Group,
  where: { status: 'discarded' | undefined; locationId: string | undefined },
): LetterGroup {
  const { what, todo } = explain(reason);
  return {
    reason,
    error,
    count,
    replayable,
    oldest_dead_at: iso(oldestDeadAt),
    newest_dead_at: iso(newestDeadAt),
    what,
    what_to_do: todo,
    examples,
    filter: viewFilter({ ...where, reason, sameError: error }),
  };
}

function noteOf(discarded: number, stillFailed: number): string {
  if (discarded === 0) return 'Nothing was waiting that matches.';
  const failed =
    stillFailed === 0
      ? ''
      : ` ${stillFailed} ${stillFailed === 1 ? 'contact stays' : 'contacts stay'} failed. ${RETRY_OR_FORGET}`;
  return `${discarded} discarded.${failed}`;
}
