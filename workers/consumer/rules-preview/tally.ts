// What a preview counts: groups of contacts that go the same way, with five ids each. Its size does not depend on how many contacts there are.

import type { RulesMove, RulesPreview, RulesUnclear } from '../../../shared/api/rules.ts';
import type { Decision } from '../domain/decide.ts';
import type { Change, Unclear } from './compare.ts';

const EXAMPLES = 5;

const UNCLEAR: Record<Unclear, string> = {
  call_dnd: 'It is on do-not-disturb as last read. The list does not show whether that has ended.',
  opportunities: 'It depends on its opportunities, and its row of the list does not show them.',
  row_unreadable: 'Its row of the list cannot be read whole.',
  shared_number: 'It shares its number with another contact, which decides.',
  said_no: 'The person said no in a call. Whether another route ends that depends on when its tags have changed.',
};

/** Counts contacts. */
export interface Tally {
  add(contactId: string, change: Change, decision: Decision): void;
  result(): Pick<RulesPreview, 'comes_in' | 'goes_out' | 'moves' | 'stays' | 'unclear' | 'in_doubt'>;
}

/** An empty tally. */
export function createTally(): Tally {
  const moves = { comes_in: new Map(), goes_out: new Map(), moves: new Map() } satisfies Record<
    string,
    Map<string, RulesMove>
  >;
  const unclear = new Map<string, RulesUnclear>();
  const inDoubt = new Map<string, RulesUnclear>();
  const stays = { in: 0, out: 0 };

  return {
    add(contactId, change, { reason, condition = '' }) {
      if (change.kind === 'stays') stays[change.where]++;
      else if (change.kind === 'unclear')
        count(unclear, change.what, { what: change.what, explanation: UNCLEAR[change.what] }, contactId);
      else {
        const { kind, from, to } = change;
        count(moves[kind], JSON.stringify([from, to]), { from, to }, contactId);
      }
      if (reason === 'rule_in_doubt' && change.kind !== 'unclear')
        count(inDoubt, condition, { what: condition, explanation: DOUBT }, contactId);
    },
    result: () => ({
      comes_in: sorted(moves.comes_in),
      goes_out: sorted(moves.goes_out),
      moves: sorted(moves.moves),
      stays,
      unclear: sorted(unclear),
      in_doubt: sorted(inDoubt),
    }),
  };
}

const DOUBT = 'The condition cannot be judged: the value cannot be read, or what the rules name is not found.';

interface Group {
  contacts: number;
  examples: string[];
}

function count<T extends Group>(
  groups: Map<string, T>,
  key: string,
  made: Omit<T, keyof Group>,
  contactId: string,
): void {
  const group = groups.get(key) ?? ({ ...made, contacts: 0, examples: [] as string[] } as unknown as T);
  group.contacts++;
  if (group.examples.length < EXAMPLES) group.examples.push(contactId);
  groups.set(key, group);
}

/** The largest first. */
function sorted<T extends Group>(groups: Map<string, T>): T[] {
  return [...groups.values()].sort((a, b) => b.contacts - a.contacts);
}
