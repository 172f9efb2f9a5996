// Assumptions of GoHighLevel that are tried on the test contact.

import { saysGone } from '../../../workers/consumer/vendors/gohighlevel-errors.ts';
import { assumption, NOTHING, TELL_US } from '../assumption.ts';
import { NotTried } from '../endings.ts';
import { listOf, objectOf, type Row } from '../rows.ts';
import { type Asked, type Told, USUAL } from '../sandbox-account.ts';
import { TEST_NAME } from '../test-name.ts';
import type { Trial } from '../trial.ts';

const PATH = '/contacts/{id}';
const TAG = TEST_NAME.whole;
/** Longer than this and a webhook is believed against the read: see docs/vendors.md, GoHighLevel: contacts API. */
const BELIEVED_MS = 120_000;
const SECOND_MS = 1_000;
const PAUSE_MS = 2_000;

/** As a read shows it; null while it shows none. */
async function readContact({ caller }: Trial, id: string): Promise<Row | null> {
  const reply = await caller.read('gohighlevel', { method: 'GET', path: PATH, id });
  return reply.ok ? objectOf(objectOf(reply.json).contact) : null;
}

function tagsOf({ tags }: Row): string[] {
  return Array.isArray(tags) ? tags.map(String).filter((tag) => tag.trim().toLowerCase() === TAG.toLowerCase()) : [];
}

/** What a read shows once it shows what `isShown` asks for, after how many ms; null where that takes longer than a webhook is believed. */
async function untilShown(
  trial: Trial,
  id: string,
  isShown: (contact: Row) => boolean,
): Promise<{ contact: Row; ms: number } | null> {
  const { caller } = trial;
  const from = caller.now();
  for (;;) {
    const contact = await readContact(trial, id);
    if (contact && isShown(contact)) return { contact, ms: caller.now() - from };
    if (caller.now() - from > BELIEVED_MS) return null;
    await caller.wait(PAUSE_MS);
  }
}

async function addTag({ caller }: Trial, id: string, tag: string): Promise<void> {
  const what = `Add the tag "${tag}" to the test contact.`;
  const reply = await caller.write('gohighlevel', what, {
    method: 'POST',
    path: '/contacts/{id}/tags',
    id,
    body: { tags: [tag] },
  });
  if (!reply.ok) throw new NotTried(`GoHighLevel answered ${reply.status} to a tag.`);
}

/** Tags of a contact in another form. */
function withTags(tags: (shown: string[]) => string[]) {
  return (told: Told, { vendor, method }: Asked): Told => {
    const contact = objectOf(objectOf(told.json).contact);
    if (vendor !== 'gohighlevel' || method !== 'GET' || !Array.isArray(contact.tags)) return told;
    return { ...told, json: { contact: { ...contact, tags: tags(contact.tags.map(String)) } } };
  };
}

/** This in place of "not found". */
function missing(other: Told) {
  return (told: Told, { vendor, method }: Asked): Told =>
    vendor === 'gohighlevel' && method === 'GET' && told.status === 400 ? other : told;
}

