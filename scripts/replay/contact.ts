// Retries a failed contact by its id when no dead letter waits for it, for instance because it was discarded.

import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../command/command.ts';
import type { Output } from '../command/output.ts';
import { Refused } from '../command/sentence.ts';
import { confirmed } from '../command/terminal.ts';
import { harmless } from '../command/text.ts';
import type { Api, Contact } from './api.ts';
import type { Options } from './options.ts';

const POLL_MS = 1_000;

/** What became of the contact, for `--json`. */
type Ended = 'unchanged' | 'refused' | 'retried' | 'succeeded' | 'failed' | 'open';

/** The contact that the options name, if they select by nothing else; null otherwise. */
export function contactOf({ action, ids, filter }: Options): { id: string; location: string | null } | null {
  const { contact, location, ...others } = filter;
  if (action !== 'replay' || ids !== null || contact === undefined || Object.keys(others).length > 0) return null;
  return { id: contact, location: location ?? null };
}

/** The exit code: 1 where the contact did not succeed, or cannot be retried. */
export async function retryContact(
  { id, location }: { id: string; location: string | null },
  { dryRun, yes, waitSeconds }: Options,
  api: Api,
  stop: AbortSignal,
  out: Output,
): Promise<number> {
  const end = (outcome: Ended, contact: Contact | null, text: string): number => {
    out.result({ contact_id: id, outcome, contact }, () => text);
    return ['refused', 'failed', 'open'].includes(outcome) ? EXIT.failed : EXIT.done;
  };
  const before = await api.contact(id, location).catch(refusal);
  if (typeof before === 'string') return end('refused', null, before);
  out.say(`Contact ${id}: ${standing(before)}. ${harmless(before.explanation)}`);
  if (before.state !== 'failed')
    return end('unchanged', before, 'Nothing to do: it has not failed, and no dead letter waits for it.');
  if (dryRun) return end('unchanged', before, 'Would retry the contact.');
  if (!yes && !(await confirmed('No dead letter waits for it. Retry the contact?')))
    return end('unchanged', before, 'Nothing was changed.');
  await api.retry(id, location);
  const retried = 'Retried: it is read again from GoHighLevel.';
  if (waitSeconds === 0 || stop.aborted) return end('retried', before, retried);
  out.say(retried);
  const now = await wait(id, location, before, waitSeconds, api, stop);
  if (now === null) return end('open', before, `It is still on its way: GET /contacts/${id} shows the result.`);
  return now.state === 'failed'
    ? end('failed', now, `It failed again: ${standing(now)}. ${harmless(now.explanation)}`)
    : end('succeeded', now, `It succeeded: ${standing(now)}.`);
}

/** The contact with its new outcome; null where there is none in time. */
async function wait(
  id: string,
  location: string | null,
  before: Contact,
  waitSeconds: number,
  api: Api,
  stop: AbortSignal,
): Promise<Contact | null> {
  for (const deadline = performance.now() + waitSeconds * 1000; performance.now() < deadline && !stop.aborted; ) {
    await sleep(POLL_MS, undefined, { signal: stop }).catch(() => {});
    const now = await api.contact(id, location);
    if (now.state !== 'failed' || now.updated_at !== before.updated_at) return now;
  }
  return null;
}

function standing({ state, reason }: Contact): string {
  return harmless(`${state}${reason ? ` (${reason})` : ''}`);
}

/** The sentence of a refusal; throws anything else. */
function refusal(error: unknown): string {
  if (error instanceof Refused) return error.message;
  throw error;
}
