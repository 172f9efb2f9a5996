// What takes a contact out without a look at GoHighLevel, so that it takes effect although GoHighLevel cannot be read: a no in a call, for
// the hold keeps the number out whatever is read there; and what webhooks have said since the last read.

import type { Decision } from '../domain/decide.ts';
import type { Failure } from '../domain/failure.ts';
import type { Pipeline, Rules } from '../domain/rules/conditions.ts';
import { outUnread } from '../domain/told.ts';
import type { DialerRow } from '../store/claim.ts';
import type { Held } from '../vendors/circuit-breaker.ts';
import type { Task } from './work.ts';

type Numbers = ReadonlyMap<string, DialerRow>;

/**
 * The decision as it is remembered, where a call said no: the contact wants to be dialed as it did before, and the hold keeps it out.
 * Null where no such hold stands, or where what is remembered is not enough.
 */
export function heldDecision({ row }: Pick<Task, 'row'>, dialer: Numbers, { routes }: Rules): Decision | null {
  const priority = routes.findIndex(({ name, bucket }) => name === row.route && bucket !== null);
  const { intent, phoneHash, contactId, route } = row;
  const isHeld = numbersOf({ phoneHash, contactId }, dialer).some(({ hold }) => hold?.reason === 'said_no');
  if (intent !== 'place' || priority === -1 || phoneHash === null || !isHeld) return null;
  return { intent, reason: 'placed', priority, route, phone: null, person: null };
}

function numbersOf({ phoneHash, contactId }: { phoneHash: string | null; contactId: string }, dialer: Numbers) {
  return [...dialer.values()].filter((number) => number.phoneHash === phoneHash || number.contactId === contactId);
}

/** Notes the decision in the task where one can be made so; false where not. */
export function decideHeld(task: Task, dialer: Numbers, rules: Rules): boolean {
  const decision = heldDecision(task, dialer, rules);
  if (decision === null) return false;
  Object.assign(task, { decision, phoneHash: task.row.phoneHash, readHash: null, unasked: true });
  return true;
}

/**
 * Decides a task that could not be read: what webhooks have said against dialing since the last read, or a hold, takes effect all the
 * same. Where there is neither, it fails.
 */
export function leaveUnread(
  task: Task,
  failure: Failure,
  dialer: Numbers,
  rules: Rules,
  pipelines: readonly Pipeline[] | null,
): void {
  task.decision = outUnread(task.told, rules, task.row.intent, pipelines);
  if (task.decision === null && decideHeld(task, dialer, rules)) task.readFailure = failure;
  else if (task.decision === null) task.failure = failure;
  else Object.assign(task, { readFailure: failure, readHash: null, phoneHash: task.row.phoneHash });
}

/**
 * Tasks that can be done while GoHighLevel must not be called: a hold or a webhook keeps the contact out, and its number may still be in
 * a bucket.
 */
export function urgentWithoutRead(
  tasks: readonly Task[],
  dialer: Numbers,
  rules: Rules,
  pipelines: readonly Pipeline[] | null,
): Task[] {
  return tasks.filter((task) => {
    const isHeld = heldDecision(task, dialer, rules) !== null;
    if (task.work.byCall && isHeld) return true;
    const mayBeDialed = numbersOf(task.row, dialer).some(({ mayBeInBucket, inDoubt }) => mayBeInBucket || inDoubt);
    return mayBeDialed && (isHeld || outUnread(task.told, rules, task.row.intent, pipelines) !== null);
  });
}

/**
 * Decides the tasks that need no read, and returns the others. `held`: GoHighLevel must not be called. Then a contact that something else
 * than a call asks for comes back once it may.
 */
export function withoutRead(
  tasks: readonly Task[],
  dialer: Numbers,
  rules: Rules,
  pipelines: readonly Pipeline[] | null,
  held: Held | null,
): Task[] {
  return tasks.filter((task) => {
    if (task.work.byCall && decideHeld(task, dialer, rules)) return false;
    if (held === null) return true;
    leaveUnread(task, waitFor(held), dialer, rules, pipelines);
    return false;
  });
}

function waitFor({ why, ms }: Held): Failure {
  return { kind: 'busy', error: why, forMs: ms };
}
