// What is true in GoHighLevel, and was: the measure for what the pipeline does, kept apart from its code.

import type { GhlOpportunity } from '../../sandbox/gohighlevel/opportunities/opportunity.ts';
import type { GhlContact } from '../../sandbox/gohighlevel.ts';
import { judgeAsked } from './asked.ts';
import { judgeDeals } from './deals.ts';
import { lineOf, type RuleSetName, rankOf } from './rule-sets.ts';

/** What a contact asks for its phone: a bucket, to be kept out, to be marked do-not-contact, or nothing. */
export type Wish = 'place' | 'out' | 'dnc' | 'none';

/** A contact as it was from `at` (epoch ms) on. */
export interface Version {
  at: number;
  /** Null where it has none that can be dialed, or is gone. */
  phone: string | null;
  wish: Wish;
  /** What it would ask if the person might be called. */
  route: Wish;
  rank: number;
  contact: GhlContact | null;
  /** Where the rules go by opportunities: the contact's. */
  deals: GhlOpportunity[];
}

export interface Truth {
  /** Looks at the contacts; to be called after every change, and where time alone may have changed something. */
  note(contacts: GhlContact[], at: number): void;
  /** Versions of a contact, oldest first. */
  versions(contactId: string): readonly Version[];
  latest(contactId: string): Version | undefined;
  /** Ids of all contacts that ever were. */
  ids(): string[];
  /** By contact id, the last webhook about its DND, until the pipeline has acknowledged it. No other kind of webhook tells of the call channel. */
  readonly dndUnheard: Map<string, string>;
}

/** `opportunities`: all that there are now. */
export function createTruth(rules: RuleSetName, opportunities: () => GhlOpportunity[]): Truth {
  const known = new Map<string, Version[]>();
  const texts = new Map<string, string>();

  function add(id: string, contact: GhlContact | null, at: number): void {
    const all = rules === 'deals' ? opportunities() : [];
    const deals = all.flatMap((one) => (one.contactId === id ? [{ ...one }] : []));
    const version = versionOf(contact, rules, at, deals);
    const text = JSON.stringify([contact, version.wish, version.rank, deals]);
    if (texts.get(id) === text) return;
    texts.set(id, text);
    const versions = known.get(id) ?? [];
    known.set(id, versions);
    versions.push(version);
  }

  return {
    note(contacts, at) {
      for (const contact of contacts) add(contact.id, contact, at);
      const present = new Set(contacts.map(({ id }) => id));
      for (const id of known.keys()) if (!present.has(id)) add(id, null, at);
    },
    versions: (id) => known.get(id) ?? [],
    latest: (id) => known.get(id)?.at(-1),
    ids: () => [...known.keys()],
    dndUnheard: new Map(),
  };
}

/** The person asks not to be called, whatever their number. */
export function isBlocked({ dnd, dndSettings }: GhlContact): boolean {
  return dnd || (dndSettings.Call?.status ?? 'inactive') !== 'inactive';
}

function versionOf(contact: GhlContact | null, rules: RuleSetName, at: number, deals: GhlOpportunity[]): Version {
  if (contact === null) return { at, phone: null, wish: 'none', route: 'none', rank: -1, contact, deals };
  const phone = contact.phone.startsWith('+') ? contact.phone : null;
  const { rank, wish: asked } = judge(contact, rules, at, deals);
  const route = phone === null ? 'none' : asked;
  return { at, phone, wish: phone !== null && isBlocked(contact) ? 'dnc' : route, route, rank, contact, deals };
}

/**
 * All that a reader may have taken a contact for whose versions these are. Its opportunities are read apart from it, and a webhook tells of
 * one alone: each of them, and the contact, may be as in any of the versions.
 */
export function mixturesOf(versions: readonly Version[]): Version[] {
  const ids = new Set(versions.flatMap(({ deals }) => deals.map(({ id }) => id)));
  let mixtures: GhlOpportunity[][] = [[]];
  for (const id of ids) {
    const states = versions.map(({ deals }) => deals.find((one) => one.id === id) ?? null);
    const distinct = [...new Map(states.map((state) => [JSON.stringify(state), state])).values()];
    mixtures = mixtures.flatMap((mixture) => distinct.map((state) => (state ? [...mixture, state] : mixture)));
  }
  return versions.flatMap(({ contact, at }) => mixtures.map((deals) => versionOf(contact, 'deals', at, deals)));
}

/** Where the rules lead a person who has a phone and may be called. */
function judge(
  contact: GhlContact,
  rules: RuleSetName,
  at: number,
  deals: GhlOpportunity[],
): Pick<Version, 'rank' | 'wish'> {
  if (rules === 'asked') return judgeAsked(contact, at);
  if (rules === 'deals') return judgeDeals(deals, contact.tags);
  const rank = rankOf(rules, contact.tags);
  return { rank, wish: rank < 0 ? 'none' : lineOf(rules, rank)?.bucket === null ? 'out' : 'place' };
}

/** Versions that were true at some moment from `from` to `to`. */
export function during(versions: readonly Version[], from: number, to: number): Version[] {
  return versions.filter((version, index) => {
    const end = versions[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    return version.at <= to && end >= from;
  });
}
