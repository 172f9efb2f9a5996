// The brake: how many contacts that CallTools does not hold yet are placed within an hour (MAX_NEW_PLACEMENTS).

import type { LocationContext } from '../config/context.ts';
import { type NewPlacement, takeRoom } from '../store/brake/new-placements.ts';
import { leftFor } from './attempt.ts';
import { OUT } from './marked.ts';
import type { Job } from './work.ts';

/**
 * Takes room for the jobs that place a new number, and holds back those for which there is none. Where the setting is off nothing is asked of
 * D1. Throws what D1 throws.
 */
export async function brake(jobs: Job[], { env, world, settings }: LocationContext): Promise<Job[]> {
  const limit = settings.MAX_NEW_PLACEMENTS;
  const entering = limit === null ? [] : jobs.flatMap((job) => enteringOf(job, jobs));
  if (limit === null || entering.length === 0) return jobs;
  const lease = { locationId: settings.GHL_LOCATION_ID, now: world.now() };
  const held = await takeRoom(env.DB, lease, entering, limit);
  return jobs.map((job) => (held.has(job.row.phoneHash) ? holdBack(job) : job));
}

/** A number that is to be placed. One that is surely in a bucket needs no look. */
function enteringOf(job: Job, jobs: Job[]): NewPlacement[] {
  const { wanted, row, combined, tasks } = job;
  const isIn = row.mayBeInBucket && row.fingerprint !== null;
  if (wanted?.kind !== 'place' || combined.kind !== 'place' || isIn) return [];
  const runs = tasks.flatMap(({ work }) => (work.byBackstop ? (work.latest.runId ?? []) : []));
  return [{ phoneHash: row.phoneHash, isNew: isNew(job, jobs), contactId: combined.primary, runId: runs[0] ?? null }];
}

/** CallTools has no contact that we know of under the number, nor under one that its contact has left for it. */
function isNew(job: Job, jobs: Job[]): boolean {
  const rows = [job.row, ...job.linked, leftFor(job, jobs)?.row];
  return rows.every((row) => (row?.callToolsId ?? null) === null) && job.row.carriers.size === 0;
}

function holdBack(job: Job): Job {
  return {
    ...job,
    braked: true,
    combined: { kind: 'out', doNotContact: false, hold: 'held_by_brake' },
    wanted: OUT,
    primaryRow: null,
    primaryInHand: false,
  };
}
