// A number whose primary contact is in CallTools already, under another number: it is dialed with that CallTools contact, and by no other.

import { withdraw } from '../dialer/duplicates.ts';
import { carriesNumber, lacks, noteGone } from '../dialer/numbers.ts';
import type { Desired, Dialer, Observed } from '../dialer/session.ts';
import { tryAll } from '../dialer/try-all.ts';
import { OUT } from './marked.ts';
import type { Job, Result } from './work.ts';

/**
 * True where the primary contact is in CallTools under another number. Then the number keeps no CallTools contact of its own in a
 * bucket: it would be dialed beside the primary one. `done` are the results of this batch so far. Throws VendorError.
 */
export async function follow(
  job: Job,
  done: ReadonlyMap<string, Result>,
  dialer: Dialer,
  observed: Observed,
  now: number,
): Promise<boolean> {
  const { row, primaryRow, carriers, tasks } = job;
  const callToolsId =
    primaryRow && primaryRow.phoneHash !== row.phoneHash ? shownUnder(job, primaryRow.phoneHash, done) : null;
  if (callToolsId === null || row.doubtUntil > now || observed.wrote) return false;
  const own = row.callToolsId;
  const mustLook = observed.mayBeInBucket || tasks.some(({ work }) => work.verify);
  // Others that this batch has seen with the number may have been put into a bucket by hand.
  const others = [...carriers, ...(own === null || carriers.includes(own) ? [] : [own])].filter(
    (id) => id !== callToolsId && (mustLook || dialer.numbers.seen.has(id)),
  );
  if (others.length > 0) {
    if ((await dialer.callTools.get(callToolsId)) === null) {
      noteGone(callToolsId, dialer);
      observed.primaryIsLost = true;
      return false;
    }
    await tryAll(others, (id) => setAside(id, job, dialer, now));
  }
  Object.assign(observed, { mayBeInBucket: false, placing: null });
  observed.along = carriers.includes(callToolsId) && !lacks(dialer.numbers, callToolsId, row.phoneHash);
  if (observed.along) observed.callToolsId = callToolsId;
  else if (own === callToolsId) observed.callToolsId = null;
  return true;
}

/** The CallTools contact of the primary contact, as this batch left it, or as it is remembered. */
function shownUnder(
  { primaryRow, primaryInHand, combined }: Job,
  hash: string,
  done: ReadonlyMap<string, Result>,
): number | null {
  const result = done.get(hash);
  if (primaryInHand) {
    const there =
      result && ['written', 'unchanged', 'confirmed'].includes(result.kind) && result.observed.mayBeInBucket;
    return there ? result.observed.callToolsId : null;
  }
  const shown =
    combined.kind === 'place' && primaryRow?.contactId === combined.primary && primaryRow.fingerprint !== null;
  return shown && primaryRow.mayBeInBucket ? primaryRow.callToolsId : null;
}

async function setAside(id: number, { row, numbers }: Job, dialer: Dialer, now: number): Promise<void> {
  const ids = await dialer.labels.resolve({ bucket: null, tag: null });
  const contact = await dialer.callTools.get(id);
  const desired: Desired = {
    e164: null,
    phoneHash: row.phoneHash,
    wanted: OUT,
    numbers,
    callToolsId: id,
    inDoubt: false,
    previousContactId: null,
    route: null,
    now,
    placing: null,
    previousPlacing: null,
  };
  const isOwn = id === row.callToolsId;
  if (contact && (isOwn || (await carriesNumber(contact, row.phoneHash, dialer.settings)) === 'yes'))
    await withdraw([contact], { desired, ids, dialer });
}
