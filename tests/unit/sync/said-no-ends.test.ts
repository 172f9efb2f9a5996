// How a hold after a call ends: only where a contact has surely left its own route since.

import { describe, expect, test } from 'vitest';
import type { Hold } from '../../../workers/consumer/domain/decide.ts';
import type { ContactRow } from '../../../workers/consumer/store/claim.ts';
import { holdAfter } from '../../../workers/consumer/sync/hold.ts';
import { contactRow, decisionOf, dialerRow, type hintOf, RULES, taskOf } from '../../support/batch-harness.ts';

describe('only a later change of route ends the hold', () => {
  const AT = 1_000_000;
  const HOLD = { reason: 'said_no', route: 'cold', at: AT } as const;
  const WARM = decisionOf('place', { priority: 2, route: 'warm' });

  /** The hold after a batch in which the contact is read with this route. */
  function holdWhen(
    hint: Parameters<typeof hintOf>[1],
    readAt = 0,
    decision = WARM,
    {
      hold = HOLD,
      contact = {},
      unasked = false,
    }: { hold?: Hold; contact?: Partial<ContactRow>; unasked?: boolean } = {},
  ) {
    const row = dialerRow({ hold });
    const task = {
      ...taskOf({
        decision,
        hint: { eventType: 'ContactTagUpdate', ...hint },
        row: contactRow({ readAt, ...contact }),
      }),
      unasked,
    };
    const { intent, priority, route } = decision;
    const intents = [{ contactId: 'one', intent, priority }];
    const combined =
      route === null || intent !== 'place'
        ? ({ kind: 'out', doNotContact: false } as const)
        : ({ kind: 'place', primary: 'one', priority } as const);
    return holdAfter({ row, tasks: [task], intents, combined, dialer: new Map([['p', row]]), rules: RULES });
  }
  const kept = { ...HOLD, route: 'warm' };

  test('told of later', () => {
    expect(holdWhen({ receivedAt: AT + 6000 })).toBeNull();
    expect(holdWhen({ receivedAt: AT + 60_000, occurredAt: AT + 6000 })).toBeNull();
  });

  test('not by a webhook that may be about anything: the change of tags may be older, and its own webhook lost', () => {
    expect(holdWhen({ receivedAt: AT + 6000, eventType: 'ContactUpdate' })).toEqual(kept);
    expect(holdWhen({ receivedAt: AT + 6000, eventType: 'ContactUpdate' }, AT + 6000)).toBeNull();
    expect(holdWhen({ receivedAt: AT + 6000, eventType: 'workflow', source: 'workflow' })).toBeNull();
  });

  test('not by a contact whose own route is what it was, nor by one that is gone', () => {
    const later = { receivedAt: AT + 60_000 };
    const gone = decisionOf('none', { reason: 'deleted' });
    expect(holdWhen(later, AT + 6000, WARM, { contact: { route: 'warm' } })).toEqual(kept);
    expect(holdWhen(later, AT + 6000, gone)).toEqual(HOLD);
  });

  test('not by a route in doubt, then or before', () => {
    const later = { receivedAt: AT + 60_000 };
    const doubt = decisionOf('none', { reason: 'rule_in_doubt', route: 'warm' });
    expect(holdWhen(later, AT + 6000, doubt)).toEqual(HOLD);
    expect(holdWhen(later, AT + 6000, decisionOf('out', { route: 'customer', inDoubt: true }))).toEqual(HOLD);
    expect(holdWhen(later, AT + 6000, WARM, { contact: { reason: 'rule_in_doubt' } })).toEqual(kept);
  });

  test('not told of before, and processed or repeated now', () => {
    expect(holdWhen({ receivedAt: AT - 1 })).toEqual(kept);
    expect(holdWhen({ receivedAt: AT + 60_000, occurredAt: AT - 1 })).toEqual(kept);
    expect(holdWhen({ receivedAt: AT + 4000 })).toEqual(kept);
  });

  test('not found by a run, unless the contact was read in between', () => {
    expect(holdWhen({ source: 'backstop', receivedAt: AT + 60_000 })).toEqual(kept);
    expect(holdWhen({ source: 'backstop', receivedAt: AT + 60_000 }, AT - 1)).toEqual(kept);
    expect(holdWhen({ source: 'backstop', receivedAt: AT + 60_000 }, AT + 6000)).toBeNull();
  });

  test('not while an earlier try of the contact has failed: what it was about may be older', () => {
    const later = { receivedAt: AT + 60_000 };
    for (const contact of [{ attempts: 1 }, { state: 'failed' as const, reason: 'rejected' }])
      for (const readAt of [0, AT + 6000]) expect(holdWhen(later, readAt, WARM, { contact })).toEqual(kept);
  });

  test('not by what is only remembered; a route that was not known is the one that is read next', () => {
    const unknown = { ...HOLD, route: '' };
    expect(holdWhen({ receivedAt: AT + 60_000 }, 0, WARM, { unasked: true })).toEqual(kept);
    expect(holdWhen({}, 0, WARM, { hold: unknown, unasked: true })).toEqual(unknown);
    expect(holdWhen({ receivedAt: AT + 60_000 }, 0, WARM, { hold: unknown })).toEqual(kept);
  });

  test('not of one number where the hold of the number that the contact has left still stands', () => {
    const present = dialerRow({ hold: HOLD });
    const left = dialerRow({ phoneHash: 'q', hold: kept });
    const task = taskOf({ decision: WARM, row: contactRow({ phoneHash: 'q', readAt: AT + 6000 }) });
    const inputs = {
      tasks: [task],
      intents: [],
      rules: RULES,
      combined: { kind: 'place', primary: 'one', priority: 2 },
    } as const;
    const dialer = new Map([present, left].map((row) => [row.phoneHash, row]));
    expect(holdAfter({ row: present, dialer, ...inputs })).toEqual(kept);
  });

  test.each([
    ['has the number', 'p', 'other', true],
    ['is shown under it', 'q', 'one', true],
    ['has left it, and is not shown there any more', 'q', 'other', false],
  ])('by a contact without a route, if it %s', (_, phoneHash, contactId, ends) => {
    const row = dialerRow({ contactId, hold: HOLD });
    const task = taskOf({
      phoneHash,
      decision: decisionOf('none'),
      hint: { eventType: 'ContactTagUpdate', receivedAt: AT + 60_000 },
      row: contactRow({ phoneHash: 'p' }),
    });
    const combined = { kind: 'out', doNotContact: false } as const;
    const dialer = new Map([['p', row]]);
    const hold = holdAfter({ row, tasks: [task], intents: [], combined, dialer, rules: RULES });
    expect(hold).toEqual(ends ? null : HOLD);
  });

  test('the same where no route is left: after an earlier removal any next route is held', () => {
    const nothing = decisionOf('none');
    expect(holdWhen({ receivedAt: AT - 1 }, 0, nothing)).toEqual({ ...HOLD, route: '' });
    expect(holdWhen({ receivedAt: AT + 6000 }, 0, nothing)).toBeNull();
  });
});
