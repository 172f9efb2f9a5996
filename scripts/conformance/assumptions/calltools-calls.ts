// Assumptions of CallTools about calls. All are tried by reads alone.

import { assumption, NOTHING, TELL_US } from '../assumption.ts';
import { NotTried } from '../endings.ts';
import { listOf, objectOf, type Row, rowsOf } from '../rows.ts';
import { refusing, rowsAs, USUAL } from '../sandbox-account.ts';
import type { Trial } from '../trial.ts';

const HISTORY = '/historicalcalldispositions/';

/** The newest rows of the record. */
async function record({ caller }: Trial): Promise<Row[]> {
  const query = { ordering: '-pk', page_size: '250', page: '1' };
  const reply = await caller.read('calltools', { method: 'GET', path: HISTORY, query });
  if (!reply.ok) throw new NotTried(`CallTools answered ${reply.status}: the role may not read what calls said.`);
  const rows = rowsOf(reply);
  if (rows.length < 2) throw new NotTried('CallTools has noted fewer than two calls.');
  return rows;
}

export const CALLTOOLS_CALLS = [
  assumption({
    id: 'ct-dispositions',
    section: 'CallTools: dispositions',
    assumes: 'The list of dispositions says which of them forbid further calls.',
    facts: [
      '`GET /calldispositions/` lists what an agent can say of a call: `id`, `name`, `hang_up_call`, `no_contact` (seen, a live account), `set_contact_dnc`, `set_phone_number_dnc` (seen)',
    ],
    answers: {
      said: {
        holds: true,
        seen: 'Dispositions have names, and say whether they forbid calls.',
        todo: NOTHING,
        sandbox: USUAL,
      },
      'not said': {
        holds: false,
        seen: 'Dispositions have names, and do not say whether they forbid calls.',
        todo: 'Name in CALL_RESULTS every disposition after which nobody may call.',
        sandbox: { reshape: rowsAs('/calldispositions/', ({ id, name }) => ({ id, name })) },
      },
      otherwise: {
        holds: false,
        seen: 'The list has another form, or the role may not read it.',
        todo: 'Leave CALL_RESULTS unset, or give the role the right to read. If it has it, tell us.',
        sandbox: { instead: refusing('GET', /^\/calldispositions\/$/, 403, { detail: 'Forbidden.' }) },
      },
    },
    async ask({ caller }) {
      const reply = await caller.read('calltools', {
        method: 'GET',
        path: '/calldispositions/',
        query: { page_size: '250' },
      });
      const rows = rowsOf(reply);
      if (reply.ok && rows.length === 0) throw new NotTried('CallTools has no dispositions.');
      if (!reply.ok || !rows.every(({ name }) => typeof name === 'string')) return 'otherwise';
      return rows.every((row) => 'set_contact_dnc' in row && 'set_phone_number_dnc' in row) ? 'said' : 'not said';
    },
  }),

  assumption({
    id: 'ct-record-order',
    section: 'CallTools: dispositions',
    assumes: 'The record of calls comes newest first when that is asked for.',
    facts: [
      '`GET /historicalcalldispositions/?ordering=-pk&page_size=250&page=N` is the record: `id`, `call_uuid`, `contact`, `app_user`, `campaign`, `disposition`, `phone_number`, `created_on` (seen)',
    ],
    answers: {
      newest: { holds: true, seen: 'The record comes newest first.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'The record does not come newest first.',
        todo: 'Leave CALL_RESULTS unset: the record could not be followed. Tell us, with this report.',
        sandbox: {
          reshape(told, { path }) {
            const page = objectOf(told.json);
            return path === HISTORY ? { ...told, json: { ...page, results: listOf(page.results).toReversed() } } : told;
          },
        },
      },
    },
    async ask(trial) {
      const ids = (await record(trial)).map(({ id }) => Number(id));
      return ids.every((id, n) => n === 0 || id <= Number(ids[n - 1])) ? 'newest' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-record-disposition',
    section: 'CallTools: dispositions',
    assumes: 'A row of the record names its disposition by the id.',
    facts: ['That `disposition` is an id is inferred.'],
    answers: {
      id: { holds: true, seen: 'Rows of the record name the disposition by its id.', todo: NOTHING, sandbox: USUAL },
      'name or object': {
        holds: false,
        seen: 'Rows of the record name the disposition by its name, or as an object.',
        todo: 'Nothing to set: all of these are read.',
        sandbox: { callTools: { dispositionForm: 'object' } },
      },
      otherwise: {
        holds: false,
        seen: 'No row of the record has a disposition that we can read.',
        todo: 'Leave CALL_RESULTS unset, and tell us, with this report.',
        sandbox: { reshape: rowsAs(HISTORY, (row) => ({ ...row, disposition: [1] })) },
      },
    },
    async ask(trial) {
      const said = (await record(trial))
        .map(({ disposition }) => disposition)
        .filter((one) => one !== null && one !== undefined && one !== '');
      if (said.length === 0) throw new NotTried('No row of the record has a disposition.');
      if (said.every((one) => ['number', 'string'].includes(typeof one) && /^\d+$/.test(String(one)))) return 'id';
      const isRead = (one: unknown) =>
        typeof one === 'string' || typeof one === 'number' || 'id' in objectOf(one) || 'name' in objectOf(one);
      return said.some(isRead) ? 'name or object' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-record-contact',
    section: 'CallTools: dispositions',
    assumes: 'A row of the record says which contact was called, and when.',
    facts: ['`id`, `call_uuid`, `contact`, `app_user`, `campaign`, `disposition`, `phone_number`, `created_on` (seen)'],
    answers: {
      both: { holds: true, seen: 'Rows of the record name the contact and the time.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'Rows of the record lack the contact or the time.',
        todo: TELL_US,
        sandbox: { reshape: rowsAs(HISTORY, ({ created_on: _, ...row }) => row) },
      },
    },
    async ask(trial) {
      const rows = await record(trial);
      return rows.every(({ contact, created_on }) => contact && typeof created_on === 'string') ? 'both' : 'otherwise';
    },
  }),
];
