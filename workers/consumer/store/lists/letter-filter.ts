// Which dead letters an operator means: by tab of the page, reason, error, location or id. SQL over `dead_letters d`.

import type { LetterTab } from '../../../../shared/api/lists.ts';

/** What is asked for; absent fields do not narrow. Equal filters must be equal as JSON. */
export interface LetterFilter {
  reason?: string | undefined;
  /** Text within the error, in any case. */
  error?: string | undefined;
  /** The whole error as `ERROR_FORM` has it. */
  sameError?: string | undefined;
  locationId?: string | undefined;
  contactId?: string | undefined;
  ids?: string[] | undefined;
}

/** SQL: the error without the contact's id, so that errors which differ in nothing else are equal. */
const WITHOUT_ID = `replace(d.error, coalesce(d.contact_id, ''), '…')`;
/** CallTools' ids stand in paths, such as `PUT /api/contacts/7/: 502`. */
const BEFORE_ID = '/contacts/';
const DIGITS = `'0123456789'`;
const ID_AT = `instr(${WITHOUT_ID} || '${BEFORE_ID}', '${BEFORE_ID}') + ${BEFORE_ID.length}`;
const REST = `substr(${WITHOUT_ID}, ${ID_AT})`;

/** SQL: the error with … in place of the contact's id, and of CallTools' id in a path. */
export const ERROR_FORM = `substr(${WITHOUT_ID}, 1, ${ID_AT} - 1) || iif(${REST} GLOB '[0-9]*', '…', '') || ltrim(${REST}, ${DIGITS})`;

/** SQL: the contact has a letter since this one was replayed, so that the replay is over. */
const FAILED_SINCE = `EXISTS (SELECT 1 FROM dead_letters a
  WHERE a.location_id = d.location_id AND a.contact_id = d.contact_id AND a.dead_at >= d.replayed_at)`;

/** SQL: the letters of each tab. */
export const TABS: Record<LetterTab, string> = {
  waiting: `d.status = 'waiting'`,
  retrying: `d.status = 'replayed' AND NOT ${FAILED_SINCE}`,
  discarded: `d.status = 'discarded'`,
  resolved: `d.status = 'resolved'`,
};

/** SQL: its contact is failed for the letter's reason. */
export const STILL_FAILED = `EXISTS (SELECT 1 FROM contacts c
  WHERE c.location_id = d.location_id AND c.contact_id = d.contact_id AND c.state = 'failed' AND c.reason = d.reason)`;

/** SQL, for a query over `contacts c`: it has failed, and no letter of it waits or is retried. `+status`: looked up by contact. */
export const LEFT_FAILED = `c.state = 'failed' AND NOT EXISTS (SELECT 1 FROM dead_letters d
  WHERE d.location_id = c.location_id AND d.contact_id = c.contact_id
    AND (+d.status = 'waiting' OR (+d.status = 'replayed' AND NOT ${FAILED_SINCE})))`;

/** SQL: letters that there is something to send of. */
export const SENDABLE = 'd.replayable = 1 AND d.contact_id IS NOT NULL AND d.location_id IS NOT NULL';

/** The filter as SQL; its parameters are numbered from `first`. */
export function conditions(filter: LetterFilter, first: number): { where: string; binds: string[] } {
  const parts: [string, string | undefined][] = [
    ['d.reason = ?', filter.reason],
    ['instr(lower(d.error), lower(?)) > 0', filter.error],
    [`${ERROR_FORM} = ?`, filter.sameError],
    ['d.location_id = ?', filter.locationId],
    ['d.contact_id = ?', filter.contactId],
    ['d.id IN (SELECT value FROM json_each(?))', filter.ids && JSON.stringify(filter.ids)],
  ];
  const given = parts.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  return {
    where: ['1 = 1', ...given.map(({ sql }, n) => sql.replace('?', `?${first + n}`))].join(' AND '),
    binds: given.map(({ value }) => value),
  };
}
