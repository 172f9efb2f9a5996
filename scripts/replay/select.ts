// All letters that the filter matches, page by page, before anything is changed.

import { type Api, type Letter, MAX_IDS, type Reason } from './api.ts';

/** The letters that the filter matches. */
export interface Selection {
  letters: Letter[];
  byReason: Reason[];
}

const PAGE_SIZE = '500';

/** Each once, oldest first. `ids` null = all that `filter` matches. */
export async function select(
  api: Pick<Api, 'list'>,
  filter: Record<string, string>,
  ids: string[] | null,
): Promise<Selection> {
  const letters = new Map<string, Letter>();
  const counts = new Map<string, Reason>();
  for (const query of ids === null ? [filter] : groupsOf(ids).map((group) => ({ ...filter, ids: group.join(',') }))) {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await api.list({ ...query, limit: PAGE_SIZE, ...(cursor && { cursor }) });
      for (const letter of page.dead_letters) {
        // A letter that dies again while pages are read comes once more, on a later page.
        letters.delete(letter.id);
        letters.set(letter.id, letter);
      }
      if (cursor === '') for (const reason of page.by_reason) count(counts, reason);
      cursor = page.next;
    }
  }
  return { letters: [...letters.values()], byReason: [...counts.values()].sort((a, b) => b.count - a.count) };
}

/** Groups that one request takes. */
export function groupsOf<T>(items: readonly T[], size = MAX_IDS): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function count(counts: Map<string, Reason>, one: Reason): void {
  const known = counts.get(one.reason);
  if (!known) counts.set(one.reason, { ...one });
  else {
    known.count += one.count;
    if (one.oldest_dead_at < known.oldest_dead_at) known.oldest_dead_at = one.oldest_dead_at;
  }
}
