// Reads CALL_RESULTS: which dispositions of a call keep a person out of the dialer, and how often CallTools is asked for new ones.

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../shared/time.ts';
import { didYouMean } from '../nearest.ts';
import { sameName } from '../rules.ts';

/** What follows from some dispositions. */
export interface CallRule {
  /** Names, as CallTools spells them but for case, spaces and typography. */
  dispositions: readonly string[];
  /** The person is out of the dialer until its route changes or an operator says otherwise. */
  hold: boolean;
}

/** CALL_RESULTS, read and checked. */
export interface CallResults {
  /** CallTools is asked this often, ms. */
  pollMs: number;
  /** Epoch ms: the first poll goes back to this time; null = only what is said from then on counts. */
  since: number | null;
  results: readonly CallRule[];
}

const KEYS = ['poll', 'since', 'results'] as const;
const RESULT_KEYS = ['dispositions', 'hold'] as const;
/** Not built yet: each is refused, so that nobody believes that it works. */
const LATER = ['otherwise', 'tags', 'dnd', 'workflow', 'note'];

const DEFAULT_POLL = '5m';
const UNITS: Record<string, number> = { s: 1000, m: MINUTE_MS, h: HOUR_MS };
/** The cron runs once a minute. */
const LEAST_POLL_MS = MINUTE_MS;
const MOST_POLL_MS = DAY_MS;
/** Most names in all entries together. */
const MAX_NAMES = 500;
const MAX_NAME_LENGTH = 100;

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
 * are not read. Throws an Error that names what is wrong and says what it must be.
 */
export function parseCallResults(setting: unknown): CallResults | null {
  const given = typeof setting === 'string' ? setting.trim() : setting;
  if (given === undefined || given === null || given === '') return null;
  try {
    return resultsOf(typeof given === 'string' ? readJson(given) : given);
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

function resultsOf(given: unknown): CallResults {
  if (!isObject(given)) throw new Fault('', 'must be an object such as {"poll": "5m", "results": []}');
  refuseUnknown('', given, KEYS);
  const { results = [] } = given;
  if (!Array.isArray(results)) throw new Fault('.results', 'must be a list of objects');
  const rules = results.map((entry, index) => ruleOf(`.results.${index}`, entry));
  refuseRepeated(rules.flatMap(({ dispositions }) => dispositions));
  return { pollMs: pollOf(given.poll), since: sinceOf(given.since), results: rules };
}

function refuseUnknown(where: string, given: Json, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    if (LATER.includes(key)) throw new Fault(`${where}.${key}`, 'is not supported yet. Remove it');
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

function ruleOf(where: string, entry: unknown): CallRule {
  if (!isObject(entry))
    throw new Fault(where, 'must be an object such as {"dispositions": ["Not Interested"], "hold": true}');
  refuseUnknown(where, entry, RESULT_KEYS);
  const { dispositions, hold } = entry;
  if (!Array.isArray(dispositions) || dispositions.length === 0)
    throw new Fault(`${where}.dispositions`, 'must be a list of names of dispositions, and not empty');
  for (const name of dispositions)
    if (typeof name !== 'string' || name.trim() === '' || name.length > MAX_NAME_LENGTH)
      throw new Fault(`${where}.dispositions`, `must hold names of 1 to ${MAX_NAME_LENGTH} characters`);
  if (hold !== true) throw new Fault(where, 'needs "hold": true, or nothing would follow from it');
  return { dispositions: dispositions.map((name) => String(name).trim()), hold };
}

function refuseRepeated(names: readonly string[]): void {
  if (names.length > MAX_NAMES)
    throw new Fault('.results', `names ${names.length} dispositions. At most ${MAX_NAMES} are possible`);
  const repeated = names.find((name, index) => names.findIndex((other) => sameName(other, name)) < index);
  if (repeated !== undefined) throw new Fault('.results', `names ${repeated} twice`);
}
