// Assumptions of CallTools that reads alone can try.

import { callToolsFieldsIn, DESCRIPTIONS } from '../../../workers/consumer/doctor/fields/description.ts';
import { namesOfSilos } from '../../../workers/consumer/doctor/silos.ts';
import { assumption, NOTHING, TELL_US } from '../assumption.ts';
import type { Reply, Sent } from '../caller.ts';
import { NotTried } from '../endings.ts';
import { idOf, listOf, objectOf, rowsOf } from '../rows.ts';
import { refusing, rowsAs, USUAL } from '../sandbox-account.ts';
import type { Trial } from '../trial.ts';

const DENIED = { detail: 'You do not have permission to perform this action.' };
const UUID = /^[\da-f]{8}(-?[\da-f]{4}){3}-?[\da-f]{12}$/i;

function get(path: string, query: Record<string, string> = {}): Sent {
  return { method: 'GET', path, query };
}

/** Throws a NotTried where the list cannot be read. */
async function list({ caller }: Trial, path: string, query: Record<string, string> = {}): Promise<Reply> {
  const reply = await caller.read('calltools', get(path, query));
  if (!reply.ok) throw new NotTried(`CallTools answered ${reply.status} to GET ${path}.`);
  return reply;
}

export const CALLTOOLS_LISTS = [
  assumption({
    id: 'ct-key',
    section: 'CallTools: silos and keys',
    assumes: 'CallTools takes the key as "Token", and its role may read.',
    facts: ['`Authorization: Token <key>` (seen)'],
    answers: {
      taken: { holds: true, seen: 'CallTools takes the key.', todo: NOTHING, sandbox: USUAL },
      refused: {
        holds: false,
        seen: 'CallTools answered 401.',
        todo: 'Set CALLTOOLS_API_KEY to a key of a manager user. If the key is right, tell us.',
        sandbox: { instead: refusing('GET', /^\/buckets\/$/, 401, { detail: 'Invalid token.' }) },
      },
      denied: {
        holds: false,
        seen: 'CallTools answered 403: it knows the key, and its role may not read buckets.',
        todo: "Give the user's role the right to read contacts and buckets.",
        sandbox: { callTools: { readDenied: true } },
      },
    },
    async ask({ caller }) {
      const { ok, status } = await caller.read('calltools', get('/buckets/', { page_size: '1' }));
      if (ok) return 'taken';
      if (status === 401) return 'refused';
      if (status === 403) return 'denied';
      throw new NotTried(`CallTools answered ${status}: is CALLTOOLS_BASE_URL right?`);
    },
  }),

  assumption({
    id: 'ct-silos',
    section: 'CallTools: silos and keys',
    assumes: 'The list of silos can be read without a key, whatever its form.',
    facts: ['What the answer looks like is not known.'],
    answers: {
      read: { holds: true, seen: 'The list names silos in a form that we read.', todo: NOTHING, sandbox: USUAL },
      'not read': {
        holds: false,
        seen: 'The list has another form, or is not given.',
        todo: 'No setting yet: type CALLTOOLS_BASE_URL yourself, and tell us, with this report.',
        sandbox: { callTools: { silos: { silos: [{ number: 1 }] } } },
      },
    },
    async ask({ caller, settings: { callToolsUrl } }) {
      // A sandbox or a proxy has no silos.
      if (!new URL(callToolsUrl).hostname.endsWith('.calltools.io'))
        throw new NotTried('The address of CallTools is none of calltools.io.');
      const baseUrl = 'https://app.calltools.io/api';
      const headers = { accept: 'application/json' };
      const { ok, json } = await caller.read('calltools', { ...get('/silos/'), baseUrl, headers });
      return ok && namesOfSilos(json).length > 0 ? 'read' : 'not read';
    },
  }),

  assumption({
    id: 'ct-description',
    section: 'CallTools: API description',
    assumes: 'The account describes its API at one of four addresses.',
    facts: [
      'Four addresses are known, which one an account has is not (seen). It answers 406 to `Accept: application/json`, and a token may lack the right to it (seen)',
    ],
    answers: {
      described: {
        holds: true,
        seen: 'The account describes the fields of its contacts.',
        todo: NOTHING,
        sandbox: USUAL,
      },
      none: {
        holds: false,
        seen: 'None of the four addresses describes the fields of contacts.',
        todo: 'Name the fields yourself: CALLTOOLS_PHONE_FIELD, CALLTOOLS_EMAIL_FIELD, FIELD_MAP. The set-up cannot propose them.',
        sandbox: { callTools: { describesItself: false } },
      },
    },
    async ask({ caller, settings: { callToolsUrl } }) {
      for (const address of DESCRIPTIONS) {
        const [path = '', query = ''] = address.split('?');
        const sent = { ...get(path, Object.fromEntries(new URLSearchParams(query))), baseUrl: callToolsUrl };
        const reply = await caller.read('calltools', { ...sent, accept: '*/*' });
        if (reply.ok && callToolsFieldsIn(reply.json) !== null) return 'described';
      }
      return 'none';
    },
  }),

  assumption({
    id: 'ct-next',
    section: 'CallTools: lists and filters',
    assumes: 'A list says where its next page is, as a whole address.',
    facts: ['`next` is a full URL (seen)'],
    answers: {
      whole: { holds: true, seen: 'The next page is a whole address.', todo: NOTHING, sandbox: USUAL },
      part: {
        holds: false,
        seen: 'The next page is a part of an address.',
        todo: 'Nothing to set: only its query is used.',
        sandbox: {
          reshape: (told, { path }) =>
            path === '/contacts/' ? { ...told, json: { ...objectOf(told.json), next: '/api/contacts/?page=2' } } : told,
        },
      },
      absent: {
        holds: false,
        seen: 'A list of more pages names no next page.',
        todo: 'No setting yet: only the first page of each list would be read. Tell us, with this report.',
        sandbox: {
          reshape: (told, { path }) =>
            path === '/contacts/' ? { ...told, json: { ...objectOf(told.json), next: null } } : told,
        },
      },
    },
    async ask(trial) {
      const { count, next } = objectOf((await list(trial, '/contacts/', { page_size: '1' })).json);
      if (typeof next === 'string') return URL.canParse(next) ? 'whole' : 'part';
      if (Number(count) > 1) return 'absent';
      throw new NotTried('CallTools has fewer than two contacts.');
    },
  }),

  assumption({
    id: 'ct-unknown-filter',
    section: 'CallTools: lists and filters',
    assumes: 'A filter that CallTools does not know is ignored: the whole list comes back.',
    facts: [
      'An unknown filter is ignored, and the whole table comes back (seen: public code matched the wrong contact)',
    ],
    answers: {
      ignored: {
        holds: true,
        seen: 'An unknown filter was ignored.',
        todo: 'Nothing to set: every row that is found is checked.',
        sandbox: USUAL,
      },
      refused: {
        holds: false,
        seen: 'An unknown filter was refused, or found nobody.',
        todo: NOTHING,
        sandbox: {
          instead: ({ query }) =>
            query.has('conformance_test') ? { status: 400, json: { detail: 'Unknown filter.' } } : undefined,
        },
      },
    },
    async ask(trial) {
      const all = Number(objectOf((await list(trial, '/contacts/', { page_size: '1' })).json).count);
      if (!(all > 0)) throw new NotTried('CallTools has no contacts.');
      const query = { conformance_test: 'x', page_size: '1' };
      const found = await trial.caller.read('calltools', get('/contacts/', query));
      return found.ok && Number(objectOf(found.json).count) > 0 ? 'ignored' : 'refused';
    },
  }),

  assumption({
    id: 'ct-ids',
    section: 'CallTools: contact fields',
    assumes: 'Ids of contacts are whole numbers.',
    facts: ['Ids are whole numbers (seen)'],
    answers: {
      whole: { holds: true, seen: 'Ids are whole numbers.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'Ids have another form.',
        todo: TELL_US,
        sandbox: { reshape: rowsAs('/contacts/', (row) => ({ ...row, id: row.uuid })) },
      },
    },
    async ask(trial) {
      const rows = rowsOf(await list(trial, '/contacts/', { page_size: '2' }));
      if (rows.length === 0) throw new NotTried('CallTools has no contacts.');
      return rows.every(({ id }) => idOf(id) !== undefined) ? 'whole' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-ordering',
    section: 'CallTools: lists and filters',
    assumes: 'A list of contacts comes in the order that is asked for.',
    facts: ['Filters in use: `phone_number`, `buckets__id`, `ordering`, `contact_id`, `bucket_id` (seen)'],
    answers: {
      honoured: {
        holds: true,
        seen: 'Contacts come newest first when that is asked for.',
        todo: NOTHING,
        sandbox: USUAL,
      },
      ignored: {
        holds: false,
        seen: 'Contacts do not come newest first when that is asked for.',
        todo: 'If CALLTOOLS_PHONE_LOOKUP is off, tell us. Otherwise nothing is to be set.',
        sandbox: {
          reshape: (told, { path }) => {
            const page = objectOf(told.json);
            const isList = path === '/contacts/' && Array.isArray(page.results);
            return isList ? { ...told, json: { ...page, results: listOf(page.results).toReversed() } } : told;
          },
        },
      },
    },
    async ask(trial) {
      const rows = rowsOf(await list(trial, '/contacts/', { ordering: '-id', page_size: '5' }));
      const ids = rows.map(({ id }) => Number(id));
      if (ids.length < 2) throw new NotTried('CallTools has fewer than two contacts.');
      return ids.every((id, n) => n === 0 || id < Number(ids[n - 1])) ? 'honoured' : 'ignored';
    },
  }),

  assumption({
    id: 'ct-campaigns',
    section: 'CallTools: buckets and tags',
    assumes: 'Campaigns draw from buckets, and the list of them says from which.',
    facts: [
      'A campaign draws from a bucket **or** a live filter (seen)',
      '`GET /campaigns/` lists them, each with `bucket` or `live_filter` (seen); that `bucket` is an id, and that a row has a `name`, is inferred.',
    ],
    answers: {
      buckets: {
        holds: true,
        seen: 'Every campaign draws from a bucket.',
        todo: NOTHING,
        sandbox: { callTools: { campaigns: [{ id: 1, name: 'Solar', bucket: 4101, live_filter: null }] } },
      },
      'live filters': {
        holds: false,
        seen: 'Some campaign draws from a live filter, which does not look at buckets.',
        todo: 'For a campaign on a live filter give the route a calltoolsTag, and filter on that tag in CallTools.',
        sandbox: { callTools: { campaigns: [{ id: 1, name: 'Solar', bucket: null, live_filter: 9 }] } },
      },
      otherwise: {
        holds: false,
        seen: 'The list of campaigns has another form, or the role may not read it.',
        todo: 'Look in CallTools whether your campaign draws from the bucket. Tell us, with this report.',
        sandbox: { instead: refusing('GET', /^\/campaigns\/$/, 403, DENIED) },
      },
    },
    async ask({ caller }) {
      const reply = await caller.read('calltools', get('/campaigns/', { page_size: '250' }));
      const rows = rowsOf(reply);
      if (reply.ok && rows.length === 0) throw new NotTried('CallTools has no campaign.');
      const isReadable = rows.every(
        ({ name, bucket, live_filter }) => typeof name === 'string' && (idOf(bucket) !== undefined || live_filter),
      );
      if (!reply.ok || !isReadable) return 'otherwise';
      return rows.every(({ bucket }) => idOf(bucket) !== undefined) ? 'buckets' : 'live filters';
    },
  }),

  assumption({
    id: 'ct-users',
    section: 'CallTools: users',
    assumes: 'The list of users shows an id, a UUID, that can own a contact.',
    facts: [
      '`owned_by` of a contact is the id of a user, a UUID (seen).',
      'Public clients read the UUID from `app_user`, beside `username` and `full_name` (seen). That accounts may call it `id` or `uuid`, and have `email`, `first_name`, `last_name` or `name`, is inferred.',
    ],
    answers: {
      uuid: { holds: true, seen: 'Users have a UUID and a name or an email.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'Users have no UUID, or no name that we know, or the role may not read them.',
        todo: 'Write the ids of CallTools users into OWNERS, not their names or emails.',
        sandbox: { reshape: rowsAs('/users/', ({ id: _, ...row }) => row) },
      },
    },
    async ask({ caller }) {
      const rows = rowsOf(await caller.read('calltools', get('/users/', { page_size: '250' })));
      const isKnown = rows.every(({ app_user, id, uuid, email, username, full_name, name, first_name }) => {
        const isNamed = [email, username, full_name, name, first_name].some((one) => typeof one === 'string');
        return isNamed && [app_user, id, uuid].some((one) => UUID.test(String(one)));
      });
      return rows.length > 0 && isKnown ? 'uuid' : 'otherwise';
    },
  }),
];
