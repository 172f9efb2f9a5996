// A contact that may be forgotten, with everything that is stored about it, over a database of its own.

import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { ask, LOCATION, locationsOf, NOW, operatorDeps } from '../../support/operator-harness.ts';

export const ID = 'nmFmQEsNgz6AVpgLVUJ0';

export type Row = Record<string, string | number | null>;

export async function createStage(locations: string[] = [LOCATION]) {
  const sqlite = openSqlite();
  const { deps, lines } = operatorDeps(
    sqlite.bind(async (act) => act()),
    { locations: await locationsOf(locations) },
  );
  const insert = (table: string, row: Row) => {
    const names = Object.keys(row);
    sqlite.rows(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((_, n) => `?${n + 1}`).join(', ')})`,
      ...Object.values(row),
    );
  };
  return {
    sqlite,
    deps,
    lines,
    /** Deleted in GoHighLevel, and out of the dialer, unless said otherwise. */
    contact: (id: string, changes: Row = {}) =>
      insert('contacts', {
        location_id: LOCATION,
        contact_id: id,
        state: 'kept_out',
        reason: 'deleted',
        wish: 'none',
        history: '[{"at":1}]',
        created_at: NOW,
        updated_at: NOW,
        ...changes,
      }),
    number: (hash: string, contactId: string | null, changes: Row = {}) =>
      insert('dialer', {
        location_id: LOCATION,
        phone_hash: hash,
        contact_id: contactId,
        calltools_id: 77,
        updated_at: NOW,
        ...changes,
      }),
    link: (calltools_id: number, phone_hash: string) =>
      insert('calltools_numbers', { location_id: LOCATION, calltools_id, phone_hash, seen_at: NOW }),
    letter: (id: string, contactId: string, changes: Row = {}) =>
      insert('dead_letters', {
        id,
        location_id: LOCATION,
        contact_id: contactId,
        reason: 'rejected',
        error: 'x',
        replayable: 1,
        message: `{"snapshot":{"tags":["of ${contactId}"]}}`,
        attempts: 1,
        received_at: NOW,
        dead_at: NOW,
        ...changes,
      }),
    call: (rowId: number, contactId: string | null) =>
      insert('call_results', {
        location_id: LOCATION,
        row_id: rowId,
        calltools_id: 77,
        contact_id: contactId,
        disposition: `said by ${contactId}`,
        called_at: NOW,
        seen_at: NOW,
        hold: 1,
        pending: 1,
      }),
    outbox: (contactId: string, locationId: string | null = LOCATION) =>
      insert('outbox', {
        id: 'o',
        queue: 'events',
        created_at: NOW,
        message: JSON.stringify({ locationId, contactId }),
      }),
    forget: (id = ID, query = '') => ask(`/contacts/${id}/forget${query}`, deps, {}),
    /** Everything that is stored, as text. */
    all: () =>
      [
        'contacts',
        'dialer',
        'calltools_numbers',
        'circuits',
        'dead_letters',
        'outbox',
        'alerts',
        'runs',
        'call_results',
        'audit',
      ]
        .map((table) => JSON.stringify(sqlite.rows(`SELECT * FROM ${table}`)))
        .join('\n'),
  };
}
