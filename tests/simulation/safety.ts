// Watches every change in CallTools as it happens: a contact that must be kept out never comes (back) into the dialer.

import type { DialerContact } from '../../sandbox/calltools/view.ts';
import type { CallTools } from '../../sandbox/calltools.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import { folded } from './oracle.ts';
import { bucketsOf, type RuleSetName } from './rule-sets.ts';
import { during, mixturesOf, type Truth } from './truth.ts';
import type { Report } from './verdict.ts';

interface Options {
  clock: Clock;
  callTools: CallTools;
  truth: Truth;
  rules: RuleSetName;
  /** GoHighLevel's reads may be so old: what the pipeline could not know when it dealt with a contact is not held against it. */
  lagMs: number;
  /** True while a write takes effect that its caller has given up: nobody could keep it back, but it must not last. */
  lately(): boolean;
  /** True while a person changes something in CallTools. */
  byHand(): boolean;
  /** How many numbers the pipeline remembers of a CallTools contact that carries several. */
  knownNumbers(callToolsId: number): number;
  /** Numbers that people have put on CallTools contacts beside others. */
  blended: ReadonlySet<string>;
  report: Report;
}

/** A log line of the consumer: a contact was dealt with, in `ms`. */
export interface Dealt {
  contactId: string;
  state: 'placed' | 'kept_out';
  reason: string;
  ms: number;
}

export interface Safety {
  /** To be called after every change in CallTools. */
  look(): void;
  dealt(end: Dealt): void;
}

/** A write that was given up is written anew a minute later; queues and vendors take their time. */
const LATE_LASTS_MS = 180_000;

/** Reasons that concern the contact itself, whatever its phone. */
const WITHDRAWN = [
  'route',
  'no_route',
  'not_permitted',
  'rule_in_doubt',
  'no_phone',
  'dnd',
  'deleted',
  'webhook_said_out',
];
/** Of these, reasons that keep its phone out for others too, or may. */
const STRICT = ['route', 'dnd', 'webhook_said_out'];

