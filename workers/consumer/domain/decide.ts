// The decision, pure: what a contact wants for its phone, and what CallTools should hold under a phone that several contacts share.

import type { CountryCode } from 'libphonenumber-js/min';
import { callBlocked } from '../../../shared/dnd.ts';

import { type GhlContact, isFilled, type Known } from './contact.ts';
import type { FieldPlan, FieldValue } from './fields/field-map.ts';
import { mappedFields } from './fields/field-plan.ts';
import { toE164 } from './phone.ts';
import { becauseOf } from './rules/because.ts';
import type { Opportunities, Rules } from './rules/conditions.ts';
import { type Facts, factsOf, type Judged, keptOutAnyway, type Match, matchRules, unmet } from './rules/match.ts';

/** What one contact wants for its phone. `dnc`: out, and marked do-not-contact. `none`: nothing. */
export type Intent = 'place' | 'out' | 'dnc' | 'none';

/** Why a contact is in its state, apart from failures. */
export type Reason =
  | 'placed'
  | 'route'
  | 'no_route'
  | 'not_permitted'
  | 'rule_in_doubt'
  | 'no_phone'
  | 'dnd'
  | 'deleted'
  | 'shared_phone'
  | 'shared_contact'
  | 'webhook_said_out'
  | 'do_not_contact_set'
  | 'held_by_brake'
  | HoldReason;

/** What CallTools shows of a person. Fields that GoHighLevel does not have are absent as a rule: an empty text would overwrite. */
export interface Person {
  contactId: string;
  phone: string;
  email?: string;
  /** Mapped fields, by CallTools' names. Null and '' empty a field. */
  fields: Record<string, FieldValue | null>;
}

/** What one contact wants, and why. */
export interface Decision {
  intent: Intent;
  reason: Reason;
  /** Index of the matching route, -1 for none. */
  priority: number;
  route: string | null;
  /** E.164; null where there is none or the contact is gone. */
  phone: string | null;
  person: Person | null;
  /** Fields of the answer that could not be read: see partial-read.ts. */
  unread?: string[];
  /** The answer shows another location's contact. */
  elsewhere?: true;
  /** Of `require` or of the route: the condition that is not met (`not_permitted`) or cannot be judged (`rule_in_doubt`). */
  condition?: string;
  /** With what cannot be read the route might be another. The intent is safe all the same. */
  inDoubt?: true;
  /** Where the route alone decides: what made it match, in words. */
  because?: string;
  /** It depends on the contact's opportunities, which were not asked for. Until they are, it is in doubt. */
  asksForOpportunities?: true;
}

/** The settings and what else is known beside the contact itself. */
export interface DecideBy {
  rules: Rules;
  country: CountryCode;
  plan: FieldPlan;
  /** Epoch ms: some conditions go by the day. */
  now: number;
  opportunities?: Opportunities;
}

const NOBODY = { priority: -1, route: null, phone: null, person: null } as const;

/** What this contact wants. Doubt about do-not-disturb means `dnc`, and doubt about a condition means that it is not placed. */
export function decide(read: Known, { rules, country, plan, now, opportunities = 'unknown' }: DecideBy): Decision {
  if (read.kind === 'gone') return { ...NOBODY, intent: 'none', reason: 'deleted' };
  const { contact, unread } = read;
  const phone = toE164(contact.phone, country);
  const facts = factsOf(contact, { plan, now, phone, toPhone: (text) => toE164(text, country), opportunities });
  const match = matched(rules, facts);
  const priority = match.kind === 'route' || match.kind === 'doubt' ? match.priority : -1;
  const route = rules.routes[priority];
  const blocked = callBlocked(contact.dnd, contact.dndSettings);
  const isOpen = match.kind === 'doubt' || match.kind === 'unknown' || (match.kind === 'route' && match.inDoubt);
  const inDoubt = isOpen || unread?.some((field) => field !== 'contact.phone');
  const elsewhere = read.elsewhere && { elsewhere: true as const };
  const about = { ...(inDoubt && { inDoubt: true as const }), ...(unread && { unread }), ...elsewhere };
  const common = { priority, route: route?.name ?? null, phone, ...about };
  const nothing = { ...common, intent: 'none', person: null } as const;

  // Also without a phone: CallTools may hold the person under an earlier number.
  if (blocked) return { ...common, intent: 'dnc', reason: 'dnd', person: null };
  if (read.removed) return { ...nothing, reason: 'deleted' };
  // A phone that cannot be read may be the contact's earlier one.
  if (phone === null && !isPhoneUnread(unread))
    return { ...withoutUnread(nothing, 'contact.tags'), reason: 'no_phone' };
  if (match.kind === 'unknown') return { ...nothing, ...UNASKED };
  if (match.kind === 'doubt') return { ...nothing, reason: 'rule_in_doubt', condition: match.condition };
  if (!route) return { ...withoutUnread(nothing, 'contact.phone'), reason: 'no_route' };
  const because = becauseOf(route, facts);
  if (route.bucket === null) return { ...common, intent: 'out', reason: 'route', person: null, because };
  if (phone === null) return { ...nothing, reason: 'no_phone' };
  const missed = unmet(rules, facts);
  if (missed) return { ...nothing, ...notPermitted(missed) };
  return { ...common, intent: 'place', reason: 'placed', person: personOf(contact, phone, plan), because };
}

