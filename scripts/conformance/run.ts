// One run over a pair of accounts: tries each assumption in turn, then removes what it made, whatever happened.

import type { World } from '../../workers/consumer/config/env.ts';
import type { AccountSettings } from './account-settings.ts';
import type { Asking } from './asking.ts';
import type { Assumption } from './assumption.ts';
import { type Access, createCaller, type Noted, type Vendor } from './caller.ts';
import { Interrupted, NotTried } from './endings.ts';
import { createLeft, type Left } from './left.ts';
import { createTestContacts } from './test-contacts.ts';
import type { Trial } from './trial.ts';

/** What came of one assumption. Nothing in it belongs to a person. */
export interface Finding {
  id: string;
  section: string;
  assumes: string;
  result: 'holds' | 'does not hold' | 'not tried';
  /** Which of its answers; null where it was not tried. */
  answer: string | null;
  /** What was seen, or why it was not tried. */
  seen: string;
  /** What to do; null where it was not tried. */
  todo: string | null;
  calls: Noted[];
}

/** What a run came to. */
export interface Ran {
  findings: Finding[];
  /** What the conformance test has made and could not remove. */
  stays: string[];
  /** The person ended it. */
  isInterrupted: boolean;
}

interface Options {
  assumptions: readonly Assumption[];
  access: Record<Vendor, Access>;
  settings: AccountSettings;
  world: World;
  asking: Asking;
  stop: AbortSignal;
  timeoutMs: number;
  /** Called when the next one begins, and with what came of each. */
  onBegin?(assumption: Assumption, number: number): void;
  onFound?(finding: Finding): void;
}

/** Never leaves anything behind that it can remove. Throws only on a bug. */
export async function run(options: Options): Promise<Ran> {
  const caller = createCaller(options);
  const left = createLeft();
  const { settings, asking } = options;
  const trial = { caller, asking, settings, contacts: createTestContacts({ caller, settings, left }) };
  const findings: Finding[] = [];
  const isInterrupted = await walk(options, trial, left, findings);
  return { findings, stays: left.stays(), isInterrupted };
}

/** True where the person ended it. */
async function walk(
  { assumptions, onBegin = () => {}, onFound = () => {} }: Options,
  trial: Trial,
  left: Left,
  findings: Finding[],
): Promise<boolean> {
  const late = assumptions.filter(({ afterRemoval }) => afterRemoval);
  const visit = async (one: Assumption) => {
    onBegin(one, findings.length + 1);
    const finding = await find(one, trial);
    findings.push(finding);
    onFound(finding);
  };
  try {
    for (const one of assumptions) if (!one.afterRemoval) await visit(one);
    for (const one of late) await one.afterRemoval?.(trial).catch(unlessNotTried);
    await left.removeAll();
    for (const one of late) await visit(one);
    return false;
  } catch (thrown) {
    if (isEnd(thrown)) return true;
    throw thrown;
  } finally {
    await left.removeAll();
  }
}

async function find(one: Assumption, trial: Trial): Promise<Finding> {
  const { id, section, assumes, answers, ask } = one;
  trial.caller.noted();
  try {
    const key = await ask(trial);
    const answer = answers[key];
    if (answer === undefined) throw new Error(`${id} has no answer "${key}"`);
    const { holds, seen, todo } = answer;
    const result = holds ? 'holds' : 'does not hold';
    return { id, section, assumes, result, answer: key, seen, todo, calls: trial.caller.noted() };
  } catch (thrown) {
    unlessNotTried(thrown);
    const { message: seen } = thrown;
    return { id, section, assumes, result: 'not tried', answer: null, seen, todo: null, calls: trial.caller.noted() };
  }
}

function unlessNotTried(thrown: unknown): asserts thrown is NotTried {
  if (!(thrown instanceof NotTried)) throw thrown;
}

/** Ctrl-C, as a signal or in the middle of a question. */
function isEnd(thrown: unknown): boolean {
  return thrown instanceof Interrupted || (thrown instanceof Error && thrown.name === 'AbortError');
}
