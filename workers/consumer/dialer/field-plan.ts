// The plan of one batch or one page: what the settings name, resolved by what is remembered of the accounts' lists, which are read where
// something is missing. Without a list contacts are placed without the fields that need it.

import { sha256Hex } from '../../../shared/hash.ts';
import { HOUR_MS, MINUTE_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import type { Settings } from '../config/settings.ts';
import { type Failure, fail, toFailure, type Vendor } from '../domain/failure.ts';
import type { FieldMap, FieldPlan } from '../domain/fields/field-map.ts';
import {
  type AccountList,
  isUserId,
  type ListKind,
  mayPass,
  namedFields,
  namedOwners,
  planOf,
  resolveFields,
  resolveOwners,
} from '../domain/fields/field-plan.ts';
import { LIST_AGAIN_MS } from '../domain/looks.ts';
import { pipelinesOf, rememberedPipelines, unknownRefs } from '../domain/rules/pipelines.ts';
import { addedSince, type FieldReport, saveAccountList } from '../store/fields.ts';
import type { Vendors } from '../vendors/clients.ts';

/** What is missing from a list is not looked for again before; LIST_AGAIN_MS where it could not be read, and rules are in doubt without it. */
const AGAIN_MS = 10 * MINUTE_MS;
/** The same where the list was refused: a person must give the key the right to it. */
const REFUSED_MS = HOUR_MS;

/** What is remembered of a location's accounts. */
export interface KnownFields {
  lists: readonly AccountList[];
  fieldReports: readonly FieldReport[];
}

/** Whether the settings name anything that only a list resolves. If not, no list is asked for or remembered. */
export function needsLists({ fields }: Settings): boolean {
  return [namedFields(fields), namedOwners(fields), fields.pipelines ?? []].some((named) => named.length > 0);
}

/**
 * The plan. `anew`: what was resolved before may be out of date, and every list is read again. Throws only where D1 fails.
 */
export async function fieldPlan(
  { lists, fieldReports }: KnownFields,
  vendors: Pick<Vendors, 'ghl' | 'callTools'>,
  context: LocationContext,
  { anew = false } = {},
): Promise<FieldPlan> {
  const { fields } = context.settings;
  const questions = [
    aboutFields(fields, vendors),
    aboutOwners(fields, vendors),
    aboutPipelines(fields, vendors),
  ].filter(({ named }) => named.length > 0);
  const current = await Promise.all(
    questions.map(async (question) => {
      const before = lists.find(({ kind }) => kind === question.kind);
      const asked = await sha256Hex(JSON.stringify(question.named));
      const isDue = mustRead(question, asked, before, anew, context.world.now());
      return isDue || before === undefined ? readList(question, asked, before, context) : before;
    }),
  );
  return planOf(fields, current, addedSince(fieldReports));
}

/** Calls for a list. Where it cannot be read, there is nothing in it. */
type Ask = <T>(vendor: Vendor, list: () => Promise<T[]>) => Promise<T[]>;

/** What the settings name of one kind, each to be resolved. */
interface Question {
  kind: ListKind;
  /** Whether the rules are in doubt where no more than this is known of it. */
  needed(resolved: Readonly<Record<string, string>>): boolean;
  named: readonly unknown[];
  resolve(ask: Ask): Promise<Record<string, string>>;
  /** Whether everything that is named was found. */
  isComplete(resolved: Readonly<Record<string, string>>): boolean;
}

function aboutFields(map: FieldMap, { ghl }: Pick<Vendors, 'ghl'>): Question {
  const named = namedFields(map);
  const resolve = async (ask: Ask) => resolveFields(named, await ask('gohighlevel', ghl.customFields));
  const conditions = namedFields({ ...map, rules: [] });
  const needed: Question['needed'] = (known) => conditions.some((ref) => !Object.hasOwn(known, ref));
  return { kind: 'custom_fields', needed, named, resolve, isComplete: hasAll(named) };
}

function aboutOwners(map: FieldMap, { ghl, callTools }: Pick<Vendors, 'ghl' | 'callTools'>): Question {
  const named = namedOwners(map);
  const byEmail = named.some(([user]) => user.includes('@'));
  const byName = named.some(([, owner]) => !isUserId(owner));
  const resolve = async (ask: Ask) => {
    const ofGhl = byEmail ? await ask('gohighlevel', ghl.users) : [];
    return resolveOwners(named, ofGhl, byName ? await ask('calltools', callTools.users) : []);
  };
  return { kind: 'owners', needed: () => false, named, resolve, isComplete: hasAll(named) };
}

/** Of these lists only what is named is remembered. */
function hasAll(named: readonly unknown[]): Question['isComplete'] {
  return (resolved) => Object.keys(resolved).length >= named.length;
}

function aboutPipelines({ pipelines: named = [] }: FieldMap, { ghl }: Pick<Vendors, 'ghl'>): Question {
  const list = async () => {
    const found = await ghl.pipelines();
    if (found !== 'no_scope') return found;
    const error = 'GET /opportunities/pipelines: the token needs the scope opportunities.readonly';
    return fail({ kind: 'refused', vendor: 'gohighlevel', sign: 'list', error });
  };
  const resolve = async (ask: Ask) => rememberedPipelines(await ask('gohighlevel', list));
  const isComplete: Question['isComplete'] = (known) => unknownRefs(named, pipelinesOf(known)).length === 0;
  const needed: Question['needed'] = (known) => Object.keys(known).length === 0;
  return { kind: 'pipelines', needed, named, resolve, isComplete };
}

function mustRead(
  { needed, isComplete }: Question,
  asked: string,
  before: AccountList | undefined,
  anew: boolean,
  now: number,
): boolean {
  if (before?.asked !== asked) return true;
  if (isComplete(before.resolved) && !anew) return false;
  const isRefused = before.failure === 'refused' && !anew;
  const after = isRefused ? REFUSED_MS : needed(before.resolved) && mayPass(before.failure) ? LIST_AGAIN_MS : AGAIN_MS;
  return now - before.readAt >= after;
}

/** Reads the list, and remembers what it resolves. */
async function readList(
  { kind, resolve }: Question,
  asked: string,
  before: AccountList | undefined,
  { env, world, settings, log }: LocationContext,
): Promise<AccountList> {
  const readAt = world.now();
  const failures: Failure[] = [];
  const resolved = await resolve(async (vendor, list) => {
    try {
      return await list();
    } catch (thrown) {
      failures.push(toFailure(thrown, vendor));
      return [];
    }
  });
  const [failure = null] = failures;
  if (failure !== null) log('fields.list_unreadable', { list: kind, error: failure.error });
  // What was found earlier is still right, as far as anybody knows. What OWNERS said of a user may have changed.
  const isRight = before?.asked === asked || kind !== 'owners';
  const earlier = failure !== null && isRight ? before?.resolved : {};
  const list = { kind, resolved: { ...earlier, ...resolved }, asked, failure: failure?.kind ?? null, readAt };
  await saveAccountList(env.DB, settings.GHL_LOCATION_ID, list);
  return list;
}
