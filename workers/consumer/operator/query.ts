// What an operator may ask for. A wrong value is refused by name, with what it must be.

import * as v from 'valibot';
import { Id } from '../../../shared/messages.ts';
import { problem } from '../../../shared/problem.ts';
import type { Location, Locations } from '../config/locations.ts';
import { FAILURES, type FailureReason } from '../domain/explanations.ts';

/** The value, or the answer that refuses the request. */
export type Parsed<T> = { kind: 'ok'; value: T } | Bad;
interface Bad {
  kind: 'bad';
  answer: Response;
}

/** 400. `detail` is for the person who sent the request; it never repeats a value, which may be personal. */
export function badRequest(detail: string): Response {
  return problem(400, 'Bad request', detail);
}

/** Letters that one replay or discard takes, and ids that one list names: a sendBatch holds 100 messages (docs/vendors.md). */
export const MAX_IDS = 100;
const MAX_PAGE = 500;
/** 100 ids of 64 characters need 7 KB. */
const MAX_BODY_BYTES = 32_768;

const DURATION_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const duration = v.pipe(
  v.string(),
  v.regex(/^\d{1,6}[smhd]$/, 'must be a duration such as 30m, 12h or 7d'),
  v.transform((text) => Number(text.slice(0, -1)) * DURATION_MS[text.slice(-1) as keyof typeof DURATION_MS]),
);
/** Rows of a page, from 1 to `max`. */
export const limit = (fallback: number, max = MAX_PAGE) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,6}$/, 'must be a whole number'),
      v.transform(Number),
      v.check((n) => n >= 1 && n <= max, `must be from 1 to ${max}`),
    ),
    String(fallback),
  );
/** Ids of dead letters, each once. */
export const letterIdsUpTo = (max: number) =>
  v.pipe(
    v.array(
      v.pipe(
        v.string('must be texts'),
        v.minLength(1, 'must not be empty'),
        v.maxLength(64, 'must be at most 64 characters long'),
      ),
    ),
    v.minLength(1, 'must name at least one dead letter'),
    v.maxLength(max, `must name at most ${max} dead letters`),
    v.transform((ids) => [...new Set(ids)]),
  );
const letterIds = letterIdsUpTo(MAX_IDS);
const REASONS = Object.keys(FAILURES) as FailureReason[];
const STATUSES = ['waiting', 'replayed', 'discarded', 'resolved', 'all'] as const;

/** Why something is a dead letter. */
export const letterReason = v.picklist(REASONS, `must be one of ${REASONS.join(', ')}`);
/** Text within the error of a dead letter. */
export const errorPart = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(200, 'must be at most 200 characters long'),
);

/** One location; without it all of them. */
export const location = v.optional(Id);

/** Routes without parameters. */
export const NoQuery = v.strictObject({});

/** Routes that take a location only. */
export const LocationQuery = v.strictObject({ location });

/** `POST /sync/trigger`. `confirm`: what the brake holds back is placed, and no run is started. */
export const TriggerQuery = v.strictObject({
  location,
  confirm: v.optional(
    v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'must be the id of a run, or an hour in UTC such as 2026-11-29T14')),
  ),
});

/** `GET /sync/runs`. */
export const RunsQuery = v.strictObject({ location, limit: limit(20) });

/** `GET /api/v1/audit`. The cursor is the id of the last entry of the page before. */
export const AuditQuery = v.strictObject({
  limit: limit(50),
  cursor: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'must be the `next` of an earlier answer'), v.transform(Number)),
  ),
});

