// What CallTools contacts have shown in a history: whom, and under which numbers.

import type { DialerContact } from '../../sandbox/calltools/view.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';

export type CallContacts = ReturnType<typeof createCallContacts>;

/** `leadOf`: the GoHighLevel contact that it shows, '' for none. */
export function createCallContacts(clock: Clock, leadOf: (contact: DialerContact) => string) {
  const together = new Map<number, Set<string>>();
  /** Until when it has shown which person, epoch ms. */
  const shown = new Map<number, Map<string, number>>();
  let present = new Map<number, string>();

  return {
    look(contacts: DialerContact[]): void {
      const now = new Map<number, string>();
      for (const contact of contacts) {
        const { id, phones } = contact;
        now.set(id, leadOf(contact));
        const group = together.get(id) ?? new Set();
        for (const phone of phones) group.add(phone);
        together.set(id, group);
      }
      for (const [id, lead] of present) if (now.get(id) !== lead) shown.get(id)?.set(lead, clock.now);
      for (const [id, lead] of now) shown.set(id, (shown.get(id) ?? new Map()).set(lead, Number.POSITIVE_INFINITY));
      present = now;
    },
    /** All numbers that it has ever had. */
    numbersOf: (id: number): ReadonlySet<string> => together.get(id) ?? new Set(),
    groups: () => [...together.values()],
    /** Who was shown at `since` (epoch ms) or later. */
    shownBy: (id: number, since: number): string[] =>
      [...(shown.get(id) ?? [])].flatMap(([lead, until]) => (until >= since && lead !== '' ? [lead] : [])),
  };
}
