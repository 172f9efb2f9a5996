// Every reason in a few words, for tables and buttons. explanations.ts says what happened in whole sentences.

import type { FailureReason, PlaceReason } from './explanations.ts';

const WORDS: Record<PlaceReason | FailureReason, string> = {
  received: 'Not processed yet',
  placed: 'In the dialer',
  route: 'Kept out by a route',
  no_route: 'No route matches',
  not_permitted: 'Does not meet what the rules require',
  rule_in_doubt: 'A value that the rules ask for cannot be read',
  no_phone: 'No usable phone number',
  dnd: 'Asked not to be called',
  deleted: 'Deleted in GoHighLevel',
  shared_phone: 'Another contact with the same number decides',
  shared_contact: 'Another contact on the same CallTools contact decides',
  webhook_said_out: 'A webhook says no, GoHighLevel’s API not yet',
  do_not_contact_set: 'Marked do-not-contact in CallTools',
  held_by_brake: 'Held back by the brake',
  taken_out_in_calltools: 'Taken out in CallTools after a call',
  said_no: 'Said no in a call',
  refused: 'A vendor refuses this record',
  rejected: 'A vendor refused the data',
  unexpected_response: 'A vendor’s answer cannot be understood',
  wrong_location: 'Belongs to another location',
  phone_not_attached: 'CallTools stored it without its number',
  membership_not_applied: 'CallTools did not change the bucket or tag',
  dnc_not_applied: 'CallTools did not set do-not-contact',
  lookup_unsupported: 'CallTools cannot be searched for its number',
  untraceable: 'May be in CallTools under an unknown number',
  write_refused: 'GoHighLevel refuses what a call causes',
  write_failed: 'What a call causes could not be written',
  write_unconfirmed: 'It is unclear whether what a call causes was written',
  exhausted: 'Every try failed',
  other_location: 'Of a location that is not in the settings',
  retries_exhausted: 'The queue gave up delivering it',
  unreadable_webhook: 'A webhook that cannot be read',
  unreadable_message: 'A message that cannot be read',
  backstop_page_failed: 'A page of the nightly sync failed',
};

/** The reason in a few words. One of another version is shown as it is. */
export function reasonText(reason: string): string {
  return Object.hasOwn(WORDS, reason) ? WORDS[reason as keyof typeof WORDS] : reason.replaceAll('_', ' ');
}
