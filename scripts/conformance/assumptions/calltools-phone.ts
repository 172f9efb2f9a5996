// Assumptions of CallTools about the number of a contact.

import { refusedKeys } from '../../../workers/consumer/vendors/calltools-errors.ts';
import { assumption, NOTHING } from '../assumption.ts';
import { CONTACT_PATH as PATH } from '../dialer-contact.ts';
import { NotTried } from '../endings.ts';
import { patch, refusingField, withPhone } from '../in-calltools.ts';
import { hasNumber, objectOf, rowsOf } from '../rows.ts';
import { contactOf, USUAL } from '../sandbox-account.ts';

/** CallTools refused it (docs/vendors.md, CallTools: phone numbers). */
const UNDIALABLE = '+12222222222';

export const CALLTOOLS_PHONE = [
  assumption({
    id: 'ct-phone-field',
    section: 'CallTools: contact fields',
    assumes: 'CALLTOOLS_PHONE_FIELD is a phone field of the account, and a number in it can be dialed.',
    facts: [
      'Phone and email fields have names that differ by account (seen, several accounts)',
      'In one account the phone attaches only on a PATCH after the POST (seen)',
    ],
    answers: {
      attached: {
        holds: true,
        seen: 'The number was attached when the contact was created.',
        todo: NOTHING,
        sandbox: USUAL,
      },
      'attached later': {
        holds: true,
        seen: 'The number was attached only by a second write.',
        todo: 'Nothing to set: the pipeline writes it a second time where that is needed.',
        sandbox: { callTools: { phoneAttachOnCreate: false } },
      },
      dropped: {
        holds: false,
        seen: 'The number was not attached.',
        todo: 'Set CALLTOOLS_PHONE_FIELD to the API name of your phone field. npm run setup lists the names.',
        sandbox: { callTools: { phoneFields: ['phone_number_1'] } },
      },
      refused: {
        holds: true,
        seen: 'CallTools knows the field, and refused the number for fiction.',
        todo: 'Nothing to set. Run it again with --phone and a number of your own, which neither system has.',
        sandbox: {
          instead: refusingField('mobile_phone_number', { mobile_phone_number: ['Enter a valid phone number.'] }),
        },
      },
    },
    async ask({ contacts }) {
      const { phone } = await contacts.inCallTools();
      return phone === 'attached by PATCH' ? 'attached later' : phone;
    },
  }),

  assumption({
    id: 'ct-phone-form',
    section: 'CallTools: phone numbers',
    assumes: 'Numbers are stored as E.164.',
    facts: ['Numbers are sent and stored as E.164 (seen)'],
    answers: {
      'E.164': { holds: true, seen: 'The number is shown as E.164.', todo: NOTHING, sandbox: USUAL },
      otherwise: {
        holds: false,
        seen: 'The number is shown in another form.',
        todo: 'Nothing to set: numbers are compared by what they mean. Tell us, with this report.',
        sandbox: {
          reshape: contactOf((shown) => ({
            ...shown,
            mobile_phone_number: String(shown.mobile_phone_number).replace(/^\+1(...)(...)/, '($1) $2-'),
          })),
        },
      },
    },
    async ask(trial) {
      const { shown } = await withPhone(trial);
      return shown[trial.settings.phoneField] === trial.settings.phone ? 'E.164' : 'otherwise';
    },
  }),

  assumption({
    id: 'ct-phone-list',
    section: 'CallTools: phone numbers',
    assumes: 'A contact shows in _phone_numbers which numbers can be dialed.',
    facts: ['`_phone_numbers` holds objects in one account, texts in another (inferred)'],
    answers: {
      objects: { holds: true, seen: 'It holds objects.', todo: NOTHING, sandbox: USUAL },
      texts: {
        holds: true,
        seen: 'It holds texts.',
        todo: NOTHING,
        sandbox: { callTools: { phoneNumbersShape: 'texts' } },
      },
      absent: {
        holds: false,
        seen: 'It is absent, or empty, or holds something else.',
        todo: 'No setting yet: whether a number can be dialed is then taken from the phone field. Tell us, with this report.',
        sandbox: { reshape: contactOf(({ _phone_numbers: _, ...shown }) => shown) },
      },
    },
    async ask(trial) {
      const { _phone_numbers: list } = (await withPhone(trial)).shown;
      const [first] = Array.isArray(list) ? list : [];
      return typeof first === 'string' ? 'texts' : 'phone_number' in objectOf(first) ? 'objects' : 'absent';
    },
  }),

  assumption({
    id: 'ct-undialable',
    section: 'CallTools: phone numbers',
    assumes: 'A number that cannot be dialed is refused with 400, and the answer names the field.',
    facts: ['CallTools checks that a number can be dialed and answers 400 otherwise (seen)'],
    answers: {
      named: { holds: true, seen: 'It was refused, and the answer names the field.', todo: NOTHING, sandbox: USUAL },
      'not named': {
        holds: false,
        seen: 'It was refused in a form that does not name the field.',
        todo: 'No setting yet: such a contact is tried several times before it is a failed contact. Tell us, with this report.',
        sandbox: {
          instead: ({ body }) =>
            body?.mobile_phone_number === UNDIALABLE ? { status: 400, json: 'Bad number' } : undefined,
        },
      },
      taken: {
        holds: false,
        seen: 'It was not refused.',
        todo: 'Nothing to set. Numbers that cannot be dialed may stand in your buckets.',
        sandbox: {
          instead: ({ body }) => (body?.mobile_phone_number === UNDIALABLE ? { status: 200, json: {} } : undefined),
        },
      },
    },
    async ask(trial) {
      const { id } = await withPhone(trial);
      const { phoneField, phone } = trial.settings;
      const body = { [phoneField]: UNDIALABLE };
      const reply = await patch(
        trial,
        id,
        'Write a number that cannot be dialed to the test contact, and then its own again.',
        body,
      );
      if (reply.ok)
        await trial.caller.remove('calltools', { method: 'PATCH', path: PATH, id, body: { [phoneField]: phone } });
      if (reply.ok) return 'taken';
      return reply.status === 400 && refusedKeys(reply.json, body).length === 1 ? 'named' : 'not named';
    },
  }),

  assumption({
    id: 'ct-list-phones',
    section: 'CallTools: phone numbers',
    assumes: 'A row of a list may lack the numbers that the contact has.',
    facts: ['Rows of a list may lack the phones that the detail has (seen)'],
    answers: {
      lacking: {
        holds: true,
        seen: 'Rows of the list lack the numbers.',
        todo: 'Nothing to set: the contact itself is read.',
        sandbox: USUAL,
      },
      shown: {
        holds: false,
        seen: 'Rows of the list show the numbers.',
        todo: NOTHING,
        sandbox: { callTools: { listRowsOmitPhones: false } },
      },
    },
    async ask(trial) {
      const { id } = await withPhone(trial);
      const query = { ordering: '-id', page_size: '25' };
      const row = rowsOf(await trial.caller.read('calltools', { method: 'GET', path: '/contacts/', query })).find(
        (one) => one.id === id,
      );
      if (row === undefined) throw new NotTried('The list does not show the test contact on its first page.');
      return hasNumber(row, trial.settings.phone) ? 'shown' : 'lacking';
    },
  }),
];
