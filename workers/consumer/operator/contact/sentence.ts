// Why a contact is being called, or is not, in one sentence. It names what the rules name, and no value of the contact.

import type { FailureReason, PlaceReason } from '../../domain/explanations.ts';
import { FAILURES } from '../../domain/explanations.ts';
import { endsOf } from '../../domain/history.ts';
import { reasonText } from '../../domain/reason-words.ts';
import { becauseOfRoute } from '../../domain/rules/because.ts';
import type { Route, Rules } from '../../domain/rules/conditions.ts';
import { asksOf } from '../../domain/rules/explain.ts';
import type { ContactStory, Story } from '../../store/contact-story.ts';

/** What the sentences are made from. */
interface Told extends Story {
  contact: ContactStory;
  /** Of the present rules: the one that matched. */
  route: Route | undefined;
  rules: Rules | null;
}

/** `rules` are the present ones; null where they cannot be read. */
export function sentenceOf(story: Story, rules: Rules | null): string {
  const { contact } = story;
  if (contact === null) return 'Not known: what a webhook said about it failed before any work on it was done.';
  const route = rules?.routes.find(({ name }) => name === contact.route);
  const told = { ...story, contact, route, rules };
  if (contact.state === 'failed') return failed(told);
  if (contact.state === 'placed') return placed(told);
  const why = Object.hasOwn(KEPT_OUT, contact.reason) ? KEPT_OUT[contact.reason as PlaceReason] : null;
  return `Not called: ${why ? why(told) : `${reasonText(contact.reason)}.`}`;
}

function placed(told: Told): string {
  const { contact, route } = told;
  const where = route?.bucket ? `In "${route.bucket}"` : 'In the dialer';
  if (contact.reason === 'do_not_contact_set')
    return `${where}, but not called: CallTools has do-not-contact set on it.`;
  if (contact.reason === 'shared_phone' || contact.reason === 'shared_contact')
    return `In the dialer together with ${other(told)}, which decides for both.`;
  return `${where} because ${because(told)}.`;
}

/** After "because". */
function because({ contact, route }: Told): string {
  const stored = endsOf(contact.history).find((end) => end.because !== undefined && end.reason === contact.reason);
  if (stored?.because !== undefined) return stored.because;
  return route ? becauseOfRoute(route) : `the route "${contact.route ?? ''}" matched it`;
}

function failed({ contact: { reason }, dialer }: Told): string {
  const isIn = dialer.some(({ held }) => held === 1);
  const what = Object.hasOwn(FAILURES, reason) ? FAILURES[reason as FailureReason].what : `${reasonText(reason)}.`;
  return `${isIn ? 'May still be called as before, because its latest change failed' : 'Not called, because the work on it failed'}: ${lowerFirst(what)}`;
}

const KEPT_OUT: Record<PlaceReason, (told: Told) => string> = {
  received: () => 'it has just become known, and the first work on it is not done.',
  placed: () => 'the first work on it is not done.',
  route: (told) => `the route "${told.contact.route ?? ''}" keeps it out, because ${because(told)}.`,
  no_route: () => 'no route of the rules matches it.',
  not_permitted: ({ contact, rules }) =>
    `the rules ask of everybody who is called what it does not have: ${condition(contact, rules?.require)}.`,
  rule_in_doubt: ({ contact, route }) => `what the rules ask for cannot be read: ${condition(contact, route)}.`,
  no_phone: () => 'GoHighLevel has no usable phone number for it.',
  dnd: () => 'do-not-disturb is on in GoHighLevel for all channels or for calls, or its state is unclear.',
  deleted: () => 'it no longer exists in GoHighLevel.',
  shared_phone: (told) => `${other(told)} has the same phone number and decides for both.`,
  shared_contact: (told) => `${other(told)} is on the same CallTools contact and decides for both.`,
  webhook_said_out: () => 'a webhook says that it must not be, which GoHighLevel’s API does not show yet.',
  do_not_contact_set: () => 'CallTools has do-not-contact set on it.',
  held_by_brake: () => 'the brake holds it back until somebody confirms the new contacts.',
  taken_out_in_calltools: () => 'after a call it was taken out of its bucket in CallTools.',
  said_no: ({ calls }) => {
    const call = calls.find(({ hold, disposition }) => hold && disposition !== '');
    return `the person said no in a call${call ? ` ("${call.disposition}")` : ''}.`;
  },
};

/** The contact that decides, where it is the only other one. */
function other({ contact, samePhone, sameCallToolsContact }: Told): string {
  const [one, ...more] = contact.reason === 'shared_phone' ? samePhone : sameCallToolsContact;
  return one !== undefined && more.length === 0 ? `contact ${one}` : 'another contact';
}

/** The condition that is stored with the contact, in the words of the rules; as it is where they no longer have it. */
function condition({ error }: ContactStory, conditions: Rules['require']): string {
  if (error === null) return 'a condition of the rules';
  const names = error.startsWith('not ') ? error.slice('not '.length) : error;
  const among = (error.startsWith('not ') ? conditions?.not : conditions) ?? {};
  const isThere = names.startsWith('custom ')
    ? Object.hasOwn(among.custom ?? {}, names.slice('custom '.length))
    : Object.keys(among).some((key) => names.split(' or ').includes(key));
  return isThere && conditions ? asksOf(error, conditions) : error;
}

function lowerFirst(text: string): string {
  const isName = /^(GoHighLevel|CallTools|[A-Z]{2})/.test(text);
  return isName ? text : `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
