// Assumptions of CallTools about searches by number, and duplicates.

import { assumption, NOTHING } from '../assumption.ts';
import { NotTried } from '../endings.ts';
import { withPhone } from '../in-calltools.ts';
import { idOf, objectOf, rowsOf } from '../rows.ts';
import { USUAL } from '../sandbox-account.ts';
import { TEST_NAME } from '../test-name.ts';
import type { Trial } from '../trial.ts';

/** Neither an area code nor an exchange may begin with 0. */
const IMPOSSIBLE = '+10000000000';
/** A search that finds so many has found everybody. */
const FEW = 20;

/** Whether the list, searched by the number, finds this contact and few others. */
async function finds(
  { caller, settings: { phone } }: Trial,
  list: 'contacts' | 'phonenumbers',
  id: number,
): Promise<boolean> {
  const query = { phone_number: phone, page_size: String(FEW) };
  const reply = await caller.read('calltools', { method: 'GET', path: `/${list}/`, query });
  const rows = rowsOf(reply);
  if (!reply.ok || Number(objectOf(reply.json).count ?? rows.length) > FEW) return false;
  const ids = rows.map((row) => (list === 'contacts' ? row.id : (idOf(row.contact) ?? objectOf(row.contact).id)));
  // The account may be small: a filter that is ignored finds others too.
  return ids.includes(id) && (ids.every((one) => one === id) || !(await findsAnybody(caller, list)));
}

async function findsAnybody(caller: Trial['caller'], list: string): Promise<boolean> {
  const query = { phone_number: IMPOSSIBLE, page_size: '1' };
  return rowsOf(await caller.read('calltools', { method: 'GET', path: `/${list}/`, query })).length > 0;
}