export function createSafety(options: Options): Safety {
  const { clock, callTools, truth, rules, lagMs, lately, byHand, knownNumbers, blended, report } = options;
  const managed = bucketsOf(rules).map(folded);
  /** The contacts that are dialed, with their numbers: `phone|lead` for every number of a contact in a managed bucket. */
  let dialed = new Set<string>();
  let marked = new Set<number>();
  /** When a contact was last dealt with while it did not want to be placed under a number: `contact|phone` to epoch ms. */
  const withdrawn = new Map<string, number>();
  /** When a contact was last dealt with that keeps a number out. */
  const vetoes = new Map<string, { at: number; phone: string }>();

  function leadOf({ fields }: DialerContact): string | null {
    const id = fields.ghl_contact_id;
    return typeof id === 'string' && id !== '' ? id : null;
  }

  function enters(phone: string, lead: string): void {
    if (!lately()) judge(phone, lead);
    else
      clock.after(LATE_LASTS_MS, () => {
        if (dialed.has(`${phone}|${lead}`)) judge(phone, lead);
      });
  }

  function judge(phone: string, lead: string): void {
    const since = withdrawn.get(`${lead}|${phone}`) ?? 0;
    // A CallTools contact is dialed under all of its numbers: one that is not the lead's own is dialed with that one.
    const phones = callTools.withPhone(phone).flatMap((contact) => (leadOf(contact) === lead ? contact.phones : []));
    // A lagging read does not show a DND that no webhook has reported.
    const isUnknown = lagMs > 0 && truth.dndUnheard.has(lead);
    const seen = during(truth.versions(lead), since, clock.now);
    const wanted = (rules === 'deals' ? mixturesOf(seen) : seen).some(
      ({ wish, route, phone: own }) => (isUnknown ? route : wish) === 'place' && phones.includes(own ?? ''),
    );
    if (!wanted)
      report('undone', `${lead} is dialed at ${phone} again, which its state has not asked for since it was withdrawn`);
    for (const [other, { at, phone: barred }] of vetoes) {
      if (other === lead || barred !== phone || isNew(phone, lead)) continue;
      const strict = during(truth.versions(other), at, clock.now).every(
        (version) => version.phone === phone && (version.wish === 'out' || version.wish === 'dnc'),
      );
      if (strict) report('veto', `${phone} is dialed for ${lead} although ${other} keeps it out`);
    }
  }

  /**
   * A number that a person has added to the lead's CallTools contact, and that nothing has shown yet: the write that shows it is the one
   * that dials it. It is taken out at once, and after the history it must be out.
   */
  function isNew(phone: string, lead: string): boolean {
    return callTools.withPhone(phone).some((contact) => {
      const several = leadOf(contact) === lead && contact.phones.length > 1;
      return several && knownNumbers(contact.id) < contact.phones.length;
    });
  }

  /** Numbers under which the contact is dialed for someone of ours. */
  function dialedAs(contact: DialerContact): string[] {
    const lead = leadOf(contact);
    const inside = contact.buckets.some((bucket) => managed.includes(folded(bucket)));
    return lead !== null && inside ? contact.phones.map((phone) => `${phone}|${lead}`) : [];
  }

  function look(): void {
    const contacts = callTools.contacts();
    const now = new Set(contacts.flatMap(dialedAs));
    for (const entry of now) {
      const [phone = '', lead = ''] = entry.split('|');
      if (!dialed.has(entry) && !byHand()) enters(phone, lead);
    }
    dialed = now;
    lookForTwins(contacts);
    const nowMarked = new Set(contacts.filter(({ doNotContact }) => doNotContact).map(({ id }) => id));
    for (const id of marked)
      if (!nowMarked.has(id) && !byHand()) report('unmarked', `do-not-contact of ${id} was cleared`);
    marked = nowMarked;
  }

  function lookForTwins(contacts: DialerContact[]): void {
    const phones = new Map<string, number>();
    for (const contact of contacts) {
      if (leadOf(contact) === null) continue;
      for (const phone of contact.phones) phones.set(phone, (phones.get(phone) ?? 0) + 1);
    }
    for (const [phone, count] of phones)
      if (count > 1 && !blended.has(phone)) report('doubled', `CallTools has ${count} contacts of ours with ${phone}`);
  }

  /** When the contact first asked to be kept out, from `from` on: a webhook may have said so while later ones waited for their batch. */
  function saidOutAt(contactId: string, from: number, now: number): number {
    const outs = during(truth.versions(contactId), from, now).filter(({ wish }) => wish !== 'place');
    return outs.length === 0 ? now : Math.max(from, outs[0]?.at ?? now);
  }

  return {
    look,
    dealt({ contactId, state, reason, ms }) {
      const { now } = clock;
      const versions = during(truth.versions(contactId), now - ms, now);
      const certain = state === 'kept_out' && WITHDRAWN.includes(reason);
      const earliest = now - ms - lagMs;
      const since = lagMs === 0 ? now : reason === 'webhook_said_out' ? saidOutAt(contactId, earliest, now) : earliest;
      const phones = new Set(truth.versions(contactId).flatMap(({ phone }) => phone ?? []));
      for (const phone of phones) {
        const wanted = versions.some((version) => version.wish === 'place' && version.phone === phone);
        if (certain || (!wanted && lagMs === 0)) withdrawn.set(`${contactId}|${phone}`, since);
      }
      const [only] = versions;
      const known = lagMs === 0 || STRICT.includes(reason);
      // A read may show the number that it had before.
      const isSeen = during(truth.versions(contactId), earliest, now).every(({ phone }) => phone === only?.phone);
      const strict = known && isSeen && versions.length === 1 && (only?.wish === 'out' || only?.wish === 'dnc');
      if (strict && only.phone !== null) vetoes.set(contactId, { at: now, phone: only.phone });
      else vetoes.delete(contactId);
    },
  };
}
