// The rules of the simulated accounts, each twice: as a setting, and as a plain table that owes nothing to the workers' code.

import { ASKED_SETTING } from './asked.ts';
import { DEALS_SETTING } from './deals.ts';

/** Where tags of the vocabulary lead, the strongest first. `bucket` null keeps out. */
interface Line {
  tags: string[];
  bucket: string | null;
  callToolsTag: string | null;
}

interface RuleSet {
  /** SYNC_RULES; undefined for the default. */
  setting: string | undefined;
  lines: Line[];
}

const SOLD = ['customer', 'past customer', 'vip client'];

export const RULE_SETS = {
  guide: {
    setting: undefined,
    lines: [
      { tags: SOLD, bucket: null, callToolsTag: null },
      { tags: ['cold lead'], bucket: 'Cold Leads', callToolsTag: null },
    ],
  },
  moving: {
    setting: JSON.stringify({
      routes: [
        { name: 'lost', tags: ['lost'], bucket: null },
        { name: 'client', words: ['customer', 'client'], bucket: 'Active Clients', calltoolsTag: 'client' },
        { name: 'hot', tags: ['Hot Lead'], bucket: 'Hot Leads', calltoolsTag: 'lead' },
        { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads', calltoolsTag: 'lead' },
      ],
    }),
    lines: [
      { tags: ['lost'], bucket: null, callToolsTag: null },
      { tags: SOLD, bucket: 'Active Clients', callToolsTag: 'client' },
      { tags: ['hot lead'], bucket: 'Hot Leads', callToolsTag: 'lead' },
      { tags: ['cold lead'], bucket: 'Cold Leads', callToolsTag: 'lead' },
    ],
  },
  typed: {
    setting: JSON.stringify({
      routes: [
        { name: 'stop', tags: ["don't call"], bucket: null },
        { name: 'sold', words: ['customer', 'won'], bucket: null },
        { name: 'cold', tags: ['Cold Lead'], bucket: 'Cold Leads' },
      ],
    }),
    lines: [
      { tags: ["don't call"], bucket: null, callToolsTag: null },
      { tags: ['customer', 'past customer', 'stage:won'], bucket: null, callToolsTag: null },
      { tags: ['cold lead'], bucket: 'Cold Leads', callToolsTag: null },
    ],
  },
  asked: {
    setting: ASKED_SETTING,
    lines: [
      { tags: [], bucket: null, callToolsTag: null },
      { tags: [], bucket: null, callToolsTag: null },
      { tags: [], bucket: null, callToolsTag: null },
      { tags: [], bucket: 'Florida', callToolsTag: null },
      { tags: [], bucket: null, callToolsTag: null },
      { tags: [], bucket: 'Hot Leads', callToolsTag: null },
      { tags: [], bucket: 'Hot Leads', callToolsTag: null },
      { tags: [], bucket: 'Cold Leads', callToolsTag: null },
    ],
  },
  deals: {
    setting: DEALS_SETTING,
    lines: [
      { tags: [], bucket: null, callToolsTag: null },
      { tags: [], bucket: 'Hot Leads', callToolsTag: null },
      { tags: [], bucket: null, callToolsTag: null },
      { tags: [], bucket: 'Cold Leads', callToolsTag: null },
    ],
  },
} satisfies Record<string, RuleSet>;

export type RuleSetName = keyof typeof RULE_SETS;

/** Every tag that a contact can have; "newsletter" and "customize" concern no route. */
export const VOCABULARY = ['cold lead', 'hot lead', 'lost', 'newsletter', 'customize', ...SOLD];

/** Rank of the line that these tags lead to, or -1. */
export function rankOf(name: RuleSetName, tags: readonly string[]): number {
  return RULE_SETS[name].lines.findIndex((line) => line.tags.some((tag) => tags.includes(tag)));
}

export function lineOf(name: RuleSetName, rank: number): Line | undefined {
  return RULE_SETS[name].lines[rank];
}

/** Names of the buckets that the rules manage. */
export function bucketsOf(name: RuleSetName): string[] {
  return RULE_SETS[name].lines.flatMap(({ bucket }) => bucket ?? []);
}

/** Names of the CallTools tags that the rules manage. */
export function tagsOf(name: RuleSetName): string[] {
  return RULE_SETS[name].lines.flatMap(({ callToolsTag }) => callToolsTag ?? []);
}
