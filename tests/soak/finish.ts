// The end of a soak: no faults any more, backstop runs until one is complete, each dead letter replayed once, and then the demo's
// own check of CallTools against GoHighLevel and the rules.

import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_SETTINGS } from '../../sandbox/calltools/settings.ts';
import type { DialerContact } from '../../sandbox/calltools/view.ts';
import { DEFAULT_SETTINGS as GHL_SETTINGS } from '../../sandbox/gohighlevel/settings.ts';
import type { Delivery, GhlContact } from '../../sandbox/gohighlevel.ts';
import { compareVendors, type Mismatch, type Stats, unfinished } from '../../sandbox/observe/check.ts';
import type { Agents } from './agents.ts';
import type { Local } from './local.ts';
import type { People } from './people.ts';

interface Run {
  state: 'running' | 'complete' | 'incomplete';
}
interface Letter {
  id: string;
  contact_id: string | null;
  reason: string;
}
interface Options {
  people: People;
  agents: Agents;
  tell(line: string): void;
  signal: AbortSignal;
}

/**
 * An open circuit is looked at after 30 s, a write in doubt is confirmed after 60 s, a dead workerd's lease ends after 55 s, and a vendor that
 * has asked to slow down is called at a fraction of its pace for minutes. After an hour dozens of contacts are gone whose last write was in
 * doubt: each batch with one of them looks through the buckets, for most of a minute.
 */
const LIMIT_MS = 2_400_000;
const LOOK_EVERY_MS = 500;
const RUN_LIMIT_MS = 600_000;

/** A write of which nobody learned, of a contact that is gone, in a bucket with more members than can be looked through: the pipeline says so. */
const FOR_A_PERSON = 'untraceable';

/** Each night looks for them again. What one has taken out leaves fewer members to look through. */
const MAX_NIGHTS = 3;

/** What is not as it must be: empty as soon as two looks in a row find nothing, else what the last look found. */
export async function finish(local: Local, { people, agents, tell, signal }: Options): Promise<Mismatch[]> {
  const pause = (ms: number) => sleep(ms, undefined, { signal });
  // Whose placing shows that all of it works, and without which an open circuit would have no call to be closed by.
  await people.lead();
  // Nothing tells when the search knows of the last edit.
  await pause(GHL_SETTINGS.searchLagMs + 500);
  tell(`the search is up to date; backstop: ${await completeRun(local, pause)}`);

  const replayed = new Set<string>();
  let clean = 0;
  let nights = 0;
  for (const end = performance.now() + LIMIT_MS; ; await pause(LOOK_EVERY_MS)) {
    const letters = await waiting(local);
    const forAPerson = letters.filter(({ id, reason }) => reason === FOR_A_PERSON && replayed.has(id));
    await agents.look();
    const found = [...(await mismatches(local, people.formerPhones, forAPerson)), ...(await agents.mismatches())];
    clean = found.length === 0 ? clean + 1 : 0;
    if (clean === 2 && forAPerson.length > 0)
      tell(`left for a person, as they must be: ${forAPerson.length} untraceable`);
    if (clean === 2 || performance.now() > end) return found;
    const fresh = letters.filter(({ id }) => !replayed.has(id));
    if (fresh.length === 0 && forAPerson.length > 0 && clean === 0 && isOver(found) && nights < MAX_NIGHTS) {
      nights++;
      tell(`another night for ${forAPerson.length} untraceable: ${await completeRun(local, pause)}`);
    }
    if (fresh.length === 0) continue;
    tell(`dead letters replayed: ${fresh.map(({ reason }) => reason).join(', ')}`);
    for (const { id } of fresh) replayed.add(id);
    await local.operator('POST', '/dead-letters/replay', { ids: fresh.map(({ id }) => id) });
  }
}

/** No work waits: what is not as it must be stays so. */
function isOver(found: readonly Mismatch[]): boolean {
  return !found.some(({ what }) => what === 'contacts pending');
}

/** Triggers runs until one has seen every contact. */
async function completeRun(local: Local, pause: (ms: number) => Promise<unknown>): Promise<string> {
  const states: string[] = [];
  for (const end = performance.now() + RUN_LIMIT_MS; performance.now() < end; ) {
    await local.operator('POST', '/sync/trigger');
    let [run] = (await local.operator<{ runs: Run[] }>('GET', '/sync/runs')).runs;
    while (run?.state === 'running' && performance.now() < end) {
      await pause(LOOK_EVERY_MS);
      [run] = (await local.operator<{ runs: Run[] }>('GET', '/sync/runs')).runs;
    }
    states.push(run?.state ?? 'none');
    if (run?.state === 'complete') return states.join(', ');
  }
  throw new Error(`no backstop run was complete within ${RUN_LIMIT_MS / 1000} s: ${states.join(', ')}`);
}

async function waiting(local: Local): Promise<Letter[]> {
  const { dead_letters } = await local.operator<{ dead_letters: Letter[] }>('GET', '/dead-letters?limit=100');
  return dead_letters;
}

/** Letters for a person excuse themselves, and what CallTools holds under the number of a contact that is gone. */
async function mismatches(local: Local, formerPhones: People['formerPhones'], excused: Letter[]): Promise<Mismatch[]> {
  const people = await local.sandbox<GhlContact[]>('GET', '/ghl/contacts');
  const shown = await local.sandbox<(DialerContact & { do_not_contact: boolean })[]>('GET', '/calltools/contacts');
  const held = shown.map(({ do_not_contact: doNotContact, ...contact }) => ({ ...contact, doNotContact }));
  const differences = compareVendors({
    ghl: { contacts: () => people, deliveries: [...formerPhones.keys()].map(deletion) },
    callTools: { contacts: () => held, settings: DEFAULT_SETTINGS },
  });
  const [ids, phones] = [new Set(excused.map(({ contact_id: id }) => id)), new Set(people.map(({ phone }) => phone))];
  const gone = [...formerPhones].filter(([phone, id]) => ids.has(id) && !phones.has(phone)).map(([phone]) => phone);
  const stats = await local.operator<Stats>('GET', '/sync/stats');
  return [
    ...differences.filter(({ what }) => !gone.some((phone) => what.endsWith(phone))),
    ...unfinished({
      ...stats,
      dead_letters: stats.dead_letters - excused.length,
      failed: stats.failed - ids.size,
    }),
  ];
}

/** The sandbox does not remember webhooks over a restart. */
function deletion(phone: string): Delivery {
  const body = JSON.stringify({ phone });
  return { webhookId: '', contactId: '', status: 202, attempts: 1, type: 'ContactDelete', body };
}
