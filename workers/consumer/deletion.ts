// Believing a deletion. One contact that GoHighLevel no longer has is ordinary; an odd answer, or several in a row, needs a second opinion.

import { closed, SUSPECTS } from './circuit.ts';
import type { Circuit } from './circuit-store.ts';
import { toFailure } from './failure.ts';
import type { Known, Read } from './gohighlevel.ts';
import type { Task } from './plan.ts';
import { eachOf } from './pool.ts';
import type { Ask } from './settle.ts';
import type { Vendors } from './vendors.ts';

/** Searches at once, like reads. */
const CONCURRENCY = 5;
/** When contacts that were believed deleted are looked at again: the trouble may have passed. */
const AGAIN_MS = 30_000;

/**
 * What is known of each contact that was read; a contact whose state cannot be told gets a failure instead. Returns whom to look at
 * again: contacts that were believed to be deleted just before GoHighLevel turned out to be wrong.
 */
export async function believe(
  reads: ReadonlyMap<Task, Read>,
  circuits: readonly Circuit[],
  vendors: Vendors,
): Promise<{ known: Map<Task, Known>; ask: Ask[] }> {
  const { watch } = vendors;
  const before = circuits.find(({ vendor }) => vendor === 'gohighlevel') ?? closed('gohighlevel');
  const known = new Map<Task, Known>();
  const unproven: Task[] = [];
  const doubtful: Task[] = [];
  for (const [task, read] of reads) {
    if (read.kind === 'doubtful') doubtful.push(task);
    else if (read.kind === 'gone' && !read.flagged && !isToldOf(task)) unproven.push(task);
    else known.set(task, read);
    if (read.kind === 'gone' && isToldOf(task)) watch.worked.add('gohighlevel');
  }
  const found = [...known.values()].some(({ kind }) => kind === 'found');
  const inARow = new Set([...before.gone, ...unproven.map(({ work }) => work.contactId)]).size >= SUSPECTS;
  const troubled = inARow || before.openReason !== null || before.suspects.length > 0;
  const toCheck = [...doubtful, ...(troubled && !found ? unproven : [])];
  let contradicted = false;
  await eachOf(toCheck, CONCURRENCY, async (task) => {
    const read = reads.get(task);
    const shown = await isShown(task, vendors);
    if (shown === false) known.set(task, { kind: 'gone' });
    if (shown === false) watch.worked.add('gohighlevel');
    if (shown !== true) return;
    contradicted = true;
    task.failure = read?.kind === 'doubtful' ? read.failure : { kind: 'transient', vendor: 'gohighlevel', error: LIES };
  });
  for (const task of unproven) {
    if (toCheck.includes(task)) continue;
    known.set(task, { kind: 'gone' });
    watch.gone.add(task.work.contactId);
  }
  if (!contradicted) return { known, ask: [] };
  const ask = before.gone.map((contactId) => ({ contactId, delayMs: AGAIN_MS }));
  watch.doubted = true;
  return { known, ask };
}

const LIES = 'GET /contacts/:id says that the contact was not found, but the search shows it';

/** GoHighLevel has told us of the deletion itself: what it answers now is its second word. */
function isToldOf({ work }: Task): boolean {
  return work.events.some(({ source, eventType }) => source === 'webhook' && eventType === 'ContactDelete');
}

/** Null where the search does not tell: then the contact fails with that. */
async function isShown(task: Task, { ghl }: Vendors): Promise<boolean | null> {
  try {
    return await ghl.shows(task.work.contactId);
  } catch (thrown) {
    task.failure = toFailure(thrown, 'gohighlevel');
    return null;
  }
}
