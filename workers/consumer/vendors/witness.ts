// A contact that a vendor shows, as the proof that it serves others than the one that it answers oddly.

/** Rows that are asked for: the first ones may be those in question, or have no id. */
export const WITNESS_ROWS = 20;
/** Contacts that are read before it is given up: one that the list shows may itself be deleted or odd. */
const MAX_WITNESSES = 5;

/** Whether one of the first few can be read. Throws nothing. */
export async function readsAny<T>(ids: readonly T[], reads: (id: T) => Promise<boolean>): Promise<boolean> {
  for (const id of ids.slice(0, MAX_WITNESSES)) if (await reads(id).catch(() => false)) return true;
  return false;
}
