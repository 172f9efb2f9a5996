// A soak from its first contact to its verdict.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mismatch } from '../../sandbox/observe/check.ts';
import { createRng } from '../simulation/rng.ts';
import { type Agents, createAgents } from './agents.ts';
import { finish } from './finish.ts';
import { KILLS, type Kill, type Local, openLocal } from './local.ts';
import { createPeople, PERSONAL, type People } from './people.ts';
import { createTroubles, type Troubles } from './trouble.ts';

/** What happened. */
export interface Figures {
  changes: number;
  /** Changes of which no webhook told. */
  silent: number;
  /** Answered with 202: those of the sandbox's GoHighLevel, and those that people.ts sends. */
  webhooks: number;
  /** Answered with 202, and then kept nowhere. */
  lost: number;
  kills: number;
  troubles: number;
  /** Calls to a vendor that met a fault, at least; those answered oddly among them. */
  faults: number;
  odd: number;
  backstop_runs: number;
  calls: number;
  said_no: number;
  /** Looks that found somebody dialed after a no that had taken effect. */
  dialed_again: number;
  /** From a no to the dialer without that person; null where nobody said no. */
  seconds_to_out: { median: number; longest: number } | null;
  /** From the last trouble's end to both systems equal. */
  seconds_to_equal: number;
}

export interface Options {
  minutes: number;
  seed: number;
  /** Takes one line on how it goes. */
  tell(line: string): void;
  signal: AbortSignal;
}

export interface Outcome {
  mismatches: Mismatch[];
  figures: Figures;
  /** Where D1 and the sandbox's memory are kept, when something is wrong. */
  stateFolder: string;
  /** The last lines that the pipeline printed. */
  lastLines: string[];
}

/** Between two changes, on average. */
const PACE_MS = 200;
/** One act in so many is an agent's call. */
const CALL_EVERY = 12;
const LOOK_EVERY_MS = 1000;
/** Lists change while a run reads them. */
const BACKSTOP_EVERY_MS = 45_000;
/** Changes at once, in the middle of which it is killed. */
const BURST = 20;
const SHORTEST_LIFE_MS = 8000;
const LONGEST_LIFE_MS = 50_000;
const STATUS_EVERY_MS = 10_000;
const LAST_LINES = 30;

/** Those who act, and what goes wrong. */
interface Cast {
  people: People;
  agents: Agents;
  troubles: Troubles;
}

/** Throws where the pipeline does not come up again, or does not end. */
export async function soak(options: Options): Promise<Outcome> {
  const { seed, tell, signal } = options;
  const stateFolder = await mkdtemp(join(tmpdir(), 'soak-'));
  const local = await openLocal(stateFolder, signal);
  const people = createPeople(local, createRng(seed));
  const cast = {
    people,
    agents: createAgents(local, people, createRng(seed + 4)),
    troubles: createTroubles(local, people, createRng(seed + 3)),
  };
  const driven = await drive(local, cast, options);
  const calm = performance.now();
  const mismatches = await finish(local, { ...cast, tell, signal });
  const equalAfterMs = performance.now() - calm;
  await local.close();
  const figures = { ...driven, ...figuresOf(cast, local, equalAfterMs) };
  mismatches.push(...leaks(local));
  if (figures.lost > 0) mismatches.push({ what: 'webhooks lost', expected: '0', found: String(figures.lost) });
  if (local.errors() !== '') mismatches.push({ what: 'stderr of npm start', expected: '', found: local.errors() });
  if (mismatches.length === 0) await rm(stateFolder, { recursive: true, force: true });
  const lastLines = (local.output().at(-1) ?? '').trimEnd().split('\n').slice(-LAST_LINES);
  return { mismatches, figures, stateFolder, lastLines };
}

