// How a statement about some contacts of a location names the location.
//
// There are no statistics in D1 unless somebody makes them, and SQLite then takes a location for ten rows: it would rather read
// all of them than look up 25 by their whole key. `likely` says that the location is most of the table.

/** For `?1`, the location. */
export const ofLocation = (column = 'location_id') => `likely(${column} = ?1)`;
