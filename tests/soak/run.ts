// A soak from its first contact to its verdict.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mismatch } from '../../sandbox/observe/check.ts';
import { createRng } from '../simulation/rng.ts';
import { finish } from './finish.ts';
import { KILLS, type Kill, type Local, openLocal } from './local.ts';
import { createPeople, PERSONAL, type People } from './people.ts';
import { createTroubles } from './trouble.ts';

export interface Options {
  minutes: number;
  seed: number;
  /** Takes one line on how it goes. */
  tell(line: string): void;
  signal: AbortSignal;
}

export interface Outcome {
  mismatches: Mismatch[];
  kills: number;
  count: People['count'];
  /** Where D1 and the sandbox's memory are kept, when something is wrong. */
  stateFolder: string;
  /** The last lines that the pipeline printed. */
  lastLines: string[];
}

/** Between two changes, on average. */
const PACE_MS = 150;
/** Changes at once, in the middle of which it is killed. */
const BURST = 20;
const SHORTEST_LIFE_MS = 5000;
const LONGEST_LIFE_MS = 25_000;
const STATUS_EVERY_MS = 10_000;
const LAST_LINES = 30;

/** Throws where the pipeline does not come up again, or does not end. */
export async function soak({ minutes, seed, tell, signal }: Options): Promise<Outcome> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'soak-'));
  const local = await openLocal(stateFolder, signal);
  const people = createPeople(local, createRng(seed));
  const kills = await drive(local, people, { minutes, seed, tell, signal });
  const mismatches = await finish(local, { people, tell, signal });
  await local.close();
  mismatches.push(...leaks(local));
  if (local.errors() !== '') mismatches.push({ what: 'stderr of npm start', expected: '', found: local.errors() });
  if (mismatches.length === 0) await rm(stateFolder, { recursive: true, force: true });
  const lastLines = (local.output().at(-1) ?? '').trimEnd().split('\n').slice(-LAST_LINES);
  return { mismatches, kills, count: people.count, stateFolder, lastLines };
}

/** Changes, faults and kills until the time is over and it was killed in each way. Returns the number of kills. */
async function drive(local: Local, people: People, { minutes, seed, tell, signal }: Options): Promise<number> {
  // Of their own, so that the number of changes does not decide about kills, nor the machine's speed about either.
  const fate = createRng(seed + 1);
  const pace = createRng(seed + 2);
  const troubles = createTroubles(local, createRng(seed + 3));
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
  let [kills, killAt, statusAt] = [0, life(), STATUS_EVERY_MS];

  while (since() < lengthMs || kills < KILLS.length) {
    for (const begun of await troubles.turn(since())) tell(`trouble at ${begun}`);
    if (since() >= killAt) {
      // Each way once before one comes again.
      if (ways.length === 0) ways.push(...fate.shuffled(KILLS));
      const how = ways.pop() as Kill;
      await killInBurst(local, people, how, signal);
      tell(`killed (${how}) in the middle of a burst, and up again`);
      kills++;
      killAt = since() + life();
    }
    await people.act();
    if (since() >= statusAt) {
      tell(`${people.count.changes} changes, ${kills} kills`);
      statusAt = since() + STATUS_EVERY_MS;
    }
    await sleep(pace.int(0, 2 * PACE_MS), undefined, { signal });
  }
  await troubles.clear();
  return kills;
}

/** Kills once CallTools has been called because of the burst: work is under way then, and more waits. */
async function killInBurst(local: Local, people: People, how: Kill, signal: AbortSignal): Promise<void> {
  const calls = async () => (await local.sandbox<{ count: number }>('GET', '/calltools/calls')).count;
  const before = await calls();
  const burst = people.burst(BURST);
  const limit = performance.now() + SHORTEST_LIFE_MS;
  while ((await calls()) === before && performance.now() < limit) await sleep(5, undefined, { signal });
  await local.kill(how);
  await burst;
}

function leaks(local: Local): Mismatch[] {
  const lines = local.output().flatMap((output) => output.split('\nReady.').slice(1).join('').split('\n'));
  const leaking = lines.filter((line) => PERSONAL.test(line));
  return leaking.map((found) => ({ what: 'a log line', expected: 'no personal data', found }));
}
