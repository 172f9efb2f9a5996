// Whether a contact that GoHighLevel shows is marked as deleted.

/** Keys that mark it, in lower case and without separators. */
const DELETION = new Set(['deleted', 'isdeleted', 'deletedat', 'deletedon', 'datedeleted']);

/** Whether a contact is deleted, by what it says of itself. */
export type Deletion = 'no' | 'perhaps' | 'yes';

/** Most keys of a contact begin otherwise, and need no closer look. */
const MAY_MARK = /^[_-]*[di]/i;

/** Reads what a contact says of itself, or the answer around it. */
export function deletionIn(contact: Readonly<Record<string, unknown>>): Deletion {
  let deleted: Deletion = 'no';
  for (const key of Object.keys(contact)) {
    if (!MAY_MARK.test(key)) continue;
    const name = key.toLowerCase().replace(/[_-]/g, '');
    const value = contact[key];
    if (!DELETION.has(name) || saysNo(value)) continue;
    if (saysYes(name, value)) return 'yes';
    deleted = 'perhaps';
  }
  return deleted;
}

function saysNo(value: unknown): boolean {
  if (typeof value === 'string') return ['', 'null', 'false', 'no', '0'].includes(value.trim().toLowerCase());
  return value === undefined || value === null || value === false || value === 0;
}

/** A flag that is set, or the time of the deletion. */
function saysYes(name: string, value: unknown): boolean {
  if (value === true) return true;
  const isTime = !['deleted', 'isdeleted'].includes(name);
  return isTime && (typeof value === 'number' || (typeof value === 'string' && !Number.isNaN(Date.parse(value))));
}
