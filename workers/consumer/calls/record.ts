// From the rows of a page to what is kept of them: which are new, what their dispositions mean, and who must be out of the dialer.

import { HOUR_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import {
  type Disposition,
  dispositionOf,
  holds,
  isUnknown,
  nameOf,
  type Said,
  unknownHold,
} from '../domain/calls/meaning.ts';
import type { CallResults } from '../domain/calls/setting.ts';
import { stepsOf, writesFor } from '../domain/calls/writes.ts';
import { type Failure, VendorError } from '../domain/failure.ts';
import { type Poll, saveDispositions } from '../store/calls/polls.ts';
import { knownRows, type NewResult } from '../store/calls/results.ts';
import type { CallRecord, CallRow } from '../vendors/calls/calltools-calls.ts';

/** What the account's dispositions mean is asked for again after this: somebody may have changed it. */
const MEANINGS_MS = HOUR_MS;

/** What the account's dispositions mean, asked for as rarely as possible. */
export interface Meanings {
  /** Those by which these can be understood, as far as that is possible. */
  toRead(said: readonly Said[]): Promise<Known>;
}

/** The account's dispositions. */
interface Known {
  list: readonly Disposition[];
  /** Why the list could not be read, where some of what was asked for may be in it; else null. */
  failure: Failure | null;
}

/** Begins with what is remembered. One poll asks once, and once more where a row has a disposition that the list did not have. */
export function createMeanings(
  poll: Pick<Poll, 'dispositions' | 'dispositionsAt'>,
  callTools: Pick<CallRecord, 'dispositions'>,
  { env, world, settings }: LocationContext,
): Meanings {
  let known: readonly Disposition[] = poll.dispositions;
  let isOld = poll.dispositionsAt <= world.now() - MEANINGS_MS;
  const missing = new Set<string>();
  return {
    async toRead(said) {
      const unknown = said.filter((one) => dispositionOf(one, known) === null).map((one) => JSON.stringify(one));
      const isNews = unknown.some((one) => !missing.has(one));
      if (said.length === 0 || (!isOld && !isNews)) return { list: known, failure: null };
      isOld = false;
      try {
        known = await callTools.dispositions();
      } catch (thrown) {
        // Who said no is held by what is remembered, sooner than that nobody is.
        if (!(thrown instanceof VendorError)) throw thrown;
        return { list: known, failure: isNews ? thrown.failure : null };
      }
      for (const one of unknown) missing.add(one);
      await saveDispositions(env.DB, settings.GHL_LOCATION_ID, known, world.now());
      return { list: known, failure: null };
    },
  };
}

/** Rows of which nothing is kept yet. A row without a disposition waits for it: it is seen again. */
export async function newAmong(rows: readonly CallRow[], { env, settings }: LocationContext): Promise<CallRow[]> {
  const noted = rows.filter(({ said }) => said !== null);
  if (noted.length === 0) return [];
  const known = await knownRows(
    env.DB,
    settings.GHL_LOCATION_ID,
    noted.map(({ id }) => id),
  );
  return noted.filter(({ id }) => !known.has(id));
}

/**
 * What is kept of the new ones among the rows of a page. `failure`: the list of dispositions was needed and could not be read. Those that
 * are not understood without it are not kept, and must be looked at again.
 */
export async function resultsOf(
  page: readonly CallRow[],
  fresh: readonly CallRow[],
  rules: CallResults,
  meanings: Meanings,
): Promise<{ results: NewResult[]; failure: Failure | null }> {
  const { list, failure } = await meanings.toRead(fresh.flatMap(({ said }) => said ?? []));
  const inDoubt = unknownHold(
    page.flatMap(({ said }) => said ?? []),
    list,
    rules,
  );
  const results = fresh.flatMap(({ id, callToolsId, said, at }): NewResult[] => {
    if (said === null) return [];
    const meaning = dispositionOf(said, list);
    const isSure = holds(said, meaning, rules);
    if (meaning === null && failure !== null && !isSure) return [];
    const disposition = nameOf(said, meaning, rules);
    const hold = isSure || (inDoubt && isUnknown(said, meaning, rules));
    const steps = callToolsId === null ? [] : stepsOf(writesFor(disposition, rules));
    return [{ rowId: id, callToolsId, disposition, calledAt: at, hold, steps }];
  });
  return { results, failure };
}
