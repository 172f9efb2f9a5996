// From a seed to a history: short, crowded and unlucky.

import type { Fault, Mode, Target } from './faults.ts';
import { withAnswers } from './generate-asked.ts';
import { withBrake } from './generate-brake.ts';
import { withCallResults } from './generate-calls.ts';
import { withDeals } from './generate-deals.ts';
import { withFields } from './generate-fields.ts';
import { type Flood, floodHistory } from './generate-flood.ts';
import { withForms } from './generate-forms.ts';
import { withBlends, withCalls, withTwinBuckets } from './generate-hands.ts';
import { withLaggingReads } from './generate-lag.ts';
import { oddHistory } from './generate-odd.ts';
import { outageHistory } from './generate-outage.ts';
import { withQuotes } from './generate-quotes.ts';
import { type Action, type Fates, type History, PEOPLE, PROSE, type Setup, type Step } from './history.ts';
import { createRng, type Rng } from './rng.ts';
import { bucketsOf, VOCABULARY } from './rule-sets.ts';
import { ownTheme, THEMES, type Theme } from './themes.ts';

/** What a run of the simulation leaves in. */
export interface Options {
  /** Writes that take effect after our deadline. */
  late?: boolean;
  /** One long outage instead of a theme. */
  outage?: boolean;
  /** Hundreds of contacts at once instead. */
  flood?: Flood;
  /** One theme only. */
  theme?: Theme;
}

export function generate(seed: number, options: Options = {}): History {
  const rng = createRng(seed).fork('history');
  const setup = setupOf(rng);
  if (options.outage) {
    const history = outageHistory(seed, rng, setup, change);
    return { ...history, steps: withQuotes(rng, history.steps) };
  }
  if (options.flood) return floodHistory(seed, rng, setup, options.flood);
  const drawn = rng.pick(THEMES);
  const theme = options.theme ?? ownTheme(rng) ?? drawn;
  if (theme === 'odd') return oddHistory(seed, rng.fork('odd answers'), setup);
  if (theme === 'asked' || theme === 'deals') setup.rules = theme;
  const steps: Step[] = [{ gap: 0, act: create(rng, 0) }];
  const count = rng.int(4, 22);
  for (let index = 1; index < count; index++) {
    const act = rng.chance(theme === 'plain' ? 0 : theme === 'shared' ? 0.1 : 0.35)
      ? trouble(rng, theme, setup, options)
      : change(rng);
    steps.push({ gap: gap(rng, theme), act });
  }
  const quoted = { seed, setup, steps: withQuotes(rng, steps) };
  return ofTheme(theme, rng, quoted);
}

/** The history, with what its theme is about. */
function ofTheme(theme: Theme, rng: Rng, quoted: History): History {
  if (theme === 'lag') return withLaggingReads(quoted, rng, tagsOf);
  if (theme === 'said-no') return withCalls(rng, quoted);
  if (theme === 'calls') return withCallResults(rng, quoted, change);
  if (theme === 'forms') return withForms(rng, quoted);
  if (theme === 'fields') return withFields(rng, quoted);
  if (theme === 'asked') return withAnswers(rng, quoted);
  if (theme === 'deals') return withDeals(rng, quoted, fatesOf);
  if (theme === 'brake') return withBrake(rng, quoted);
  return { ...quoted, steps: withHands(rng, theme, quoted.setup, quoted.steps) };
}

/** What people do in CallTools, where the theme is about that. */
function withHands(rng: Rng, theme: Theme, setup: Setup, steps: Step[]): Step[] {
  if (theme === 'labels') return withTwinBuckets(rng, setup, steps);
  return theme === 'shared' ? withBlends(rng, steps) : steps;
}

