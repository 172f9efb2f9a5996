// Authentic but unreadable: kept as a dead letter that says what was wrong and how the body was built, without its values.

import type { Quarantined } from '../../shared/messages.ts';
import type { Decision, Facts } from './decision.ts';
import { shapeOf } from './shape.ts';

export interface Unreadable {
  /** What is wrong with the body and how to send it right; repeats nothing that was sent. */
  detail: string;
  json: unknown;
  eventId: string;
  receivedAt: number;
  bytes: number;
  sha256: string;
}

export function quarantined({ json, ...unreadable }: Unreadable, facts: Facts): Decision {
  const { locationId = null, contactId = null } = facts;
  const message: Quarantined = {
    v: 1,
    kind: 'webhook.quarantined',
    ...unreadable,
    locationId,
    contactId,
    shape: shapeOf(json),
  };
  return { kind: 'quarantined', message, facts };
}
