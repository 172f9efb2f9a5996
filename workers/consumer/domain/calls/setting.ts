// Reads CALL_RESULTS: which dispositions of a call keep a person out of the dialer, what is written to GoHighLevel because of them, and how
// often CallTools is asked for new ones.

import { validId } from '../../../../shared/messages.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../shared/time.ts';
import { didYouMean } from '../nearest.ts';
import type { Rules } from '../rules/conditions.ts';
import { routeNaming } from '../rules/match.ts';
import { sameName } from '../rules/tags.ts';
import { type CallWrites, NO_WRITES, stepsOf } from './writes.ts';

/** What follows from some dispositions. */
export interface CallRule {
  /** Names, as CallTools spells them but for case, spaces and typography. */
  dispositions: readonly string[];
  /** The person is out of the dialer until its route changes or an operator says otherwise. */
  hold: boolean;
  writes: CallWrites;
}

/** CALL_RESULTS, read and checked. */
export interface CallResults {
  /** CallTools is asked this often, ms. */
  pollMs: number;
  /** Epoch ms: the first poll goes back to this time; null = only what is said from then on counts. */
  since: number | null;
  results: readonly CallRule[];
  /** What dispositions write that no entry names. */
  otherwise: CallWrites;
}

const KEYS = ['poll', 'since', 'results', 'otherwise'] as const;
const WRITE_KEYS = ['tags', 'dnd', 'workflow', 'note'] as const;
const RESULT_KEYS = ['dispositions', 'hold', ...WRITE_KEYS] as const;

const DEFAULT_POLL = '5m';
const UNITS: Record<string, number> = { s: 1000, m: MINUTE_MS, h: HOUR_MS };
/** The cron runs once a minute. */
const LEAST_POLL_MS = MINUTE_MS;
const MOST_POLL_MS = DAY_MS;
/** Most names in all entries together. */
const MAX_NAMES = 500;
const MAX_NAME_LENGTH = 100;
/** Tags of one entry. */
const MAX_TAGS = 20;

type Json = Readonly<Record<string, unknown>>;

/** What is wrong, and where within CALL_RESULTS. */
class Fault extends Error {
  readonly where: string;
  constructor(where: string, message: string) {
    super(message);
    this.where = where;
  }
}

/**
 * The setting as it comes: JSON text, or an object where wrangler's config holds one. Null where it is not set: then the calls' results
 * are not read. `rules`: no route of theirs may match a tag that is written. Throws an Error that names what is wrong and says what it must
 * be.
 */
