// A person who said no in a call is taken out without a look at GoHighLevel: the hold keeps the number out whatever is read there. So it
// takes effect although GoHighLevel cannot be read, and costs no call.

import type { Decision } from '../domain/decide.ts';
import type { Failure } from '../domain/failure.ts';
import type { Rules } from '../domain/rules/conditions.ts';
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

/** Tasks that can be done while GoHighLevel must not be called: a number that is held may still be in a bucket. */
export function urgentWithoutRead(tasks: readonly Task[], dialer: Numbers, rules: Rules): Task[] {
  return tasks.filter(
    (task) =>
      heldDecision(task, dialer, rules) !== null &&
      (task.work.byCall || numbersOf(task.row, dialer).some(({ mayBeInBucket, inDoubt }) => mayBeInBucket || inDoubt)),
  );
}

/**
 * Decides the tasks that need no read, and returns the others. `held`: GoHighLevel must not be called. Then a contact that something else
 * asks for too comes back once it may.
 */
export function withoutRead(tasks: readonly Task[], dialer: Numbers, rules: Rules, held: Held | null): Task[] {
  return tasks.filter((task) => {
    if (!task.work.byCall && held === null) return true;
    if (!decideHeld(task, dialer, rules)) return true;
    if (!task.work.byCall && held !== null) task.readFailure = waitFor(held);
    return false;
  });
}

function waitFor({ why, ms }: Held): Failure {
  return { kind: 'busy', error: why, forMs: ms };
}
