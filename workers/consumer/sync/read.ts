// Reading the contacts of a batch from GoHighLevel, and deciding what each of them wants.

import { forEachLimit } from '../../../shared/concurrency.ts';
import { callBlocked } from '../../../shared/dnd.ts';
import { phoneMark } from '../../../shared/phone-mark.ts';
import type { LocationContext } from '../config/context.ts';
import { decidedBy, type Settings } from '../config/settings.ts';
import type { Known, Read } from '../domain/contact.ts';
import { type DecideBy, type Decision, decide, isPhoneUnread, type Reason } from '../domain/decide.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import type { FieldPlan } from '../domain/fields/field-map.ts';
import { mayPass } from '../domain/fields/field-plan.ts';
import { readHash } from '../domain/fingerprint.ts';
import { unsaidAt } from '../domain/looks.ts';
import { phoneHash } from '../domain/phone.ts';
import type { Opportunities, Opportunity, Pipeline, Rules } from '../domain/rules/conditions.ts';
import { tagSigns, tagsPermit } from '../domain/rules/match.ts';
import { contradicted, heed, type Shown, stillCounts } from '../domain/told.ts';
import { type Weighed, weighOpportunities } from '../domain/told-opportunities.ts';
import type { Claimed } from '../store/claim.ts';
import { noteOpportunities, seenIn } from '../store/opportunities/seen.ts';
import type { Vendors } from '../vendors/clients.ts';
import type { FoundOpportunity } from '../vendors/opportunities.ts';
import type { Ask } from './ask.ts';
import { believe } from './deletion.ts';
import { leaveUnread } from './held.ts';
import { requireWhole } from './partial-read.ts';
import type { Task } from './work.ts';

/** Contacts read at once. The sixth connection of an invocation is D1's (docs/vendors.md, Cloudflare: workers). */
const CONCURRENCY = 5;

/**
 * Reads these contacts, and notes in each task either its decision or why there is none. Throws only where D1 fails. Returns contacts of earlier
 * batches that must be read again, because GoHighLevel said wrongly that they were deleted.
 */
export async function readAndDecide(
  tasks: readonly Task[],
  { circuits, dialer }: Pick<Claimed, 'circuits' | 'dialer'>,
  vendors: Vendors,
  plan: FieldPlan,
  { env, settings, world }: LocationContext,
): Promise<Ask[]> {
  const reads = new Map<Task, Read | Failure>();
  const began = world.now();
  await forEachLimit(tasks, CONCURRENCY, async (task) => void reads.set(task, await readContact(task, vendors)));
  const { known, failed, ask } = await believe(reads, circuits, vendors, world.now());
  vendors.monitor.refusals.askAhead('gohighlevel');
  const leave = (task: Task, failure: Failure) => leaveUnread(task, failure, dialer, settings.rules, plan.pipelines);
  const by = { plan, settings, began, now: world.now(), pipelines: once(() => vendors.ghl.pipelines()) };
  const seen: FoundOpportunity[] = [];
  await forEachLimit([...known], CONCURRENCY, ([task, read]) => decideContact(task, read, by, vendors, leave, seen));
  const noted = seenIn(seen);
  if (noted.length > 0) await noteOpportunities(env.DB, settings.GHL_LOCATION_ID, noted, world.now());
  for (const [task, failure] of failed) leave(task, failure);
  return ask;
}

async function readContact(task: Task, { ghl }: Vendors): Promise<Read | Failure> {
  try {
    const read = await ghl.read(task.work.contactId);
    return read;
  } catch (thrown) {
    return toFailure(thrown, 'gohighlevel');
  }
}

/** What the decisions of a batch have in common. `began`: before anything was read. Epoch ms. */
interface Deciding {
  plan: FieldPlan;
  settings: Settings;
  began: number;
  now: number;
  pipelines: ReadPipelines;
}

/** Reasons that hold whatever a list may show. */
const OUT_ANYWAY: readonly Reason[] = ['dnd', 'deleted', 'no_phone'];

async function decideContact(
  task: Task,
  read: Known,
  { plan, settings, began, now, pipelines }: Deciding,
  vendors: Vendors,
  leave: (task: Task, failure: Failure) => void,
  seen: FoundOpportunity[],
): Promise<void> {
  try {
    const { rules, DEFAULT_COUNTRY: country } = settings;
    const { work } = task;
    const told = stillCounts(task.told, began);
    const { decision, isWhole, against, isUnread } = await decideWhole(
      { work, told },
      read,
      { rules, country, plan, now },
      vendors,
      seen,
      pipelines,
    );
    // A run that asks without naming a row (to verify a contact, or one that no page showed) is answered with the row last settled.
    const shown = work.searchHash ?? (work.byBackstop ? task.row.searchHash : null);
    if (read.kind === 'found' && isWhole)
      task.readHash = await readHash(read.contact, shown, decidedBy(settings, plan, now));
    if (decision.phone !== null) task.phoneHash = await phoneHash(settings.GHL_LOCATION_ID, decision.phone);
    else if (isPhoneUnread(decision.unread)) task.phoneHash = task.row.phoneHash;
    task.against = contradicted(told, shownBy(read, decision, rules));
    task.against.push(...against);
    task.listUnread = isUnread && decision.inDoubt === true && !OUT_ANYWAY.includes(decision.reason);
    task.tooEarly = showsNothingNew(task) && unsaidAt(work.events, began, rules) !== null;
    const heeded = heed(decision, told, rules);
    requireWhole(heeded, read);
    // Only now: of a contact that could not be read, all that was said since the last read counts.
    task.told = told;
    task.decision = heeded;
    task.decidedAt = now;
  } catch (thrown) {
    leave(task, toFailure(thrown, 'gohighlevel'));
  }
}