function setupOf(rng: Rng): Setup {
  const duplicateMode = rng.chance(0.6) ? 'merge' : 'create';
  const phoneFilter = rng.chance(0.75) ? 'works' : 'ignored';
  const way = rng.next();
  return {
    rules: rng.chance(0.6) ? 'guide' : 'moving',
    callTools: {
      duplicateMode,
      phoneFilter,
      phoneNumbersFilter: rng.chance(0.3) ? 'works' : 'same',
      bucketFilter: rng.chance(0.8) ? 'works' : 'ignored',
      phoneAttachOnCreate: rng.chance(0.8),
      listRowsOmitPhones: rng.chance(0.6),
      listRowsKeepMainPhone: rng.fork('main phone').chance(0.3),
      callFieldsShown: rng.fork('call fields').chance(0.5) ? 'detail' : 'always',
      phoneNumbersShape: rng.chance(0.7) ? 'objects' : 'texts',
      bucketPatch: way < 0.15 ? 'ignored' : 'applied',
      bucketSidePatch: way > 0.85 ? 'ignored' : 'applied',
    },
    phoneLookup: duplicateMode === 'merge' && rng.chance(0.1) ? 'off' : rng.chance(0.15) ? 'phonenumbers' : 'contacts',
    searchLagMs: rng.spread(500, 60_000),
    searchHidesCallDnd: rng.chance(0.25),
    missingContactStatus: rng.chance(0.5) ? 400 : 404,
    pageSize: rng.pick([1, 2, 500]),
    verifyDays: rng.fork('verify').chance(0.8) ? 2 : 4,
    signature: rng.chance(0.5) ? 'hmac' : 'ed25519',
    onlyOutage: false,
    flood: null,
    forms: null,
    byHand: rng.chance(0.25) ? [rng.int(0, 2)] : [],
  };
}

/** Mostly seconds: within what is under way, or just after it. */
function gap(rng: Rng, theme: Theme): number {
  if (rng.chance(0.15)) return 0;
  if (theme === 'crowd' || theme === 'labels') return rng.spread(5, rng.chance(0.9) ? 2500 : 60_000);
  return rng.chance(0.8) ? rng.spread(10, 8000) : rng.spread(8000, 900_000);
}

function change(rng: Rng): Action {
  const person = rng.int(0, rng.int(0, PEOPLE - 1));
  const fates = fatesOf(rng);
  const roll = rng.next();
  if (roll < 0.25) return create(rng, person);
  if (roll < 0.48) return { do: 'retag', person, tags: tagsOf(rng), fates };
  if (roll < 0.56) return { do: 'rename', person, fates };
  if (roll < 0.7) return { do: 'rephone', person, phone: phoneOf(rng), fates };
  if (roll < 0.82) return dnd(rng, person, fates);
  if (roll < 0.88) return { do: 'delete', person, fates };
  if (roll < 0.91) return { do: 'merge', person, into: rng.int(0, PEOPLE - 1), fates };
  if (roll < 0.95) return { do: 'resend', back: rng.int(0, 5) };
  return { do: 'backstop', by: rng.pick(['cron', 'trigger']) };
}

function create(rng: Rng, person: number): Action {
  return { do: 'create', person, phone: phoneOf(rng), tags: tagsOf(rng), dnd: rng.chance(0.08), fates: fatesOf(rng) };
}

function dnd(rng: Rng, person: number, fates: Fates): Action {
  if (rng.chance(0.4)) return { do: 'dnd', person, all: rng.chance(0.6), fates };
  return { do: 'dnd', person, call: rng.pick(['active', 'permanent', 'inactive']), fates };
}

function phoneOf(rng: Rng): number {
  return rng.chance(0.9) ? rng.int(0, rng.int(0, 2)) : rng.int(3, PROSE - 1);
}

function tagsOf(rng: Rng): string[] {
  if (rng.chance(0.45)) return ['cold lead'];
  if (rng.chance(0.2)) return [];
  return [...new Set([rng.pick(VOCABULARY), ...(rng.chance(0.5) ? ['cold lead'] : []), rng.pick(VOCABULARY)])];
}

function fatesOf(rng: Rng): Fates {
  const delay = () => (rng.chance(0.7) ? rng.int(5, 300) : rng.spread(300, 400_000));
  return Array.from({ length: rng.int(1, 2) }, () => {
    if (rng.chance(0.15)) return [];
    return rng.chance(0.2) ? Array.from({ length: rng.int(2, 4) }, delay) : [delay()];
  });
}

function trouble(rng: Rng, theme: Theme, setup: Setup, options: Options): Action {
  return theme === 'by-hand' && rng.chance(0.9) ? byHand(rng, setup) : mishap(rng, theme, setup, options);
}