/** Changes, calls, faults and kills until the time is over, it was killed in each way, and an agent has called somebody. */
async function drive(
  local: Local,
  { people, agents, troubles }: Cast,
  { minutes, seed, tell, signal }: Options,
): Promise<Pick<Figures, 'kills' | 'backstop_runs'>> {
  // Of their own, so that the number of changes does not decide about kills, nor the machine's speed about either.
  const fate = createRng(seed + 1);
  const pace = createRng(seed + 2);
  const lengthMs = minutes * 60_000;
  const life = () => Math.min(fate.int(SHORTEST_LIFE_MS, LONGEST_LIFE_MS), lengthMs / 5);
  const ways: Kill[] = [];
  // The bucket is there before anything goes wrong: a bucket whose making is in doubt holds up everybody for a minute.
  await people.lead();
  while ((await local.sandbox<unknown[]>('GET', '/calltools/contacts')).length === 0) {
    await sleep(PACE_MS, undefined, { signal });
  }
  const started = performance.now();
  const since = () => performance.now() - started;
  const done = { kills: 0, backstop_runs: 0 };
  const [looks, runs, status] = [every(LOOK_EVERY_MS), every(BACKSTOP_EVERY_MS), every(STATUS_EVERY_MS)];

  for (let killAt = life(); since() < lengthMs || done.kills < KILLS.length || agents.count.calls === 0; ) {
    for (const begun of await troubles.turn(since())) tell(`trouble at ${begun}`);
    if (since() >= killAt) {
      // Each way once before one comes again.
      if (ways.length === 0) ways.push(...fate.shuffled(KILLS));
      const how = ways.pop() as Kill;
      await killInBurst(local, { people, troubles }, how, signal);
      tell(`killed (${how}) in the middle of a burst, and up again`);
      done.kills++;
      killAt = since() + life();
    }
    if (pace.int(1, CALL_EVERY) === 1) await agents.act();
    else await people.act();
    if (looks(since())) await agents.look();
    if (runs(since())) {
      await local.operator('POST', '/sync/trigger');
      done.backstop_runs++;
    }
    if (status(since())) tell(`${people.count.changes} changes, ${agents.count.calls} calls, ${done.kills} kills`);
    await sleep(pace.int(0, 2 * PACE_MS), undefined, { signal });
  }
  await troubles.clear();
  return done;
}

/** True once in each interval; takes the ms since the start. */
function every(ms: number): (now: number) => boolean {
  let next = ms;
  return (now) => {
    if (now < next) return false;
    next = now + ms;
    return true;
  };
}

/** Kills once CallTools has been called because of the burst: work is under way then, and more waits. */
async function killInBurst(
  local: Local,
  { people, troubles }: Pick<Cast, 'people' | 'troubles'>,
  how: Kill,
  signal: AbortSignal,
): Promise<void> {
  const calls = async () => (await local.sandbox<{ count: number }>('GET', '/calltools/calls')).count;
  const before = await calls();
  const burst = people.burst(BURST);
  const limit = performance.now() + SHORTEST_LIFE_MS;
  while ((await calls()) === before && performance.now() < limit) await sleep(5, undefined, { signal });
  await troubles.beforeKill();
  await local.kill(how);
  await burst;
}

function figuresOf(
  { people, agents, troubles }: Cast,
  local: Local,
  equalAfterMs: number,
): Omit<Figures, 'kills' | 'backstop_runs'> {
  const lines = local.output().flatMap((output) => output.split('\n'));
  const events = lines.flatMap((line) => /"event":"webhook\..*"eventId":"([^"]+)".*"status":202/.exec(line)?.[1] ?? []);
  const seconds = (ms = 0) => Math.round(ms / 100) / 10;
  const out = agents.outAfterMs();
  return {
    changes: people.count.changes,
    silent: people.count.silent,
    webhooks: new Set(events).size,
    lost: lines.filter((line) => line.includes('"event":"webhook.lost"')).length,
    ...troubles.count,
    calls: agents.count.calls,
    said_no: agents.count.no,
    dialed_again: agents.count.again,
    seconds_to_out: out.length === 0 ? null : { median: seconds(out[out.length >> 1]), longest: seconds(out.at(-1)) },
    seconds_to_equal: seconds(equalAfterMs),
  };
}

function leaks(local: Local): Mismatch[] {
  const lines = local.output().flatMap((output) => output.split('\nReady.').slice(1).join('').split('\n'));
  const leaking = lines.filter((line) => PERSONAL.test(line));
  return leaking.map((found) => ({ what: 'a log line', expected: 'no personal data', found }));
}
