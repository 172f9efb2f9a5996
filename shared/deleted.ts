// Whether a contact that GoHighLevel shows is marked as deleted.

/** Keys that mark it for certain, in lower case and without separators. */
const DELETION = new Set(['deleted', 'isdeleted', 'deletedat', 'deletedon', 'datedeleted']);

/** Whether a contact is deleted, by what it says of itself. */
export type Deletion = 'no' | 'perhaps' | 'yes';

/** Most keys of a contact have no such word, and need no closer look. */
const MAY_MARK = /delet(?:ed|ion)/i;
/** Keys that may mark it: not those of something else that was deleted, such as tags. */
const MARKS =
  /^(?:is|was|has|been|soft|hard|contact|record|date|time|of|marked|as|for)*delet(?:ed|ion)(?:at|on|by|date|time|flag|status|reason)*$/;
/** An object with such a key is about an opportunity, and so is its `status`. "pipleline" is GoHighLevel's own spelling. */
const OF_OPPORTUNITY = /^(?:pip(?:e|le)line|opportunity)/i;

/** Reads what a contact says of itself, or the answer around it. */
export function deletionIn(contact: Readonly<Record<string, unknown>>): Deletion {
  let deleted: Deletion = 'no';
  for (const key of Object.keys(contact)) {
    if (!MAY_MARK.test(key)) continue;
    const name = key.toLowerCase().replace(/[\s_.-]/g, '');
    const value = contact[key];
    if (!MARKS.test(name) || saysNo(value)) continue;
    if (DELETION.has(name) && saysYes(name, value)) return 'yes';
    deleted = 'perhaps';
  }
  return deleted === 'no' && hasStatusDeleted(contact) ? 'perhaps' : deleted;
}

function hasStatusDeleted(contact: Readonly<Record<string, unknown>>): boolean {
  const { status } = contact;
  const isDeleted = typeof status === 'string' && status.trim().toLowerCase() === 'deleted';
  return isDeleted && !Object.keys(contact).some((key) => OF_OPPORTUNITY.test(key));
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
