// After a history: what was said in calls has taken effect once, nobody who said no is dialed, and nobody else was touched.

import { saysNo } from './agents-calls.ts';
import { toldOf } from './calls.ts';
import { folded } from './oracle.ts';
import type { Performer } from './perform.ts';
import { bucketsOf } from './rule-sets.ts';
import { writesAreKept } from './settle-writes.ts';
import type { World } from './world.ts';

/** Before any nightly run: a call needs none. */
export function callsTookEffect({ calls, report }: World, { deleted, meddled }: Performer): void {
  // A bucket that was deleted is noticed by a run.
  if (deleted.size > 0) return;
  for (const no of calls.dialedAlthough(meddled)) report('said no', `${toldOf(no)} and is dialed before any run`);
}

/** After the runs. */
export function callsAreKept(world: World, performer: Performer): void {
  const { calls, report, setup, sqlite } = world;
  if (!setup.callResults) {
    neverAsked(world);
    writesAreKept(world);
    return;
  }
  for (const no of calls.dialedAlthough()) report('said no', `${toldOf(no)} and is dialed after the runs`);
  countedOnce(world);
  writesAreKept(world);
  for (const id of calls.heldAgain())
    report('miscounted', `${id} was placed again, and is held because of what was said before`);
  const noes = calls.numbersOfNoes();
  const held = sqlite.rows(`SELECT contact_id FROM contacts WHERE reason = 'said_no'`);
  for (const { contact_id } of held) {
    const phones = world.truth.versions(String(contact_id)).flatMap(({ phone }) => phone ?? []);
    if (!phones.some((phone) => noes.has(phone))) report('miscounted', `${contact_id} is held, and nobody said no`);
  }
  if (performer.deleted.size === 0) othersAreThere(world);
}

/** Without CALL_RESULTS the record is not read, and nothing is kept. */
function neverAsked({ callTools, sqlite, report }: World): void {
  const asked = callTools.calls.count({ path: /dispositions/ });
  const [kept] = sqlite.rows(
    `SELECT (SELECT count(*) FROM call_polls) + (SELECT count(*) FROM call_results)
       + (SELECT count(*) FROM dialer WHERE hold ->> 'reason' = 'said_no') AS n`,
  );
  if (asked > 0 || kept?.n !== 0) report('miscounted', `CALL_RESULTS is not set: ${asked} calls, ${kept?.n} rows`);
}

/** Each row of the record that appeared after the first poll is kept and counted once, as what it says. */
function countedOnce({ calls, sqlite, report }: World): void {
  const expected = calls.rows.expected();
  const kept = sqlite.rows('SELECT row_id, disposition, hold, pending FROM call_results');
  for (const { row_id, disposition, hold, pending } of kept) {
    const { names } = expected.get(Number(row_id)) ?? {};
    if (names === undefined) report('miscounted', `row ${row_id} was kept, and nobody said it since the first poll`);
    else if (!names.includes(String(disposition)) || (hold === 1) !== saysNo(String(disposition)))
      report('miscounted', `row ${row_id} says ${names}, and was kept as ${disposition}, hold ${hold}`);
    if (pending === 1) report('miscounted', `row ${row_id} is pending still`);
  }
  for (const [id, { isNeeded }] of expected)
    if (isNeeded && !kept.some(({ row_id }) => row_id === id)) report('miscounted', `row ${id} was never kept`);
  const [counted] = sqlite.rows(
    `SELECT coalesce(sum(n), 0) AS n FROM counters WHERE kind IN ('call', 'call_of_others')`,
  );
  if (counted?.n !== kept.length) report('miscounted', `${kept.length} rows are kept, and ${counted?.n} were counted`);
  const [ofOthers] = sqlite.rows(`SELECT coalesce(sum(n), 0) AS n FROM counters WHERE kind = 'call_of_others'`);
  const rowsOfOthers = [...expected.values()].filter(
    ({ isNeeded, contact }) => isNeeded && calls.others.includes(contact),
  );
  if (Number(ofOthers?.n) < rowsOfOthers.length)
    report('miscounted', `${rowsOfOthers.length} rows are of others, ${ofOthers?.n} were counted`);
}

function othersAreThere({ calls, callTools, setup, report }: World): void {
  const bucket = folded(bucketsOf(setup.rules)[0] ?? '');
  // An automation of the account may have taken them out.
  const mayLeave = callTools.settings.bucketAutomations.length > 0;
  for (const id of calls.others) {
    const contact = callTools.contacts().find((one) => one.id === id);
    const isStill = mayLeave || contact?.buckets.map(folded).includes(bucket);
    if (!contact || !isStill || (contact.fields.ghl_contact_id ?? '') !== '')
      report('stranger', `CallTools' contact ${id}, who is not ours, was changed because of a call`);
  }
}
