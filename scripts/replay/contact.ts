// Retries a failed contact by its id when no dead letter waits for it, for instance because it was discarded.

import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from '../operator/call.ts';
import { confirmed } from '../operator/terminal.ts';
import { harmless } from '../operator/text.ts';
import type { Api, Contact } from './api.ts';
import type { Options } from './options.ts';

const POLL_MS = 1_000;

/** The contact that the options name, if they select by nothing else; null otherwise. */
export function contactOf({ action, ids, filter }: Options): { id: string; location: string | null } | null {
  const { contact, location, ...others } = filter;
  if (action !== 'replay' || ids !== null || contact === undefined || Object.keys(others).length > 0) return null;
  return { id: contact, location: location ?? null };
}

/** How many failed: 1 where the contact did not succeed, or cannot be retried. */
export async function retryContact(
  { id, location }: { id: string; location: string | null },
  { dryRun, yes, waitSeconds }: Options,
  api: Api,
  stop: AbortSignal,
): Promise<number> {
  const before = await api.contact(id, location).catch(refusal);
  if (typeof before === 'string') {
    console.log(before);
    return 1;
  }
  console.log(`Contact ${id}: ${standing(before)}. ${harmless(before.explanation)}`);
  if (before.state !== 'failed') {
    console.log('Nothing to do: it has not failed, and no dead letter waits for it.');
    return 0;
  }
  if (dryRun) {
    console.log('Would retry the contact.');
    return 0;
  }
  if (!yes && !(await confirmed('No dead letter waits for it. Retry the contact?'))) {
    console.log('Nothing was changed.');
    return 0;
  }
  await api.retry(id, location);
  console.log('Retried: it is read again from GoHighLevel.');
  return waitSeconds > 0 && !stop.aborted ? wait(id, location, before, waitSeconds, api, stop) : 0;
}

async function wait(
  id: string,
  location: string | null,
  before: Contact,
  waitSeconds: number,
  api: Api,
  stop: AbortSignal,
): Promise<number> {
  for (const deadline = performance.now() + waitSeconds * 1000; performance.now() < deadline && !stop.aborted; ) {
    await sleep(POLL_MS, undefined, { signal: stop }).catch(() => {});
    const now = await api.contact(id, location);
    if (now.state !== 'failed') {
      console.log(`It succeeded: ${standing(now)}.`);
      return 0;
    }
    if (now.updated_at !== before.updated_at) {
      console.log(`It failed again: ${standing(now)}. ${harmless(now.explanation)}`);
      return 1;
    }
  }
  console.log(`It is still on its way: GET /contacts/${id} shows the result.`);
  return 1;
}

function standing({ state, reason }: Contact): string {
  return harmless(`${state}${reason ? ` (${reason})` : ''}`);
}

/** The sentence of a refusal; throws anything else. */
function refusal(error: unknown): string {
  if (error instanceof Refused) return error.message;
  throw error;
}