function mishap(rng: Rng, theme: Theme, setup: Setup, options: Options): Action {
  if (theme === 'crowd' && rng.chance(0.7)) {
    const target = rng.pick(['calltools', 'write', 'gohighlevel', 'gohighlevel'] as const);
    return { do: 'fault', target, mode: 'slow', for: { calls: rng.int(1, 8) } };
  }
  if (theme === 'crash' && rng.chance(0.7)) {
    const at = rng.pick(['write', 'write', 'd1', 'send'] as const);
    return { do: 'kill', worker: 'consumer', steps: rng.int(1, at === 'd1' ? 6 : 2), at, effect: rng.chance(0.7) };
  }
  if (theme === 'platform' && rng.chance(0.7)) {
    if (rng.chance(0.35))
      return { do: 'kill', worker: 'consumer', steps: rng.int(1, 2), at: 'send', effect: rng.chance(0.3) };
    const target = rng.pick(['d1', 'send', 'send'] as const);
    return { do: 'fault', target, mode: rng.pick(MODES[target]), for: { calls: rng.int(1, 8) } };
  }
  if (theme === 'labels' && rng.chance(0.3))
    return { do: 'fault', target: 'calltools', mode: 'slow', for: { calls: rng.int(1, 6) } };
  if (theme === 'labels' && rng.chance(0.5)) return { do: 'delete-bucket', bucket: rng.pick(bucketsOf(setup.rules)) };
  const roll = rng.next();
  if (roll < 0.3) {
    const worker = rng.chance(0.85) ? 'consumer' : 'ingest';
    return { do: 'kill', worker, steps: rng.int(1, rng.pick([4, 12, 25])), at: 'any', effect: rng.chance(0.6) };
  }
  if (roll < 0.34) return { do: 'jump', ms: rng.spread(1000, 3_600_000) };
  if (roll < 0.37) return { do: 'delete-bucket', bucket: rng.pick(bucketsOf(setup.rules)) };
  return { do: 'fault', ...faultOf(rng, setup, options) };
}

function byHand(rng: Rng, { rules }: Setup): Action {
  const edit = rng.pick(['take-out', 'take-out', 'put-in', 'put-in', 'unmark', 'remove'] as const);
  return { do: 'by-hand', edit, phone: rng.int(0, rng.int(0, 2)), bucket: rng.pick(bucketsOf(rules)) };
}

const MODES: Record<
  Exclude<Target, `${string}-contact` | 'ghl-write' | 'lists' | 'record' | 'dispositions'>,
  Mode[]
> = {
  calltools: [
    ...(['slow', 'hang', 'reset', 'silent', 'reset-after', 'html500', 'html500-after', 'unavailable'] as const),
    ...(['throttle', 'throttle-date', 'throttle-bare', 'not-json', 'unauthorized', 'forbidden'] as const),
    ...(['login', 'wrong-host'] as const),
  ],
  write: [
    ...([
      'slow',
      'hang',
      'silent',
      'silent',
      'reset',
      'reset-after',
      'reset-after',
      'html500',
      'html500-after',
    ] as const),
    ...(['throttle', 'drop-phone', 'drop-bucket', 'drop-dnc'] as const),
  ],
  gohighlevel: ['slow', 'hang', 'reset', 'html500', 'unavailable', 'throttle', 'throttle-bare', 'unauthorized'],
  d1: ['fail', 'fail-after', 'slow'],
  send: ['fail', 'fail-after', 'slow'],
};

function faultOf(rng: Rng, { phoneLookup, callTools }: Setup, { late = false }: Options): Fault {
  const target = rng.pick(['calltools', 'write', 'write', 'gohighlevel', 'd1', 'send'] as const);
  // Where nothing can be searched by phone, a contact whose phone CallTools has dropped cannot be found again.
  const searchable = phoneLookup !== 'off' && callTools.phoneFilter !== 'ignored';
  const modes = MODES[target].filter((mode) => searchable || mode !== 'drop-phone');
  const mode = late && target === 'write' && rng.chance(0.5) ? 'late' : rng.pick(modes);
  const silent = mode.startsWith('drop') || rng.chance(0.8);
  return { target, mode, for: silent ? { calls: rng.int(1, rng.int(1, 6)) } : { ms: rng.spread(1000, 600_000) } };
}
