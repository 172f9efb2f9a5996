// What a route or "require" may ask of a contact. All of it must hold.

import type { TagRule } from './tags.ts';

/** What is asked of one value. A value may be several: then one of them is enough. */
export type Test =
  /** Equal to one of these texts. */
  | { oneOf: readonly string[] }
  | { exists: true }
  /** Both ends count. Absent = open. */
  | { least?: number; most?: number }
  /** Both days count. YYYY-MM-DD; absent = open. */
  | { from?: string; to?: string }
  /** A day no longer ago than this many days. */
  | { withinDays: number }
  /** The same phone number as the contact's own. */
  | { sameAs: 'phone' };

/** Fields of a contact that are texts. */
export const TEXT_CONDITIONS = ['source', 'type', 'assignedTo', 'state', 'country'] as const;
/** One of them. */
export type TextCondition = (typeof TEXT_CONDITIONS)[number];

/** What is asked of one opportunity of the contact. What is absent does not matter. */
export interface OpportunityRule {
  /** Name or id. */
  pipeline?: string;
  /** Names or ids. */
  stages?: readonly string[];
  /** `open`, `won`, `lost`, `abandoned`. */
  status?: readonly string[];
}

/** An opportunity of a contact. Null: GoHighLevel does not tell it in a form that can be read. */
export interface Opportunity {
  id: string;
  pipelineId: string | null;
  stageId: string | null;
  status: string | null;
}

/** `unknown`: they were not asked for. `unreadable`: they cannot be had. */
export type Opportunities = readonly Opportunity[] | 'unknown' | 'unreadable';

/** A pipeline of the location. */
export interface Pipeline {
  id: string;
  name: string;
  stages: readonly { id: string; name: string }[];
}

/** Conditions without `not`. */
export interface PlainConditions extends TagRule, Partial<Record<TextCondition, Test>> {
  /** By the key (`contact.x`), id or name of the custom field. */
  custom?: Readonly<Record<string, Test>>;
  /** The contact was created no longer ago than this many days. */
  addedWithinDays?: number;
  opportunity?: OpportunityRule;
}

/** All of them must hold. */
export interface Conditions extends PlainConditions {
  /** None of these may hold. Where a value is missing, it is not known whether it would, and the whole does not match. */
  not?: PlainConditions;
}

/** One route. */
export interface Route extends Conditions {
  name: string;
  /** The CallTools bucket's name; null keeps the contact out of the dialer. */
  bucket: string | null;
  /** A CallTools tag that is given along with the bucket. */
  calltoolsTag?: string;
}

/** The rules, read and checked. */
export interface Rules {
  /** The first that matches counts. */
  routes: readonly Route[];
  /** What everybody must meet who is to be placed. */
  require?: Conditions;
}

/** The references of the rules to custom fields. Each once, sorted. */
export function customConditions({ routes, require = {} }: Rules): string[] {
  const all = [require, ...routes].flatMap((conditions) => [conditions, conditions.not ?? {}]);
  return [...new Set(all.flatMap(({ custom = {} }) => Object.keys(custom)))].sort();
}

/** What the conditions ask of opportunities. */
export function opportunityConditions({ routes, require = {} }: Rules): OpportunityRule[] {
  const all = [require, ...routes].flatMap((conditions) => [conditions, conditions.not ?? {}]);
  return all.flatMap(({ opportunity }) => opportunity ?? []);
}

/** Whether some condition asks for a contact's opportunities. */
export function asksForOpportunities(rules: Rules): boolean {
  return opportunityConditions(rules).length > 0;
}
