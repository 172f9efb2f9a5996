// Assumptions of CallTools about buckets, and about the page and the deletion of a contact.

import { meaningOf } from '../../../workers/consumer/vendors/calltools-errors.ts';
import { assumption, NOTHING } from '../assumption.ts';
import { CONTACT_PATH as PATH, readContact, removed } from '../dialer-contact.ts';
import { NotTried } from '../endings.ts';
import { barred } from '../in-calltools.ts';
import { objectOf, type Row, rowsOf } from '../rows.ts';
import { type Asked, USUAL } from '../sandbox-account.ts';
import { TEST_NAME } from '../test-name.ts';
import type { Trial } from '../trial.ts';

/** Whether the bucket holds the contact, by the link rows or by the contact itself. */
async function isIn({ caller }: Trial, id: number, bucket: number): Promise<boolean> {
  const query = { contact_id: String(id), page_size: '100' };
  const links = await caller.read('calltools', { method: 'GET', path: '/contactbuckets/', query });
  const linked = rowsOf(links).some((row) => row.contact === id && row.bucket === bucket);
  const { buckets } = await readContact(caller, id);
  return linked || (Array.isArray(buckets) && buckets.some((one) => one === bucket || objectOf(one).id === bucket));
}

async function place(trial: Trial, id: number, bucket: number): Promise<boolean> {
  const what = 'Put the test contact into the test bucket, and take it out again. It stays marked do-not-contact.';
  const body = { add_buckets: [bucket], do_not_contact: true };
  await trial.caller.write('calltools', what, { method: 'PATCH', path: PATH, id, body });
  return isIn(trial, id, bucket);
}

async function takeOut(trial: Trial, id: number, bucket: number): Promise<boolean> {
  const body = { remove_buckets: [bucket] };
  await trial.caller.remove('calltools', { method: 'PATCH', path: PATH, id, body });
  return !(await isIn(trial, id, bucket));
}

/** The rows of a list that is read while the test contact is in the test bucket. */
async function rowsWhilePlaced(
  trial: Trial,
  path: string,
  filter: (id: number, bucket: number) => Record<string, string>,
): Promise<{ id: number; bucket: number; rows: Row[] }> {
  const { id } = await barred(trial);
  const bucket = await trial.contacts.bucket();
  if (!(await place(trial, id, bucket)))
    throw new NotTried('The test contact cannot be put into a bucket: see ct-membership.');
  const query = { ...filter(id, bucket), page_size: '25' };
  const rows = rowsOf(await trial.caller.read('calltools', { method: 'GET', path, query }));
  await takeOut(trial, id, bucket);
  return { id, bucket, rows };
}

/** A filter that is ignored, whatever its value. */
function ignoring(path: string, filter: string) {
  return ({ path: asked, query }: Asked): undefined => {
    if (asked === path) query.delete(filter);
  };
}

