// Agents who call whom the dialer gives them and say how it went, and the watch over those who said no: out once, out for good.

import type { DialerContact } from '../../sandbox/calltools/view.ts';
import type { GhlContact } from '../../sandbox/gohighlevel.ts';
import type { Mismatch } from '../../sandbox/observe/check.ts';
import type { Rng } from '../simulation/rng.ts';
import { type Local, SAYS_NO } from './local.ts';
import { isAlone, type People } from './people.ts';

interface Refusal {
  disposition: string;
  /** Of the call, and those that the contact has had since. */
  phones: Set<string>;
  calledAt: number;
  /** How long after the call it was first seen out of every bucket; null while it is not. */
  outAfterMs: number | null;
}

export interface Agents {
  /** An agent calls somebody who is in the dialer. Throws where the sandbox is down. */
  act(): Promise<void>;
  /** Sees who is dialed. To be called often. */
  look(): Promise<void>;
  /** Who was dialed again after a no, or is still dialed; and what has not come to GoHighLevel. */
  mismatches(): Promise<Mismatch[]>;
  /** Ms from each no to the dialer without them, shortest first. */
  outAfterMs(): number[];
  /** `again`: looks that found somebody dialed after a no that had taken effect. */
  count: { calls: number; no: number; again: number };
}

const DISPOSITIONS: [number, string][] = [
  [5, 'No Answer'],
  [2, 'Answering Machine'],
  [1, 'Callback'],
  [2, 'Appointment Set'],
  [2, 'Not Interested'],
  [1, 'Wrong Number'],
  [1, 'Do Not Call'],
  [1, 'DNC This Number'],
];
const DRAWN = DISPOSITIONS.flatMap(([weight, name]) => Array<string>(weight).fill(name));
/** How late a row of the record may be. */
const LATE_MS = 20_000;

export function createAgents(local: Local, people: People, rng: Rng): Agents {
  const refusals = new Map<string, Refusal>();
  const again: Mismatch[] = [];
  const count = { calls: 0, no: 0, again: 0 };
  const held = () => local.sandbox<DialerContact[]>('GET', '/calltools/contacts');

  /** Not those who share a number, or did: whom a call on it holds is a question of its own, which the simulation asks. */
  async function someone(): Promise<[GhlContact, DialerContact] | undefined> {
    const [all, shown] = await Promise.all([people.contacts(), held()]);
    const dialed = new Map(shown.flatMap((row) => (row.buckets.length > 0 ? row.phones.map((p) => [p, row]) : [])));
    const callable = all.filter((one) => {
      const { id, phone } = one;
      return dialed.has(phone) && isAlone(one, all) && !people.sharedPhones.has(phone) && !people.saidNo.has(id);
    });
    if (callable.length === 0) return undefined;
    const contact = rng.pick(callable);
    return [contact, dialed.get(contact.phone) as DialerContact];
  }

  return {
    count,

    async act() {
      const [disposition, late] = [rng.pick(DRAWN), rng.next() < 0.3];
      const whom = await someone();
      if (!whom) return;
      const [{ id, phone }, { id: contact }] = whom;
      const says = { disposition, ...(late && { rowAfterMs: rng.int(500, LATE_MS), lateId: rng.next() < 0.5 }) };
      await local.sandbox('POST', '/calltools/agent-calls', { contact, ...says });
      count.calls++;
      if (!SAYS_NO[disposition]) return;
      count.no++;
      people.saidNo.add(id);
      refusals.set(id, { disposition, phones: new Set([phone]), calledAt: performance.now(), outAfterMs: null });
    },

    async look() {
      const [all, shown] = await Promise.all([people.contacts(), held()]);
      const dialed = new Set(shown.filter(({ buckets }) => buckets.length > 0).flatMap(({ phones }) => phones));
      for (const { id, phone } of all) refusals.get(id)?.phones.add(phone);
      for (const [id, refusal] of refusals) {
        const inDialer = [...refusal.phones].some((phone) => dialed.has(phone));
        if (!inDialer) refusal.outAfterMs ??= performance.now() - refusal.calledAt;
        if (!inDialer || refusal.outAfterMs === null) continue;
        count.again++;
        again.push({
          what: `${id}, who said "${refusal.disposition}"`,
          expected: 'out for good',
          found: 'dialed again',
        });
      }
    },

    async mismatches() {
      const all = new Map((await people.contacts()).map((one) => [one.id, one]));
      const left = [...refusals].flatMap(([id, { disposition, outAfterMs }]) => {
        const what = `${id}, who said "${disposition}"`;
        const stays = outAfterMs === null ? [{ what, expected: 'out of the dialer', found: 'in it' }] : [];
        const contact = all.get(id);
        return [...stays, ...(contact ? untold(contact, disposition, what) : [])];
      });
      return [...again, ...left];
    },

    outAfterMs: () => [...refusals.values()].flatMap(({ outAfterMs }) => outAfterMs ?? []).sort((a, b) => a - b),
  };
}

/** What a no must have changed in GoHighLevel, and has not. */
function untold({ tags, dndSettings: { Call } }: GhlContact, disposition: string, what: string): Mismatch[] {
  const { tag = '', blocksCalls } = SAYS_NO[disposition] ?? {};
  return [
    ...(tags.includes(tag) ? [] : [{ what, expected: `the tag "${tag}" in GoHighLevel`, found: tags.join(', ') }]),
    ...(blocksCalls && Call === undefined ? [{ what, expected: 'do-not-disturb in GoHighLevel', found: 'none' }] : []),
  ];
}
