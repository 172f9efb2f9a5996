// Assumptions of CallTools about the fields of a contact.

import { epochOf } from '../../../workers/consumer/domain/call-word.ts';
import { hasFieldErrors, refusedKeys } from '../../../workers/consumer/vendors/calltools-errors.ts';
import { assumption, NOTHING, TELL_US } from '../assumption.ts';
import { readContact } from '../dialer-contact.ts';
import { NotTried } from '../endings.ts';
import { patch, refusingField } from '../in-calltools.ts';
import { objectOf } from '../rows.ts';
import { contactOf, USUAL } from '../sandbox-account.ts';

const EMAIL = 'conformance.test@example.com';
const NO_EMAIL = 'conformance test';

export const CALLTOOLS_FIELDS = [
  assumption({
    id: 'ct-do-not-contact',
    section: 'CallTools: do-not-contact',
    assumes: 'Do-not-contact that is written over the API is kept.',
    facts: ['`do_not_contact` of a contact can be written (seen)'],
    answers: {
      kept: { holds: true, seen: 'Do-not-contact was kept.', todo: NOTHING, sandbox: USUAL },
      'not kept': {
        holds: false,
        seen: 'Do-not-contact was not kept.',
        todo: 'Do not use routes that mark do-not-contact: send people out of every bucket. Tell us, with this report.',
        sandbox: { callTools: { doNotContactWrite: 'ignored' } },
      },
    },
    async ask({ contacts }) {
      return (await contacts.inCallTools()).isBarred ? 'kept' : 'not kept';
    },
  }),

  assumption({
    id: 'ct-email-field',
    section: 'CallTools: contact fields',
    assumes: 'CALLTOOLS_EMAIL_FIELD is a field of the account.',
    facts: ['Phone and email fields have names that differ by account (seen, several accounts)'],
    answers: {
      kept: { holds: true, seen: 'An email was kept.', todo: NOTHING, sandbox: USUAL },
      dropped: {
        holds: false,
        seen: 'An email was dropped without a word.',
        todo: 'Set CALLTOOLS_EMAIL_FIELD to the API name of your email field. npm run setup lists the names.',
        sandbox: { callTools: { emailField: 'email' } },
      },
      refused: {
        holds: false,
        seen: 'An email at example.com was refused.',
        todo: 'Nothing to set: a contact whose email is refused is written without it.',
        sandbox: { callTools: { refusedEmails: [EMAIL] } },
      },
    },
    async ask(trial) {
      const { id } = await trial.contacts.inCallTools();
      const { emailField } = trial.settings;
      const reply = await patch(trial, id, `Write the email ${EMAIL} to the test contact.`, { [emailField]: EMAIL });
      if (reply.status === 400) return 'refused';
      if (!reply.ok) throw new NotTried(`CallTools answered ${reply.status} to an email.`);
      const shown = await readContact(trial.caller, id);
      return String(shown[emailField]).toLowerCase() === EMAIL ? 'kept' : 'dropped';
    },
  }),

  assumption({
    id: 'ct-bad-email',
    section: 'CallTools: writes',
    assumes: 'The refusal of an email says that it is about the email.',
    facts: ['An invalid email is refused too (seen); where the 400 says so is not known.'],
    answers: {
      named: { holds: true, seen: 'It was refused, and the answer names the field.', todo: NOTHING, sandbox: USUAL },
      'in a sentence': {
        holds: true,
        seen: 'It was refused, and a sentence of the answer names the field.',
        todo: NOTHING,
        sandbox: { callTools: { emailRefusal: 'list' } },
      },
      'not named': {
        holds: false,
        seen: 'It was refused in a form that does not name the field.',
        todo: 'No setting yet: a contact with a bad email stays out of the dialer. Tell us, with this report.',
        sandbox: {
          instead: ({ body }) =>
            body?.personal_email_address === NO_EMAIL ? { status: 400, json: ['Bad value'] } : undefined,
        },
      },
      taken: {
        holds: false,
        seen: 'It was not refused.',
        todo: NOTHING,
        sandbox: {
          instead: ({ body }) => (body?.personal_email_address === NO_EMAIL ? { status: 200, json: {} } : undefined),
        },
      },
    },
    async ask(trial) {
      const { id } = await trial.contacts.inCallTools();
      const body = { [trial.settings.emailField]: NO_EMAIL };
      const { ok, json } = await patch(trial, id, 'Write something that is no email to the test contact.', body);
      if (ok) return 'taken';
      if (refusedKeys(json, body).length !== 1) return 'not named';
      return Object.hasOwn(objectOf(json), trial.settings.emailField) ? 'named' : 'in a sentence';
    },
  }),

  assumption({
    id: 'ct-unknown-field',
    section: 'CallTools: writes',
    assumes: 'A field that the account does not have is dropped without a word.',
    facts: ['Unknown fields are dropped with 2xx: 9 of 1,419 logged answers of one account (seen)'],
    answers: {
      dropped: {
        holds: true,
        seen: 'It was dropped without a word.',
        todo: 'Nothing to set: a dropped field is noticed.',
        sandbox: USUAL,
      },
      named: {
        holds: false,
        seen: 'It was refused, and the answer names it.',
        todo: 'Nothing to set: a refused field is left out.',
        sandbox: { instead: refusingField('conformance_test', { conformance_test: ['Unknown field.'] }) },
      },
      otherwise: {
        holds: false,
        seen: 'It was refused in a form that does not name it, or kept.',
        todo: TELL_US,
        sandbox: { instead: refusingField('conformance_test', { detail: 'No.' }) },
      },
    },
    async ask(trial) {
      const { id } = await trial.contacts.inCallTools();
      const body = { conformance_test: 'x' };
      const { ok, json } = await patch(
        trial,
        id,
        'Write a field that nobody has (conformance_test) to the test contact.',
        body,
      );
      if (ok) return 'conformance_test' in objectOf(json) ? 'otherwise' : 'dropped';
      return hasFieldErrors(json, body) && refusedKeys(json, body).length === 1 ? 'named' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-dates',
    section: 'CallTools: dates',
    assumes: 'Times are written in one of two forms that we read.',
    facts: ['Datetimes are `YYYY-MM-DD HH:MM:SS` in UTC (doc), or ISO 8601 (seen)'],
    answers: {
      'ISO 8601': { holds: true, seen: 'Times are in ISO 8601.', todo: NOTHING, sandbox: USUAL },
      documented: {
        holds: true,
        seen: 'Times are in the form that CallTools documents.',
        todo: NOTHING,
        sandbox: { reshape: contactOf((shown) => ({ ...shown, created_on: '2026-11-30 02:00:00' })) },
      },
      otherwise: {
        holds: false,
        seen: 'Times have another form.',
        todo: TELL_US,
        sandbox: { reshape: contactOf((shown) => ({ ...shown, created_on: '11/30/2026 2:00 AM' })) },
      },
    },
    async ask({ contacts }) {
      const { created_on } = (await contacts.inCallTools()).first;
      if (created_on === undefined) throw new NotTried('The contact shows no time.');
      if (epochOf(created_on) === null) return 'otherwise';
      return String(created_on).includes('T') ? 'ISO 8601' : 'documented';
    },
  }),

  assumption({
    id: 'ct-fields',
    section: 'CallTools: contact fields',
    assumes: 'Every account has the fields for names, address, time zone and state of a contact.',
    facts: [
      'Fields that every account has: names, address, `time_zone`, `do_not_contact`, `tags`, `buckets`, `add_buckets`, `remove_buckets`, `add_tags`, `remove_tags` (seen)',
    ],
    answers: {
      all: { holds: true, seen: 'The contact shows all of them.', todo: NOTHING, sandbox: USUAL },
      some: {
        holds: false,
        seen: 'The contact lacks some of the fields for names or address.',
        todo: 'Say in FIELD_MAP what your account calls them (docs/fields.md).',
        sandbox: { reshape: contactOf(({ zip_code: _, ...shown }) => shown) },
      },
      none: {
        holds: false,
        seen: 'The contact does not show do_not_contact, tags or buckets.',
        todo: TELL_US,
        sandbox: { reshape: contactOf(({ tags: _, ...shown }) => shown) },
      },
    },
    async ask({ contacts }) {
      const { first } = await contacts.inCallTools();
      const isThere = (names: string[]) => names.every((name) => name in first);
      if (!isThere(['do_not_contact', 'tags', 'buckets'])) return 'none';
      return isThere(['first_name', 'last_name', 'address', 'city', 'state', 'zip_code', 'country', 'time_zone'])
        ? 'all'
        : 'some';
    },
  }),
];