export function parseCallResults(setting: unknown, rules: Rules = { routes: [] }): CallResults | null {
  const given = typeof setting === 'string' ? setting.trim() : setting;
  if (given === undefined || given === null || given === '') return null;
  try {
    return resultsOf(typeof given === 'string' ? readJson(given) : given, rules);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    throw new Error(`CALL_RESULTS${thrown.where}: ${thrown.message}`);
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault('', 'is not valid JSON (a missing quote or comma?)');
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function resultsOf(given: unknown, rules: Rules): CallResults {
  if (!isObject(given)) throw new Fault('', 'must be an object such as {"poll": "5m", "results": []}');
  refuseUnknown('', given, KEYS);
  const { results: entries = [] } = given;
  if (!Array.isArray(entries)) throw new Fault('.results', 'must be a list of objects');
  const results = entries.map((entry, index) => ruleOf(`.results.${index}`, entry, rules));
  refuseRepeated(results.flatMap(({ dispositions }) => dispositions));
  const otherwise = given.otherwise === undefined ? NO_WRITES : otherwiseOf('.otherwise', given.otherwise, rules);
  return { pollMs: pollOf(given.poll), since: sinceOf(given.since), results, otherwise };
}

function refuseUnknown(where: string, given: Json, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const shown = key.length > 60 ? `${key.slice(0, 60)}…` : key;
    throw new Fault(where, `"${shown}" is not known.${didYouMean(key, known)} It may hold ${known.join(', ')}`);
  }
}

function pollOf(given: unknown): number {
  const text = given === undefined ? DEFAULT_POLL : given;
  const [, count = '', unit = ''] = (typeof text === 'string' && /^\s*(\d{1,6})\s*([smh])\s*$/i.exec(text)) || [];
  const ms = Number(count) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (Number.isNaN(ms)) throw new Fault('.poll', 'must be a time such as 90s, 5m or 1h');
  if (ms < LEAST_POLL_MS || ms > MOST_POLL_MS) throw new Fault('.poll', 'must be at least 1m and at most 24h');
  return ms;
}

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

function sinceOf(given: unknown): number | null {
  if (given === undefined || given === null) return null;
  const at = typeof given === 'string' && DATE.test(given) ? Date.parse(given) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  const day = typeof given === 'string' ? given.slice(0, 10) : '';
  const exists = !Number.isNaN(at) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  if (!exists) throw new Fault('.since', 'must be a date such as 2026-11-01 (UTC) or 2026-11-01T08:00:00Z');
  return at;
}

const SOME = '"tags", "dnd", "workflow" or "note"';

function ruleOf(where: string, entry: unknown, rules: Rules): CallRule {
  if (!isObject(entry))
    throw new Fault(where, 'must be an object such as {"dispositions": ["Not Interested"], "hold": true}');
  refuseUnknown(where, entry, RESULT_KEYS);
  const { dispositions, hold } = entry;
  const names = textsOf(`${where}.dispositions`, dispositions, 'names of dispositions');
  if (hold !== undefined && hold !== true) throw new Fault(`${where}.hold`, 'must be true, or be left out');
  const writes = writesOf(where, entry, rules);
  if (hold === undefined && stepsOf(writes).length === 0)
    throw new Fault(where, `needs "hold": true, ${SOME}, or nothing would follow from it`);
  return { dispositions: names, hold: hold === true, writes };
}

function otherwiseOf(where: string, given: unknown, rules: Rules): CallWrites {
  if (!isObject(given)) throw new Fault(where, 'must be an object such as {"tags": ["dialer: called"]}');
  if ('hold' in given)
    throw new Fault(`${where}.hold`, 'is not possible: "No Answer" too would keep people out. Name the dispositions');
  refuseUnknown(where, given, WRITE_KEYS);
  const writes = writesOf(where, given, rules);
  if (stepsOf(writes).length === 0) throw new Fault(where, `needs ${SOME}, or nothing would follow from it`);
  return writes;
}

function writesOf(where: string, { tags, dnd, workflow, note }: Json, rules: Rules): CallWrites {
  if (dnd !== undefined && dnd !== 'call')
    throw new Fault(`${where}.dnd`, 'must be "call": no other channel is ever written');
  if (workflow !== undefined && validId(workflow) === null)
    throw new Fault(`${where}.workflow`, 'must be the id of a workflow: letters and digits, as in its address');
  if (note !== undefined && note !== true)
    throw new Fault(`${where}.note`, 'must be true, or be left out. Words of the call are never read');
  return {
    tags: tags === undefined ? [] : tagsOf(`${where}.tags`, tags, rules),
    dnd: dnd === 'call',
    workflow: validId(workflow),
    note: note === true,
  };
}

/** A tag of a route would move the contact, and so end the very hold that came with it. */
function tagsOf(where: string, given: unknown, rules: Rules): string[] {
  const tags = textsOf(where, given, 'tags');
  if (tags.length > MAX_TAGS) throw new Fault(where, `must hold at most ${MAX_TAGS} tags`);
  for (const tag of tags) {
    const route = routeNaming(rules, tag);
    if (route !== null)
      throw new Fault(
        where,
        `"${tag}" belongs to ${route} of the rules, and a change of route ends a hold. Choose a tag that no route matches`,
      );
  }
  return tags;
}

function textsOf(where: string, given: unknown, what: string): string[] {
  if (!Array.isArray(given) || given.length === 0) throw new Fault(where, `must be a list of ${what}, and not empty`);
  return given.map((text) => {
    if (typeof text !== 'string' || text.trim() === '' || text.length > MAX_NAME_LENGTH)
      throw new Fault(where, `must hold ${what.split(' ')[0]} of 1 to ${MAX_NAME_LENGTH} characters`);
    return text.trim();
  });
}

function refuseRepeated(names: readonly string[]): void {
  if (names.length > MAX_NAMES)
    throw new Fault('.results', `names ${names.length} dispositions. At most ${MAX_NAMES} are possible`);
  const repeated = names.find((name, index) => names.findIndex((other) => sameName(other, name)) < index);
  if (repeated !== undefined) throw new Fault('.results', `names ${repeated} twice`);
}