/** The contact is as it was settled last. While a look is planned no hash is kept of it. */
function showsNothingNew({ readHash, row: { searchHash, lookAt } }: Task): boolean {
  return readHash !== null && (searchHash === null ? lookAt !== null : readHash === searchHash);
}

interface Decided extends Weighed {
  /** False where opportunities could not be told. Then no row of the contact list shows when they can: it is read again each night. */
  isWhole: boolean;
  /** A list that the rules need could not be read. The next try may succeed. */
  isUnread: boolean;
}

/**
 * The decision, no less strict than what webhooks say of the contact's opportunities. They are asked for only where it depends on them.
 * What was found is added to `seen`. Throws VendorError where they cannot be had at present. Where the token may not read them they are in doubt.
 */
async function decideWhole(
  { work, told }: Pick<Task, 'work' | 'told'>,
  read: Known,
  by: DecideBy,
  { ghl }: Vendors,
  seen: FoundOpportunity[],
  pipelines: ReadPipelines,
): Promise<Decided> {
  const decision = decide(read, by);
  const isOurs = read.kind === 'gone' || !read.elsewhere;
  const isUnread = by.plan.isUnread === true;
  if (!decision.asksForOpportunities || !isOurs || heed(decision, told, by.rules) !== decision)
    return { decision, isWhole: true, against: [], isUnread };
  const found = await ghl.opportunitiesOf(work.contactId);
  if (found === 'no_scope')
    return { decision: decide(read, { ...by, opportunities: 'unreadable' }), isWhole: false, against: [], isUnread };
  seen.push(...found);
  const known = by.plan.pipelines;
  const isListed = known === null || [...found, ...(told.opportunities ?? [])].every((one) => isInList(one, known));
  const anew = isListed ? { pipelines: known, isUnread } : await pipelines();
  const plan = { ...by.plan, pipelines: anew.pipelines };
  const isWhole = plan.pipelines === known || plan.pipelines !== null;
  const decideBy = (opportunities: Opportunities) => decide(read, { ...by, plan, opportunities });
  const areWhole = found.every((one) => !Object.values(one).includes(null));
  const weighed = weighOpportunities(found, told.opportunities, decideBy);
  return { ...weighed, isWhole: isWhole && areWhole, isUnread: isUnread || anew.isUnread };
}

/** The list of pipelines, read now and once for all; null where it cannot be had. What it does not name is in doubt then. */
type ReadPipelines = () => Promise<{ pipelines: readonly Pipeline[] | null; isUnread: boolean }>;

function once(ask: () => Promise<readonly Pipeline[] | 'no_scope'>): ReadPipelines {
  let answer: ReturnType<ReadPipelines> | null = null;
  const read = () =>
    ask().then(
      (found) => ({ pipelines: found === 'no_scope' ? null : found, isUnread: false }),
      (thrown) => ({ pipelines: null, isUnread: mayPass(toFailure(thrown, 'gohighlevel').kind) }),
    );
  return () => {
    answer ??= read();
    return answer;
  };
}

/** A pipeline or stage that the list lacks is newer than the list, and may be one that the rules name. */
function isInList({ pipelineId, stageId }: Pick<Opportunity, 'pipelineId' | 'stageId'>, known: readonly Pipeline[]) {
  const stages = known.flatMap((pipeline) => pipeline.stages);
  return [
    [pipelineId, known],
    [stageId, stages],
  ].every(([id, list]) => id === null || (list as readonly { id: string }[]).some((one) => one.id === id));
}

/** The part of the read that webhooks also speak of. */
function shownBy(read: Known, { priority, reason }: Decision, rules: Rules): Shown {
  const blockedAll = read.kind === 'found' && callBlocked(read.contact.dnd, null);
  const out = rules.routes[priority]?.bucket === null;
  const tags = read.kind === 'found' ? read.contact.tags : [];
  const permitted = tagsPermit(rules, tags);
  const signs = tagSigns(rules, tags);
  const isPhoneKnown = read.kind === 'found' && !isPhoneUnread(read.unread);
  const phone = isPhoneKnown ? phoneMark(read.contact.phone) : null;
  return { gone: read.kind === 'gone', priority, out, permitted, signs, phone, blocked: reason === 'dnd', blockedAll };
}