/** `GET /dead-letters`. Durations come out in ms. */
export const DeadLettersQuery = v.strictObject({
  status: v.optional(v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`), 'waiting'),
  reason: v.optional(letterReason),
  location,
  contact: v.optional(Id),
  error: v.optional(errorPart),
  older_than: v.optional(duration),
  newer_than: v.optional(duration),
  ids: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
      letterIds,
    ),
  ),
  limit: limit(50),
  cursor: v.optional(v.pipe(v.string(), v.regex(/^\d{1,16}~.{1,64}$/, 'must be the `next` of an earlier answer'))),
});
/** The query of `GET /dead-letters`, read. */
export type DeadLettersQuery = v.InferOutput<typeof DeadLettersQuery>;

const IdsBody = v.strictObject({ ids: letterIds });

/** The query of `request` by schema. */
export function readQuery<T extends v.GenericSchema>(request: Request, schema: T): Parsed<v.InferOutput<T>> {
  const pairs = [...new URL(request.url).searchParams];
  const query = Object.fromEntries(pairs);
  if (Object.keys(query).length < pairs.length) return bad('Give each query parameter once.');
  return read(schema, query, 'query parameter');
}

/** The body `{"ids":[…]}` of `request`: ids of dead letters, each once. */
export async function readIds(request: Request): Promise<Parsed<string[]>> {
  const text = await request.text();
  if (text.length > MAX_BODY_BYTES) return bad(`The body is too long: ids may hold at most ${MAX_IDS} ids.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return bad('The body is not JSON. Send {"ids": ["…"]}.');
  }
  const parsed = read(IdsBody, json, 'body field');
  return parsed.kind === 'ok' ? { kind: 'ok', value: parsed.value.ids } : parsed;
}

/** The body of `request` by schema. `example`: how it may look, for the person who sent it. */
export async function readBody<T extends v.GenericSchema>(
  request: Request,
  schema: T,
  example: string,
  maxLength = MAX_BODY_BYTES,
): Promise<Parsed<v.InferOutput<T>>> {
  const text = await request.text();
  if (text.length > maxLength) return bad(`The body is too long: it may have ${maxLength} characters.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return bad(`The body is not JSON. Send ${example}.`);
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return { kind: 'ok', value: parsed.output };
  const [{ path, message, type, received }] = parsed.issues;
  const name = path?.[0]?.key;
  if (type === 'strict_object' || typeof name !== 'string') return bad(`The body must be of this form: ${example}.`);
  return bad(`The body field ${name} ${received === 'undefined' ? 'is missing' : message}.`);
}

/** An id in a path. */
export function readContactId(text: string): Parsed<string> {
  const parsed = v.safeParse(Id, text);
  if (parsed.success) return { kind: 'ok', value: parsed.output };
  return bad(`The contact id in the path ${parsed.issues[0].message}.`);
}

function read<T extends v.GenericSchema>(schema: T, input: unknown, what: string): Parsed<v.InferOutput<T>> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return { kind: 'ok', value: parsed.output };
  const [issue] = parsed.issues;
  const name = issue.path?.[0]?.key;
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return bad(`There is a ${what} that this route does not have; it has ${namesOf(schema)}.`);
  }
  if (typeof name !== 'string') return bad('The body must be a JSON object: send {"ids": ["…"]}.');
  return bad(`The ${what} ${name} ${issue.received === 'undefined' ? 'is missing' : issue.message}.`);
}

function bad(detail: string): Bad {
  return { kind: 'bad', answer: badRequest(detail) };
}

function namesOf(schema: v.GenericSchema): string {
  return 'entries' in schema ? Object.keys(schema.entries as object).join(', ') || 'none' : 'none';
}

/** The query of `request` by schema, and the locations that it asks about. */
export function readAsked<T extends v.GenericSchema<unknown, { location?: string | undefined }>>(
  request: Request,
  schema: T,
  locations: Locations,
): { kind: 'ok'; query: v.InferOutput<T>; chosen: Location[] } | Bad {
  const query = readQuery(request, schema);
  if (query.kind === 'bad') return query;
  const chosen = chooseLocations(locations, query.value.location);
  return chosen.kind === 'bad' ? chosen : { kind: 'ok', query: query.value, chosen: chosen.value };
}

/** `id` undefined = all of them. An unknown id is refused with the list of those that there are. */
export function chooseLocations({ all }: Locations, id: string | undefined): Parsed<Location[]> {
  const locations = id === undefined ? all : all.filter((location) => location.id === id);
  if (id === undefined || locations.length > 0) return { kind: 'ok', value: locations };
  const known = all.length > 0 ? `There are: ${all.map(({ id }) => id).join(', ')}.` : 'There is none yet.';
  return { kind: 'bad', answer: problem(404, 'Location not known', `The settings name no such location. ${known}`) };
}

/** What is wrong with the settings of these locations; null when nothing is. Where there are several it names each. */
export function faultsOf(locations: Location[], { all, fault }: Locations): string | null {
  const named = all.length > 1 ? (id: string) => `${id}: ` : () => '';
  const own = locations.flatMap((one) => (one.kind === 'faulty' ? [`${named(one.id)}${one.fault}`] : []));
  return [...(fault === null ? [] : [fault]), ...own].join('; ') || null;
}
