// An answer of which parts cannot be read, or that shows another location's contact. Its signs against dialing take effect at once, and a
// dead letter reports the rest. Without such a sign nothing is concluded: the contact is read again, and another location's is a dead letter.

import { type Known, OF_ANOTHER_LOCATION, requireOurs } from '../domain/contact.ts';
import type { Decision } from '../domain/decide.ts';
import { type Failure, fail } from '../domain/failure.ts';

/** A decision that keeps the contact out may rest on such an answer. Throws for any other. */
export function requireWhole(decision: Decision, read: Known): void {
  if (isAgainst(decision)) return;
  requireOurs(read);
  if (decision.unread) fail({ kind: 'transient', vendor: 'gohighlevel', error: errorOf(decision.unread) });
}

/** What a person must know of a decision that was carried out; null where its answer was read whole. */
export function unreadRest(decision: Decision | null): Failure | null {
  if (decision?.elsewhere) return OF_ANOTHER_LOCATION;
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
