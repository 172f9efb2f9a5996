// What an operator may ask for, checked at the door: a value that is wrong is named, with what it must be.

import * as v from 'valibot';
import { Id } from '../../../shared/messages.ts';
import { problem } from '../../../shared/problem.ts';
import type { Location, Locations } from '../config/locations.ts';
import { FAILURES, type FailureReason } from '../domain/explanations.ts';

/** The value, or a sentence for the person who sent it. */
export type Parsed<T> = { kind: 'ok'; value: T } | { kind: 'bad'; detail: string };

/** Letters that one replay or discard takes, and ids that one list names: a sendBatch holds 100 messages (facts/cloudflare.md [doc]). */
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
const limit = (fallback: number) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,6}$/, 'must be a whole number'),
      v.transform(Number),
      v.check((n) => n >= 1 && n <= MAX_PAGE, `must be from 1 to ${MAX_PAGE}`),
    ),
    String(fallback),
  );
const letterIds = v.pipe(
  v.array(
    v.pipe(
      v.string('must be texts'),
      v.minLength(1, 'must not be empty'),
      v.maxLength(64, 'must be at most 64 characters long'),
    ),
  ),
  v.minLength(1, 'must name at least one dead letter'),
  v.maxLength(MAX_IDS, `must name at most ${MAX_IDS} dead letters`),
  v.transform((ids) => [...new Set(ids)]),
);
const REASONS = Object.keys(FAILURES) as FailureReason[];
const STATUSES = ['waiting', 'replayed', 'discarded', 'resolved', 'all'] as const;

/** Of one location; all of them where none is named. */
const location = v.optional(Id);

/** Routes that take none. */
export const NoQuery = v.strictObject({});

/** All routes that ask about locations or one contact, and about nothing else. */
export const LocationQuery = v.strictObject({ location });

/** `GET /sync/runs`. */
export const RunsQuery = v.strictObject({ location, limit: limit(20) });

/** `GET /dead-letters`. Durations come out in ms. */
export const DeadLettersQuery = v.strictObject({
  status: v.optional(v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`), 'waiting'),
  reason: v.optional(v.picklist(REASONS, `must be one of ${REASONS.join(', ')}`)),
  location,
  contact: v.optional(Id),
  error: v.optional(
    v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(200, 'must be at most 200 characters long')),
  ),
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
export type DeadLettersQuery = v.InferOutput<typeof DeadLettersQuery>;

const IdsBody = v.strictObject({ ids: letterIds });

/** The query of `request` by schema. */
export function readQuery<T extends v.GenericSchema>(request: Request, schema: T): Parsed<v.InferOutput<T>> {
  const pairs = [...new URL(request.url).searchParams];
  const query = Object.fromEntries(pairs);
  if (Object.keys(query).length < pairs.length) return { kind: 'bad', detail: 'Give each query parameter once.' };
  return read(schema, query, 'query parameter');
}

/** The body `{"ids":[…]}` of `request`: ids of dead letters, each once. */
export async function readIds(request: Request): Promise<Parsed<string[]>> {
  const text = await request.text();
  if (text.length > MAX_BODY_BYTES)
    return { kind: 'bad', detail: `The body is too long: ids may hold at most ${MAX_IDS} ids.` };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'bad', detail: 'The body is not JSON. Send {"ids": ["…"]}.' };
  }
  const parsed = read(IdsBody, json, 'body field');
  return parsed.kind === 'ok' ? { kind: 'ok', value: parsed.value.ids } : parsed;
}

/** An id in a path. */
export function readContactId(text: string): Parsed<string> {
  const parsed = v.safeParse(Id, text);
  if (parsed.success) return { kind: 'ok', value: parsed.output };
  return { kind: 'bad', detail: `The contact id in the path ${parsed.issues[0].message}.` };
}

/** The detail names the field and what it must be; it never repeats the value, which may be personal. */
function read<T extends v.GenericSchema>(schema: T, input: unknown, what: string): Parsed<v.InferOutput<T>> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return { kind: 'ok', value: parsed.output };
  const [issue] = parsed.issues;
  const name = issue.path?.[0]?.key;
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return { kind: 'bad', detail: `There is a ${what} that this route does not have; it has ${namesOf(schema)}.` };
  }
  if (typeof name !== 'string') return { kind: 'bad', detail: 'The body must be a JSON object: send {"ids": ["…"]}.' };
  return {
    kind: 'bad',
    detail: `The ${what} ${name} ${issue.received === 'undefined' ? 'is missing' : issue.message}.`,
  };
}

function namesOf(schema: v.GenericSchema): string {
  return 'entries' in schema ? Object.keys(schema.entries as object).join(', ') || 'none' : 'none';
}

export type Chosen = { kind: 'ok'; locations: Location[] } | { kind: 'bad'; answer: Response };

/** `id` undefined = all of them. An id that the settings do not name is a problem that names those that there are. */
export function chooseLocations({ all }: Locations, id: string | undefined): Chosen {
  const locations = id === undefined ? all : all.filter((location) => location.id === id);
  if (id === undefined || locations.length > 0) return { kind: 'ok', locations };
  const known = all.length > 0 ? `There are: ${all.map(({ id }) => id).join(', ')}.` : 'There is none yet.';
  return { kind: 'bad', answer: problem(404, 'Location not known', `The settings name no such location. ${known}`) };
}

/** What is wrong with the settings, as far as these locations are concerned; null when nothing is. Where there are several it names each. */
export function faultsOf(locations: Location[], { all, fault }: Locations): string | null {
  const named = all.length > 1 ? (id: string) => `${id}: ` : () => '';
  const own = locations.flatMap((one) => (one.kind === 'faulty' ? [`${named(one.id)}${one.fault}`] : []));
  return [...(fault === null ? [] : [fault]), ...own].join('; ') || null;
}