export const CALLTOOLS_SEARCH = [
  assumption({
    id: 'ct-phone-filter',
    section: 'CallTools: lists and filters',
    assumes: 'CallTools finds a contact by its number.',
    facts: ['Filters in use: `phone_number`, `buckets__id`, `ordering`, `contact_id`, `bucket_id` (seen)'],
    answers: {
      contacts: {
        holds: true,
        seen: 'The search in contacts finds the test contact, and nobody else.',
        todo: 'Nothing to set: CALLTOOLS_PHONE_LOOKUP stays contacts.',
        sandbox: USUAL,
      },
      phonenumbers: {
        holds: false,
        seen: 'The search in contacts does not work. That in phone numbers does.',
        todo: 'Set CALLTOOLS_PHONE_LOOKUP to phonenumbers.',
        sandbox: { callTools: { phoneFilter: 'ignored', phoneNumbersFilter: 'works' } },
      },
      neither: {
        holds: false,
        seen: 'CallTools cannot be searched by number.',
        todo: 'Set CALLTOOLS_PHONE_LOOKUP to off, but only if ct-duplicates says that CallTools merges.',
        sandbox: { callTools: { phoneFilter: 'ignored' } },
      },
    },
    async ask(trial) {
      const { id } = await withPhone(trial);
      if (await finds(trial, 'contacts', id)) return 'contacts';
      return (await finds(trial, 'phonenumbers', id)) ? 'phonenumbers' : 'neither';
    },
  }),

  assumption({
    id: 'ct-phone-rows',
    section: 'CallTools: phone numbers',
    assumes: 'A row of the phone numbers names its contact by the id.',
    facts: ['`/phonenumbers/` rows name their contact by id (seen)'],
    answers: {
      id: { holds: true, seen: 'Rows name their contact by the id.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'Rows name their contact in another way.',
        todo: 'Do not set CALLTOOLS_PHONE_LOOKUP to phonenumbers. Tell us, with this report.',
        sandbox: {
          reshape: (told, { path }) =>
            path === '/phonenumbers/' ? { ...told, json: { count: 1, results: [{ id: 1, contact: 'x' }] } } : told,
        },
      },
    },
    async ask({ caller }) {
      const reply = await caller.read('calltools', {
        method: 'GET',
        path: '/phonenumbers/',
        query: { page_size: '2' },
      });
      const rows = rowsOf(reply);
      if (!reply.ok) throw new NotTried(`CallTools answered ${reply.status}: the role may not read phone numbers.`);
      if (rows.length === 0) throw new NotTried('CallTools has no phone numbers.');
      return rows.every(({ contact }) => idOf(contact) ?? idOf(objectOf(contact).id)) ? 'id' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-impossible-search',
    section: 'CallTools: phone numbers',
    assumes: 'A search for a number that cannot exist finds nobody, or is refused with 400.',
    facts: ['on a search too (inferred)'],
    answers: {
      nobody: { holds: true, seen: 'It finds nobody.', todo: NOTHING, sandbox: USUAL },
      refused: {
        holds: true,
        seen: 'It is refused with 400.',
        todo: 'Nothing to set. In npm run doctor the check calltools-phone-filter fails for that reason alone: go by ct-phone-filter.',
        sandbox: {
          instead: ({ query }) =>
            query.get('phone_number') === IMPOSSIBLE
              ? { status: 400, json: { phone_number: ['Enter a valid phone number.'] } }
              : undefined,
        },
      },
      everybody: {
        holds: false,
        seen: 'It finds contacts.',
        todo: 'See ct-phone-filter: the number is ignored.',
        sandbox: { callTools: { phoneFilter: 'ignored' } },
      },
    },
    async ask({ caller }) {
      const query = { phone_number: IMPOSSIBLE, page_size: '1' };
      const reply = await caller.read('calltools', { method: 'GET', path: '/contacts/', query });
      if (reply.status === 400) return 'refused';
      if (!reply.ok) throw new NotTried(`CallTools answered ${reply.status} to a search.`);
      return rowsOf(reply).length > 0 ? 'everybody' : 'nobody';
    },
  }),

  assumption({
    id: 'ct-duplicates',
    section: 'CallTools: duplicates',
    assumes: 'A second contact with the same number is merged into the first.',
    facts: [
      'The answer then is `{duplicate_contacts: […], duplicate_action: "MERGE"}` without an `id` (seen, one account\'s logs)',
    ],
    answers: {
      merged: {
        holds: true,
        seen: 'It was merged, and the answer names the first one without an id of its own.',
        todo: 'Nothing to set. CALLTOOLS_PHONE_LOOKUP may be off if CallTools cannot be searched by number.',
        sandbox: USUAL,
      },
      'merged and shown': {
        holds: true,
        seen: 'It was merged, and the answer shows the first one.',
        todo: 'Nothing to set. CALLTOOLS_PHONE_LOOKUP may be off if CallTools cannot be searched by number.',
        sandbox: { callTools: { duplicateMode: 'merge-and-show' } },
      },
      second: {
        holds: false,
        seen: 'A second contact was made.',
        todo: 'CALLTOOLS_PHONE_LOOKUP must not be off. If ct-phone-filter found neither search, tell us before you go on.',
        sandbox: { callTools: { duplicateMode: 'create' } },
      },
      refused: {
        holds: false,
        seen: 'It was refused.',
        todo: 'CALLTOOLS_PHONE_LOOKUP must not be off. Tell us, with this report.',
        sandbox: { callTools: { duplicateMode: 'refuse' } },
      },
    },
    async ask(trial) {
      const { caller, contacts, settings } = trial;
      const { id } = await withPhone(trial);
      const named = { first_name: TEST_NAME.first, last_name: TEST_NAME.last, do_not_contact: true };
      const body = { ...named, [settings.phoneField]: settings.phone };
      const what =
        'Create the test contact a second time, to see whether CallTools merges. A second one is removed at the end.';
      const reply = await contacts.createAgain(() =>
        caller.write('calltools', what, { method: 'POST', path: '/contacts/', body }),
      );
      const row = objectOf(reply.json);
      if (Array.isArray(row.duplicate_contacts) && row.id === undefined) return 'merged';
      if (!reply.ok) return 'refused';
      return row.id === id ? 'merged and shown' : 'second';
    },
  }),
];