export const GOHIGHLEVEL_CONTACT = [
  assumption({
    id: 'ghl-read-lag',
    section: 'GoHighLevel: contacts API',
    assumes: 'A read shows a change within two minutes. (Measured from the write, as a webhook comes a moment later.)',
    facts: ['GET shows a change 4 to 6 s after its webhook (seen)'],
    answers: {
      'at once': { holds: true, seen: 'A read showed a new tag within a second.', todo: NOTHING, sandbox: USUAL },
      'within two minutes': {
        holds: true,
        seen: 'A read showed a new tag only after a while, within two minutes.',
        todo: NOTHING,
        sandbox: { ghl: { readLagMs: 5_000 } },
      },
      later: {
        holds: false,
        seen: 'A read did not show a new tag within two minutes.',
        todo: TELL_US,
        sandbox: { reshape: withTags(() => []) },
      },
    },
    async ask(trial) {
      const id = await trial.contacts.inGoHighLevel();
      await untilShown(trial, id, () => true);
      await addTag(trial, id, TAG);
      const took = await untilShown(trial, id, (contact) => tagsOf(contact).length > 0);
      return took === null ? 'later' : took.ms <= SECOND_MS ? 'at once' : 'within two minutes';
    },
  }),

  assumption({
    id: 'ghl-tag-form',
    section: 'GoHighLevel: tags and numbers',
    assumes: 'Tags are saved in lower case, each once.',
    facts: ['Tags are saved in lower case and are unique on a contact (seen, several code bases)'],
    answers: {
      'lower case': {
        holds: true,
        seen: 'A tag in capitals was saved in lower case, once.',
        todo: NOTHING,
        sandbox: USUAL,
      },
      otherwise: {
        holds: false,
        seen: 'A tag in capitals was saved as it was sent, or twice.',
        todo: 'Nothing to set: tags are compared without regard to capitals.',
        sandbox: { reshape: withTags((tags) => [...tags, TAG]) },
      },
    },
    async ask(trial) {
      const id = await trial.contacts.inGoHighLevel();
      await untilShown(trial, id, () => true);
      await addTag(trial, id, TAG);
      await addTag(trial, id, TAG.toUpperCase());
      const seen = await untilShown(trial, id, (contact) => tagsOf(contact).length > 0);
      if (seen === null) throw new NotTried('A read does not show the tag within two minutes.');
      const tags = tagsOf(seen.contact);
      return tags.length === 1 && tags[0] === TAG.toLowerCase() ? 'lower case' : 'otherwise';
    },
  }),

  assumption({
    id: 'ghl-other-channels',
    section: 'GoHighLevel: writes',
    assumes: 'A write of one channel of do-not-disturb leaves the others as they are.',
    facts: ['What happens to the others is not known.'],
    answers: {
      kept: { holds: true, seen: 'The other channels stayed.', todo: NOTHING, sandbox: USUAL },
      replaced: {
        holds: false,
        seen: 'The other channels were gone.',
        todo: 'Nothing to set: the pipeline sends the other channels back with its own.',
        sandbox: { ghl: { dndWrite: 'replaced' } },
      },
    },
    async ask(trial) {
      const { caller } = trial;
      const id = await trial.contacts.inGoHighLevel();
      const before = await untilShown(trial, id, ({ dndSettings }) => channels(dndSettings).includes('sms'));
      if (before === null) throw new NotTried('The test contact was created without the channels that were sent.');
      const what = 'Block email to the test contact too.';
      const body = { dndSettings: { Email: { status: 'active' } } };
      const reply = await caller.write('gohighlevel', what, { method: 'PUT', path: PATH, id, body });
      if (!reply.ok) throw new NotTried(`GoHighLevel answered ${reply.status} to a change of do-not-disturb.`);
      const after = await untilShown(trial, id, ({ dndSettings }) => channels(dndSettings).includes('email'));
      if (after === null) throw new NotTried('A read does not show the change within two minutes.');
      return channels(after.contact.dndSettings).includes('sms') ? 'kept' : 'replaced';
    },
  }),

  assumption({
    id: 'ghl-search-names',
    section: 'GoHighLevel: search',
    assumes: 'A row of the search shows the names as they are, or beside those in lower case.',
    facts: ['Names may be in lower case, the address is `address`, the birthday an epoch (seen, issue #314).'],
    answers: {
      beside: {
        holds: true,
        seen: 'The row has names in lower case, and beside them as they are.',
        todo: NOTHING,
        sandbox: USUAL,
      },
      'as they are': {
        holds: true,
        seen: 'The row has the names as they are.',
        todo: NOTHING,
        sandbox: {
          ghl: {
            reshape: (shown, where) => (where === 'search' ? { ...shown, firstName: shown.firstNameRaw } : shown),
          },
        },
      },
      'lower case only': {
        holds: false,
        seen: 'The row has the names in lower case only.',
        todo: 'Nothing to set: such a row is known once its contact was read.',
        sandbox: {
          ghl: { reshape: (shown, where) => (where === 'search' ? { ...shown, firstNameRaw: null } : shown) },
        },
      },
    },
    async ask({ caller, contacts, settings: { locationId } }) {
      const id = await contacts.inGoHighLevel();
      const body = { locationId, pageLimit: 1, filters: [{ field: 'id', operator: 'eq', value: id }] };
      const from = caller.now();
      for (;;) {
        const reply = await caller.read('gohighlevel', { method: 'POST', path: '/contacts/search', body });
        const row = listOf(objectOf(reply.json).contacts).find((one) => one.id === id);
        if (row?.firstName === TEST_NAME.first) return 'as they are';
        if (row) return row.firstNameRaw === TEST_NAME.first ? 'beside' : 'lower case only';
        if (caller.now() - from > BELIEVED_MS)
          throw new NotTried('The search does not show the test contact within two minutes.');
        await caller.wait(PAUSE_MS);
      }
    },
  }),

  assumption({
    id: 'ghl-page',
    section: 'GoHighLevel: contacts API',
    assumes: 'The address that the dashboard links to is the page of the contact.',
    facts: [
      "A contact's page for people is `https://app.gohighlevel.com/v2/location/LOCATION/contacts/detail/ID` (seen)",
    ],
    answers: {
      shown: { holds: true, seen: 'The address shows the contact.', todo: NOTHING, sandbox: { person: 'yes' } },
      otherwise: {
        holds: false,
        seen: 'The address does not show the contact.',
        todo: 'Set GHL_APP_URL to the address where you log in to GoHighLevel. If that changes nothing, tell us.',
        sandbox: { person: 'no' },
      },
    },
    async ask({ asking, contacts, settings: { appUrl, locationId } }) {
      const id = await contacts.inGoHighLevel();
      const page = `${appUrl}/v2/location/${locationId}/contacts/detail/${id}`;
      const answer = await asking.look(
        `Open ${page}`,
        `Does it show the contact "${TEST_NAME.whole}"? (yes or no; Enter leaves it out)`,
      );
      if (!answer) throw new NotTried('It needs a person who looks at a page.');
      return /^y/i.test(answer) ? 'shown' : 'otherwise';
    },
  }),

  assumption({
    id: 'ghl-deleted',
    section: 'GoHighLevel: contacts API',
    assumes: 'A read of a contact that is gone says so in words that we know.',
    facts: ['A missing contact is not documented as 404'],
    afterRemoval: ({ contacts }) => contacts.inGoHighLevel(),
    answers: {
      '400': {
        holds: true,
        seen: 'It is answered with 400, and says that there is no such contact.',
        todo: NOTHING,
        sandbox: USUAL,
      },
      '404': {
        holds: true,
        seen: 'It is answered with 404, and says that there is no such contact.',
        todo: NOTHING,
        sandbox: { ghl: { missingContactStatus: 404 } },
      },
      shown: {
        holds: false,
        seen: 'It is still shown two minutes after it was deleted.',
        todo: TELL_US,
        sandbox: { reshape: missing({ status: 200, json: { contact: {} } }) },
      },
      otherwise: {
        holds: false,
        seen: 'It is refused in words that we do not know.',
        todo: 'No setting yet: each deletion is confirmed by the search, and takes longer. Tell us, with this report.',
        sandbox: { reshape: missing({ status: 422, json: { message: ['id is invalid'] } }) },
      },
    },
    async ask(trial) {
      const { caller } = trial;
      const { gohighlevel: id } = trial.contacts.ids();
      if (id === undefined) throw new NotTried('There was no test contact in GoHighLevel.');
      const from = caller.now();
      for (;;) {
        const { ok, status, json } = await caller.read('gohighlevel', { method: 'GET', path: PATH, id });
        if (!ok) return saysGone({ status, json }) ? (status === 404 ? '404' : '400') : 'otherwise';
        if (caller.now() - from > BELIEVED_MS) return 'shown';
        await caller.wait(PAUSE_MS);
      }
    },
  }),
];

/** Names of channels, which v3 writes in lower case. */
function channels(dndSettings: unknown): string[] {
  return Object.keys(objectOf(dndSettings)).map((name) => name.toLowerCase());
}
