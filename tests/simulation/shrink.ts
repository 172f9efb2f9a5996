// From a failing history to the shortest one that can be found: fewer steps, plainer accounts, shorter waits.

import type { History, Setup, Step } from './history.ts';
import { type Ran, run } from './run.ts';
import type { Workers } from './workers.ts';

/** The account with which everything works. */
const PLAIN: Setup = {
  rules: 'guide',
  callTools: {},
  phoneLookup: 'contacts',
  searchLagMs: 3000,
  searchHidesCallDnd: false,
  missingContactStatus: 400,
  pageSize: 500,
  signature: 'hmac',
  byHand: [],
  verifyDays: 2,
  onlyOutage: false,
  flood: null,
  forms: null,
};
/** What the history does not say falls differently once it is changed: a few falls are tried. */
const FALLS = 4;

export interface Shrunk {
  history: History;
  ran: Ran;
}

/** Shrinks until nothing shorter fails in the same way, or `limit` histories were run. */
export async function shrink(failing: History, workers: Workers, limit = 1500): Promise<Shrunk> {
  let best: Shrunk = { history: failing, ran: await run(failing, workers, true) };
  const promise = best.ran.violations[0]?.promise;
  let runs = 0;

  async function attempt(history: Omit<History, 'seed'>): Promise<boolean> {
    for (let fall = 0; fall < FALLS && runs < limit; fall++) {
      runs++;
      const tried = { ...history, seed: fall === 0 ? best.history.seed : runs };
      const ran = await run(tried, workers, true);
      if (ran.violations[0]?.promise !== promise) continue;
      best = { history: tried, ran };
      return true;
    }
    return false;
  }

  async function fewerSteps(): Promise<boolean> {
    let better = false;
    for (let size = Math.ceil(best.history.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < best.history.steps.length; ) {
        const { steps, setup } = best.history;
        const without = [...steps.slice(0, from), ...later(steps, from + size, gapOf(steps.slice(from, from + size)))];
        if ((await attempt({ setup, steps: without })) || (await attempt({ setup, steps: cut(steps, from, size) })))
          better = true;
        else from += size;
      }
    }
    return better;
  }

  async function plainerSetup(): Promise<boolean> {
    let better = false;
    for (const name of Object.keys(PLAIN) as (keyof Setup)[]) {
      if (name === 'onlyOutage') continue;
      if (JSON.stringify(best.history.setup[name]) === JSON.stringify(PLAIN[name])) continue;
      if (await attempt({ ...best.history, setup: { ...best.history.setup, [name]: PLAIN[name] } })) better = true;
    }
    for (const name of Object.keys(best.history.setup.callTools)) {
      const callTools = Object.fromEntries(
        Object.entries(best.history.setup.callTools).filter(([other]) => other !== name),
      );
      if (await attempt({ ...best.history, setup: { ...best.history.setup, callTools } })) better = true;
    }
    return better;
  }

  async function fewerFields(): Promise<boolean> {
    let better = false;
    for (const { target } of best.history.setup.fields?.rules ?? []) {
      const { fields } = best.history.setup;
      if (fields === undefined || target === 'first_name') continue;
      const rules = fields.rules.filter((rule) => rule.target !== target);
      if (await attempt({ ...best.history, setup: { ...best.history.setup, fields: { ...fields, rules } } }))
        better = true;
    }
    return better;
  }

  async function plainerSteps(): Promise<boolean> {
    let better = false;
    for (let index = 0; index < best.history.steps.length; index++) {
      for (const step of plainer(best.history.steps[index])) {
        const steps = best.history.steps.with(index, step);
        if (await attempt({ ...best.history, steps })) better = true;
      }
    }
    return better;
  }

  for (let again = true; again && runs < limit; ) {
    again = await fewerSteps();
    again = (await plainerSetup()) || again;
    again = (await fewerFields()) || again;
    again = (await plainerSteps()) || again;
  }
  return best;
}

function gapOf(steps: Step[]): number {
  return steps.reduce((sum, { gap }) => sum + gap, 0);
}

/** The steps from `from` on, at the time at which they were. */
function later(steps: Step[], from: number, gap: number): Step[] {
  const [first, ...rest] = steps.slice(from);
  return first ? [{ ...first, gap: first.gap + gap }, ...rest] : [];
}

function cut(steps: Step[], from: number, size: number): Step[] {
  return [...steps.slice(0, from), ...steps.slice(from + size)];
}

function plainer(step: Step | undefined): Step[] {
  if (!step) return [];
  const { gap, act } = step;
  const plain: Step[] = [];
  if (gap > 20_000) plain.push({ gap: 20_000, act });
  if (gap > 1000) plain.push({ gap: 1000, act });
  if (gap > 0) plain.push({ gap: 0, act });
  if ('fates' in act && JSON.stringify(act.fates) !== '[[30]]') plain.push({ gap, act: { ...act, fates: [[30]] } });
  if ('tags' in act && act.tags.length > 1)
    for (const tag of act.tags) plain.push({ gap, act: { ...act, tags: act.tags.filter((other) => other !== tag) } });
  if (act.do === 'fault' && !('calls' in act.for && act.for.calls === 1))
    plain.push({ gap, act: { ...act, for: { calls: 1 } } });
  return plain;
}