/**
 * Where a route keeps the contact out whatever its opportunities are, those do not matter. An earlier route that keeps out because of one
 * might match too, and changes nothing.
 */
function matched(rules: Rules, facts: Facts): Match {
  const match = matchRules(rules, facts);
  const out = match.kind === 'unknown' ? keptOutAnyway(rules, facts) : null;
  return out === null ? match : { kind: 'route', priority: out };
}

function notPermitted({ verdict, condition }: Judged) {
  if (verdict === 'unknown') return UNASKED;
  return { reason: 'not_permitted', condition, ...(verdict === 'doubt' && { inDoubt: true as const }) } as const;
}

const UNASKED = { reason: 'rule_in_doubt', condition: 'opportunity', asksForOpportunities: true } as const;

/** Without this field and the location among the unread: the contact is not dialed whatever they say. */
function withoutUnread<T extends { unread?: string[] }>({ unread = [], ...rest }: T, field: string) {
  const left = unread.filter((one) => one !== field && one !== 'contact.locationId');
  return { ...rest, ...(left.length > 0 && { unread: left }) };
}

/** Whether the phone is among the fields that could not be read. */
export function isPhoneUnread(unread: readonly string[] | undefined): boolean {
  return unread?.includes('contact.phone') ?? false;
}

function personOf(contact: GhlContact, phone: string, plan: FieldPlan): Person {
  const { id, email } = contact;
  const fields = mappedFields(contact, plan);
  return { contactId: id, phone, fields, ...(isFilled(email) && { email: email.trim() }) };
}

/** One contact's intent for a phone, as read now or as remembered. */
export interface PhoneIntent {
  contactId: string;
  intent: Intent;
  priority: number;
}

/** What a phone's contacts want together. `primary`: the contact whose route and data count. */
export type Combined =
  | { kind: 'place'; primary: string; priority: number }
  /** `hold`: only this keeps it out. */
  | { kind: 'out'; doNotContact: boolean; hold?: HoldReason | 'held_by_brake' };

/**
 * The stricter intent wins: out beats place. Among several that place, the first route in the rules counts, then the lowest id, so
 * that the answer does not depend on the order of events.
 */
export function combine(intents: readonly PhoneIntent[]): Combined {
  const doNotContact = intents.some(({ intent }) => intent === 'dnc');
  if (doNotContact || intents.some(({ intent }) => intent === 'out')) return { kind: 'out', doNotContact };
  const [first] = intents
    .filter(({ intent }) => intent === 'place')
    .sort((a, b) => a.priority - b.priority || (a.contactId < b.contactId ? -1 : 1));
  return first
    ? { kind: 'place', primary: first.contactId, priority: first.priority }
    : { kind: 'out', doNotContact: false };
}

/** What CallTools should hold under one phone. */
export type Wanted =
  | { kind: 'place'; bucket: string; tag: string | null; person: Person }
  | { kind: 'out'; doNotContact: boolean };

/** The CallTools buckets and tags that routes name, sorted: only these are ever touched. */
export function managedLabels(rules: Rules): { buckets: string[]; tags: string[] } {
  const unique = (names: (string | null | undefined)[]) =>
    [...new Set(names.filter((name) => typeof name === 'string'))].sort();
  return {
    buckets: unique(rules.routes.map((route) => route.bucket)),
    tags: unique(rules.routes.map((route) => route.calltoolsTag)),
  };
}

/** Why a number is held back: somebody took it out in CallTools after a call, or the call itself said no. */
export type HoldReason = 'taken_out_in_calltools' | 'said_no';

/** A number that is held back although a route would place it. */
export interface Hold {
  reason: HoldReason;
  /** Name of the route that would place it; '' where it is not known yet. */
  route: string;
  /** Since when, epoch ms. */
  at: number;
}

/** What we remember of putting a CallTools contact into its bucket, until we take it out again. */
export interface Placing {
  /** Epoch ms, before the write. */
  at: number;
  /** Name of the route that placed it; null where it is not known. */
  route: string | null;
  /** Ids of the bucket and the tag; null where there is none, or where it is not known. */
  bucket: number | null;
  tag: number | null;
  /** Hash of what CallTools showed of calls just after the write; null where the answer was lost. */
  word: string | null;
}
