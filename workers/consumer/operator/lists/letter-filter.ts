// The filter that orders about many dead letters take, read and shown again.

import * as v from 'valibot';
import type { LetterFilter } from '../../../../shared/api/lists.ts';
import type { ReplayFilter } from '../../store/lists/replays.ts';
import type { OperatorDeps } from '../deps.ts';
import { chooseLocations, errorPart, letterIdsUpTo, letterReason, location, type Parsed, readBody } from '../query.ts';

/** Ids that one order may name: 26 characters each, they fit the body. */
const MAX_NAMED = 1_000;
/** The longest error is shorter. */
export const sameError = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(8_000, 'must be the `error` of a group'),
);
const EXAMPLE = '{"reason": "rejected"}, {"error": "zip_code"}, {"location": "…"}, {"ids": ["…"]} or {} for all';

const entries = {
  reason: v.optional(letterReason),
  error: v.optional(errorPart),
  same_error: v.optional(sameError),
  location,
  ids: v.optional(letterIdsUpTo(MAX_NAMED)),
};
const status = (names: ('waiting' | 'discarded')[]) =>
  v.optional(v.picklist(names, `must be ${names.join(' or ')}`), 'waiting');
const SCHEMAS = {
  replay: v.strictObject({ ...entries, status: status(['waiting', 'discarded']) }),
  discard: v.strictObject({ ...entries, status: status(['waiting']) }),
};

/** The filter in the body of `request`. Those that mean the same are equal as JSON. */
export async function readFilter(
  request: Request,
  order: keyof typeof SCHEMAS,
  locations: OperatorDeps['locations'],
): Promise<Parsed<ReplayFilter>> {
  const body = await readBody(request, SCHEMAS[order], EXAMPLE);
  if (body.kind === 'bad') return body;
  const { reason, error, same_error: sameError, location: locationId, ids, status } = body.value;
  const chosen = chooseLocations(locations, locationId);
  if (chosen.kind === 'bad') return chosen;
  const given = { reason, error, sameError, locationId, ids: ids?.toSorted() };
  return { kind: 'ok', value: { ...given, status: status === 'discarded' ? status : undefined } };
}

/** The filter as it was asked for. */
export function viewFilter({ locationId, sameError, ...rest }: ReplayFilter): LetterFilter {
  return {
    ...rest,
    ...(sameError !== undefined && { same_error: sameError }),
    ...(locationId !== undefined && { location: locationId }),
  };
}
