// An answer of which parts cannot be read. Its signs against dialing take effect at once, and a dead letter reports the rest. Without such
// a sign nothing is concluded, and the contact is read again.

import { type Known, requireOurs } from '../domain/contact.ts';
import type { Decision } from '../domain/decide.ts';
import { type Failure, fail } from '../domain/failure.ts';

/** Throws where a decision that does not keep the contact out rests on an answer of which parts are unread, or on another location's contact. */
export function requireWhole(decision: Decision, read: Known): void {
  if (isAgainst(decision)) return;
  requireOurs(read);
  if (decision.unread) fail({ kind: 'transient', vendor: 'gohighlevel', error: errorOf(decision.unread) });
}

/** What a person must know of a decision that was carried out; null where its answer was read whole. */
export function unreadRest(decision: Decision | null): Failure | null {
  if (!decision?.unread) return null;
  return { kind: 'contact', code: 'unexpected_response', error: errorOf(decision.unread) };
}

function isAgainst({ intent, reason }: Decision): boolean {
  return intent === 'out' || intent === 'dnc' || reason === 'deleted' || reason === 'webhook_said_out';
}

/** Names the fields, never their values: they are about a person. */
function errorOf(unread: readonly string[]): string {
  return `GoHighLevel’s answer cannot be read at ${unread.join(', ')}`;
}