export const CALLTOOLS_BUCKETS = [
  assumption({
    id: 'ct-membership',
    section: 'CallTools: buckets and tags',
    assumes: 'add_buckets and remove_buckets of a contact put it into a bucket, and take it out.',
    facts: ['Membership is written at the contact: `add_buckets`, `remove_buckets` (seen)'],
    answers: {
      both: { holds: true, seen: 'Both did.', todo: NOTHING, sandbox: USUAL },
      neither: {
        holds: false,
        seen: 'One of them, or both, did nothing.',
        todo: 'If ct-bucket-side holds, nothing is to be set: that way is taken. Otherwise nobody can be placed: tell us.',
        sandbox: { callTools: { bucketPatch: 'ignored' } },
      },
    },
    async ask(trial) {
      const { id } = await barred(trial);
      const bucket = await trial.contacts.bucket();
      const isPlaced = await place(trial, id, bucket);
      return (await takeOut(trial, id, bucket)) && isPlaced ? 'both' : 'neither';
    },
  }),

  assumption({
    id: 'ct-bucket-side',
    section: 'CallTools: buckets and tags',
    assumes: 'add_contacts of a bucket puts a contact into it too.',
    facts: [
      'The other way, `PATCH /buckets/{id}/ {"add_contacts": […]}`, is in use, and what it answers is not known (seen)',
    ],
    answers: {
      works: { holds: true, seen: 'It did.', todo: NOTHING, sandbox: USUAL },
      nothing: {
        holds: false,
        seen: 'It did nothing, or was refused.',
        todo: 'If ct-membership holds, nothing is to be set. Otherwise nobody can be placed: tell us.',
        sandbox: { callTools: { bucketSidePatch: 'ignored' } },
      },
    },
    async ask(trial) {
      const { caller } = trial;
      const { id } = await barred(trial);
      const bucket = await trial.contacts.bucket();
      const send = (change: object) => ({ method: 'PATCH', path: '/buckets/{id}/', id: bucket, body: change }) as const;
      await caller.write(
        'calltools',
        'Put the test contact into the test bucket from the side of the bucket, and take it out again.',
        send({ add_contacts: [id] }),
      );
      const isPlaced = await isIn(trial, id, bucket);
      if (isPlaced) await caller.remove('calltools', send({ remove_contacts: [id] }));
      return isPlaced && !(await isIn(trial, id, bucket)) ? 'works' : 'nothing';
    },
  }),

  assumption({
    id: 'ct-bucket-filter',
    section: 'CallTools: lists and filters',
    assumes: 'CallTools lists the contacts of a bucket.',
    facts: ['Filters in use: `phone_number`, `buckets__id`, `ordering`, `contact_id`, `bucket_id` (seen)'],
    answers: {
      works: {
        holds: true,
        seen: 'The list holds the contacts of the bucket, and nobody else.',
        todo: NOTHING,
        sandbox: USUAL,
      },
      ignored: {
        holds: false,
        seen: 'The list does not go by the bucket.',
        todo: 'If CALLTOOLS_PHONE_LOOKUP is off, a contact whose write got no answer becomes a failed contact. Otherwise nothing is to be set.',
        sandbox: { callTools: { bucketFilter: 'ignored' } },
      },
    },
    async ask(trial) {
      const { id, rows } = await rowsWhilePlaced(trial, '/contacts/', (_, bucket) => ({ buckets__id: String(bucket) }));
      return rows.length === 1 && rows[0]?.id === id ? 'works' : 'ignored';
    },
  }),

  assumption({
    id: 'ct-links',
    section: 'CallTools: buckets and tags',
    assumes: 'The link rows say which buckets hold a contact.',
    facts: ['The link rows of `/contactbuckets/` say who is in which bucket (seen)'],
    answers: {
      read: { holds: true, seen: 'They name the bucket, and no other contact.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'They cannot be read, or name others.',
        todo: "Nothing to set: the contact's own list of buckets is read instead.",
        sandbox: {
          instead: ignoring('/contactbuckets/', 'contact_id'),
          prepare: ({ callTools }) => callTools.addContactByHand({ buckets: ['Solar'] }),
        },
      },
    },
    async ask(trial) {
      const { id, bucket, rows } = await rowsWhilePlaced(trial, '/contactbuckets/', (id) => ({
        contact_id: String(id),
      }));
      return rows.length > 0 && rows.every((row) => row.contact === id && row.bucket === bucket) ? 'read' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-one-bucket',
    section: 'CallTools: buckets and tags',
    assumes: 'CallTools shows one bucket by its id.',
    facts: ['`GET /buckets/{id}/` shows one bucket (seen)'],
    answers: {
      shown: { holds: true, seen: 'It shows the bucket.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'It does not show the bucket.',
        todo: 'Nothing to set: the list of buckets is believed. If it lacks a bucket for a moment, people may stay in that bucket until the next nightly sync.',
        sandbox: {
          instead: ({ method, path }) =>
            method === 'GET' && /^\/buckets\/\d+\/$/.test(path) ? { status: 403, json: {} } : undefined,
        },
      },
    },
    async ask({ caller, contacts }) {
      const id = await contacts.bucket();
      const reply = await caller.read('calltools', { method: 'GET', path: '/buckets/{id}/', id });
      return reply.ok && objectOf(reply.json).id === id ? 'shown' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-page',
    section: 'CallTools: silos and keys',
    assumes: "The address of a contact's page has the contact's id in it.",
    facts: ["The address of a contact's page for people is not known"],
    answers: {
      'has the id': {
        holds: true,
        seen: 'The address of the page has the id in it.',
        todo: 'Set CALLTOOLS_CONTACT_URL to that address, with {id} in place of the id.',
        sandbox: { person: 'ID' },
      },
      otherwise: {
        holds: false,
        seen: 'The address of the page does not have the id in it.',
        todo: 'Leave CALLTOOLS_CONTACT_URL unset: the dashboard has no links to CallTools then.',
        sandbox: { person: 'https://east-1.calltools.io/contacts' },
      },
    },
    async ask({ asking, contacts }) {
      const { id } = await contacts.inCallTools();
      const show = `Find the contact "${TEST_NAME.whole}" (id ${id}) in CallTools and open its page.`;
      const answer = await asking.look(show, 'Paste the address of that page (Enter leaves it out)');
      if (!answer) throw new NotTried('It needs a person who looks at a page.');
      return answer.includes(String(id)) ? 'has the id' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-deleted',
    section: 'CallTools: errors',
    assumes: 'The key may delete a contact, and a contact that is gone is answered with 404 in words that we know.',
    facts: ['Other errors are `{"detail": "…"}` (inferred)', "whether a key's role may do it is not known."],
    afterRemoval: ({ contacts }) => contacts.inCallTools(),
    answers: {
      known: { holds: true, seen: 'It is answered with 404 in words that we know.', todo: NOTHING, sandbox: USUAL },
      'not deleted': {
        holds: false,
        seen: 'The key may not delete contacts.',
        todo: 'Nothing to set: the pipeline deletes nobody. Delete the test contact in CallTools yourself.',
        sandbox: { callTools: { mayDelete: false } },
      },
      'still shown': {
        holds: false,
        seen: 'The deletion was taken, and the contact is still shown.',
        todo: 'No setting yet: whom somebody deletes in CallTools counts as being there. Tell us, with this report.',
        sandbox: {
          reshape: (told, { vendor, path }) =>
            vendor === 'calltools' && told.status === 404 && path !== '/contacts/'
              ? { status: 200, json: { id: 1 } }
              : told,
        },
      },
      otherwise: {
        holds: false,
        seen: 'It is answered in words that we do not know.',
        todo: 'No setting yet: whom somebody deletes in CallTools may become a failed contact. Tell us, with this report.',
        sandbox: {
          reshape: (told, { vendor, path }) =>
            vendor === 'calltools' && told.status === 404 && path !== '/contacts/'
              ? { status: 404, json: { message: 'Gone' } }
              : told,
        },
      },
    },
    async ask({ caller, contacts }) {
      const { calltools: id } = contacts.ids();
      if (id === undefined) throw new NotTried('There was no test contact in CallTools.');
      const reply = await caller.read('calltools', { method: 'GET', path: PATH, id });
      if (reply.ok) return contacts.isDeletedInCallTools() ? 'still shown' : 'not deleted';
      const call = { method: 'GET', path: `/contacts/${id}/`, about: 'record' } as const;
      const error = { ...reply, ok: false as const, excerpt: '', headers: new Headers() };
      return removed(reply) && meaningOf(call, error) === 'answer' ? 'known' : 'otherwise';
    },
  }),
];
