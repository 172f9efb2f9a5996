// Who was taken out in CallTools after a call is not put back by us while their route is what it was.

import type { CallTools } from '../../sandbox/calltools.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import type { Action } from './history.ts';
import { PHONES } from './history.ts';
import { folded } from './oracle.ts';
import { bucketsOf, type RuleSetName } from './rule-sets.ts';
import { during, type Truth } from './truth.ts';
import type { Report } from './verdict.ts';

type SayNo = Extract<Action, { do: 'say-no' }>;

interface Options {
  clock: Clock;
  callTools: CallTools;
  truth: Truth;
  rules: RuleSetName;
  /** Whether calls are part of the history: looking costs time. */
  active: boolean;
  byHand(act?: () => void): boolean;
  report: Report;
}

export interface SaidNo {
  /** To be called after every change in CallTools. */
  look(): void;
  /** An agent calls the contact that is dialed at this number. With a delay, somebody takes it out afterwards. */
  sayNo(action: SayNo): void;
  /** Numbers that may be held back: those of people who were called, and of everybody who ever shared one with them. */
  numbers(): ReadonlySet<string>;
}

/** A batch reads before it writes: what it has read by then may be so much older. */
const WORK_MS = 120_000;
/** A write that was under way when the contact was taken out can put it back; nobody can prevent that. */
const UNDER_WAY_MS = 60_000;

export function createSaidNo({ clock, callTools, truth, rules, active, byHand, report }: Options): SaidNo {
  const managed = bucketsOf(rules).map(folded);
  const entered = new Map<string, number>();
  const out = new Map<string, { at: number; since: number }>();
  const ever = new Set<string>();
  let dialed = new Set<string>();

  const inside = ({ buckets }: { buckets: string[] }) => buckets.some((name) => managed.includes(folded(name)));

  const contactOf = (id: number) => callTools.contacts().find((contact) => contact.id === id);

  /** Everybody with the number has wanted the same of it all the time, and nobody has come whose route goes before. */
  function isUnchanged(phone: string, since: number): boolean {
    const all = truth.ids().map((id) => during(truth.versions(id), since, clock.now));
    const concerned = all.filter((versions) => versions.some((version) => version.phone === phone));
    const lead = Math.min(...concerned.flatMap(([first]) => (first && first.at <= since ? [first.rank] : [])));
    return concerned.every((versions) =>
      versions.every(
        (version) =>
          version.phone === phone &&
          version.wish === 'place' &&
          version.rank === versions[0]?.rank &&
          version.rank >= lead,
      ),
    );
  }

  function judge(phone: string): void {
    const taken = out.get(phone);
    out.delete(phone);
    if (!taken || clock.now < taken.at + UNDER_WAY_MS) return;
    if (isUnchanged(phone, taken.since))
      report('put back', `${phone} is dialed again although a call has ended in "no"`);
  }

  return {
    look() {
      if (!active) return;
      const now = new Set(callTools.contacts().flatMap((contact) => (inside(contact) ? contact.phones : [])));
      for (const phone of now) {
        if (dialed.has(phone)) continue;
        if (!byHand()) judge(phone);
        entered.set(phone, clock.now);
      }
      dialed = now;
    },

    sayNo({ phone, afterMs, noted }) {
      const number = PHONES[phone] ?? '';
      for (const { id } of callTools.withPhone(number).filter(inside)) {
        callTools.call(id, { disposition: 'Not interested', fields: NOTED[noted] });
        for (const called of contactOf(id)?.phones ?? []) ever.add(called);
        if (afterMs === null) continue;
        clock.after(afterMs, () => {
          const contact = contactOf(id);
          if (!contact || !inside(contact)) return;
          for (const dialedAt of contact.phones) {
            out.set(dialedAt, { at: clock.now, since: (entered.get(dialedAt) ?? 0) - WORK_MS });
            ever.add(dialedAt);
          }
          byHand(() => callTools.takeOutByHand(id));
        });
      }
    },

    numbers() {
      const found = new Set(ever);
      const histories = truth.ids().map((id) => truth.versions(id).flatMap(({ phone }) => phone ?? []));
      for (let before = -1; before < found.size; ) {
        before = found.size;
        for (const phones of histories)
          if (phones.some((phone) => found.has(phone))) for (const phone of phones) found.add(phone);
      }
      return found;
    },
  };
}

/** How the account notes a call, beside or instead of the usual. */
const NOTED: Record<SayNo['noted'], Record<string, unknown>> = {
  usual: {},
  undated: { last_call_outbound: null, last_call_outbound_human: null },
  unreadable: { last_call_outbound: 'a while ago', last_call_outbound_human: null },
};
