// What happens in the demo, and what must be true of each contact in the end.

import { ed25519KeyPair } from '../../sandbox/keys.ts';
import { ABSENT, dialedAs, OUT, OUT_DNC } from '../../sandbox/observe/sight.ts';
import { ed25519Signer } from '../../sandbox/webhooks.ts';
import type { Contact, DeadLetters, KnownContact } from '../../shared/api/contacts.ts';
import type { LocatedRun } from '../../shared/api/status.ts';
import { CALLS } from './calls.ts';
import { CUSTOMER, dialed, LEAD, NOT_KNOWN, person, type Scenario, takenOut } from './scenario.ts';

/** These do not disturb each other. */
const EVERYDAY: Scenario[] = [
  {
    name: 'New cold lead',
    sent: "the guide's webhook, signed with HMAC",
    person: person('Nora Fields', '0101'),
    act: ({ guide }) => guide('ContactCreate'),
    ...dialed('Nora Fields'),
  },
  {
    name: 'New lead, from app',
    sent: 'tag added in GoHighLevel; its webhooks, Ed25519',
    person: person('Omar Haddad', '0102', { tags: [] }),
    act: ({ inApp }) => inApp((ghl, id) => ghl.editContact(id, { tags: LEAD, city: 'Miami' })),
    ...dialed('Omar Haddad'),
  },
  {
    name: 'Workflow action',
    sent: 'snake_case body, bearer token',
    person: person('Rosa Marin', '0103'),
    act: ({ workflow }) => workflow(),
    ...dialed('Rosa Marin'),
  },
  {
    name: 'Duplicate webhook',
    sent: 'the same bytes five times at once',
    person: person('Petra Lindqvist', '0104'),
    async act({ signed, contact: { id, locationId } }) {
      const body = { type: 'ContactCreate', location_id: locationId, timestamp: Date.now(), contact: { id } };
      await Promise.all(Array.from({ length: 5 }, () => signed(JSON.stringify(body))));
      return 'one contact';
    },
    ...dialed('Petra Lindqvist'),
  },
  {
    name: 'Duplicate contact',
    sent: 'a second entry with the same phone',
    person: person('Quentin Ames', '0105', { id: 'demoTwin0001' }),
    placed: true,
    async act({ sandbox, guide, contact, until, operator }) {
      const twin = await sandbox.ghl.addContact({ ...contact, id: 'demoTwin0002' }, { silent: true });
      await guide('ContactCreate', { contact: twin });
      await until(
        'shared_phone',
        async () => (await operator<Contact | undefined>('GET', `/contacts/${twin.id}`))?.reason ?? 'not known',
      );
      return 'one contact; the second entry: shared_phone';
    },
    ...dialed('Quentin Ames'),
  },
  {
    name: 'Edit',
    sent: 'new first name in GoHighLevel; Ed25519',
    person: person('Samir Okafor', '0106'),
    placed: true,
    act: ({ inApp }) => inApp((ghl, id) => ghl.editContact(id, { firstName: 'Sam' })),
    ...dialed('Sam Okafor'),
  },
  {
    name: 'Out of order',
    sent: '"now a customer", then the older "cold lead"',
    person: person('Tessa Brandt', '0107'),
    placed: true,
    async act({ silently, guide, until, sight, operator, contact: { id } }) {
      const older = Date.now() - 20_000;
      await silently({ tags: CUSTOMER });
      await guide('ContactTagUpdate', { tags: CUSTOMER });
      await until(OUT, sight);
      const late = await guide('ContactTagUpdate', { tags: LEAD, timestamp: older });
      await until('handled', async () => {
        const story = await operator<Contact>('GET', `/contacts/${id}`);
        const history = 'history' in story ? story.history : [];
        return history.some(({ event_id }) => event_id === late.id) ? 'handled' : 'not handled';
      });
      return 'also after the older one';
    },
    ...takenOut('route'),
  },
  {
    name: 'Becomes a customer',
    sent: 'tag "customer" added in GoHighLevel',
    person: person('Uma Castillo', '0108'),
    placed: true,
    act: ({ inApp }) => inApp((ghl, id) => ghl.editContact(id, { tags: CUSTOMER })),
    ...takenOut('route'),
  },
  {
    name: 'DND',
    sent: 'calls blocked in GoHighLevel',
    person: person('Victor Nystrom', '0109'),
    placed: true,
    act: ({ inApp }) => inApp((ghl, id) => ghl.setDnd(id, { call: 'permanent' })),
    answer: 202,
    callTools: OUT_DNC,
    reason: 'dnd',
  },
  {
    name: 'Tag removed',
    sent: 'tag taken off in GoHighLevel',
    person: person('Wanda Kessler', '0110'),
    placed: true,
    act: ({ inApp }) => inApp((ghl, id) => ghl.editContact(id, { tags: [] })),
    ...takenOut('no_route'),
  },
  {
    name: 'Deletion',
    sent: 'contact deleted in GoHighLevel',
    person: person('Xavier Dumont', '0111'),
    placed: true,
    act: ({ inApp }) => inApp((ghl, id) => ghl.deleteContact(id)),
    ...takenOut('deleted'),
  },
  {
    name: 'Forged webhook',
    sent: 'unsigned; altered after signing; signed by a stranger',
    person: person('Yara Bloom', '0112', { tags: CUSTOMER }),
    async act({ raw, sign, contact }) {
      const body = (tags: string[]) =>
        JSON.stringify({ type: 'ContactUpdate', timestamp: Date.now(), contact: { ...contact, tags } });
      const stranger = await ed25519Signer(ed25519KeyPair().privateKeyPem);
      const forged = body(LEAD);
      await raw(forged, {});
      await raw(forged, await sign(body(CUSTOMER)));
      await raw(forged, await stranger(new TextEncoder().encode(forged)));
    },
    ...NOT_KNOWN,
  },
  {
    name: 'Wrong secret',
    sent: 'HMAC with a guessed secret',
    person: person('Zane Porter', '0113', { tags: CUSTOMER }),
    act: ({ guide }) => guide('ContactTagUpdate', { tags: LEAD, secret: 'a guess' }),
    ...NOT_KNOWN,
  },
  {
    name: 'Old webhook again',
    sent: 'rightly signed, but six minutes old',
    person: person('Abel Winters', '0114', { tags: CUSTOMER }),
    act: ({ guide }) => guide('ContactTagUpdate', { tags: LEAD, timestamp: Date.now() - 6 * 60_000 }),
    ...NOT_KNOWN,
  },
  {
    name: 'Unreadable webhook',
    sent: 'rightly signed, but not JSON',
    person: person('Bea Lawson', '0115'),
    async act({ signed, operator, until, contact }) {
      await signed(`{"type": "ContactCreate", "contact": {"id": "${contact.id}", "firstName": "Bea`);
      const path = '/dead-letters?status=all&reason=unreadable_webhook';
      const letters = async () => (await operator<DeadLetters>('GET', path)).dead_letters;
      const status = async () => (await letters())[0]?.status ?? 'no dead letter';
      await until('waiting', status);
      const [letter] = await letters();
      await operator('POST', '/dead-letters/discard', { ids: [letter?.id] });
      await until('discarded', status);
      return 'dead letter unreadable_webhook, discarded by the operator; the backstop finds the contact';
    },
    answer: 202,
    callTools: ABSENT,
    reason: 'not known',
  },
  {
    name: 'Poison contact',
    sent: 'number that CallTools refuses to look up',
    person: person('Cleo Hartmann', '0116'),
    async act({ guide, operator, until, sandbox: { callTools }, contact: { id, phone } }) {
      callTools.faults.plan({ record: phone, do: { kind: 'status', status: 403 } });
      await guide('ContactCreate');
      const letters = async () =>
        (await operator<DeadLetters>('GET', `/dead-letters?status=all&contact=${id}`)).dead_letters;
      const status = async () => {
        const [letter] = await letters();
        return letter ? `${letter.reason}, ${letter.status}` : 'no dead letter';
      };
      await until('refused, waiting', status);
      callTools.faults.clear();
      await operator('POST', '/dead-letters/replay', { ids: [(await letters())[0]?.id] });
      await until('refused, resolved', status);
      return 'dead letter refused; replayed by the operator, resolved';
    },
    ...dialed('Cleo Hartmann'),
  },
  {
    name: 'Mistyped email',
    sent: 'email that CallTools refuses',
    person: person('Greta Olsen', '0120', { email: 'greta at example.com' }),
    async act({ guide, inApp, until, operator, contact: { id } }) {
      const leftOut = async () =>
        (await operator<KnownContact | undefined>('GET', `/contacts/${id}`))?.left_out.join() ?? 'not known';
      await guide('ContactCreate');
      await until('personal_email_address', leftOut);
      await inApp((ghl) => ghl.editContact(id, { email: 'greta.olsen@example.com' }));
      await until('', leftOut);
      return 'placed without its email; with it once it is corrected';
    },
    ...dialed('Greta Olsen'),
  },
];

const LOST_ANSWER: Scenario = {
  name: 'Answer lost',
  sent: 'CallTools writes, the connection breaks',
  person: person('Dario Fontana', '0117'),
  async act({ guide, sandbox, until, reason }) {
    const creation = { method: 'POST', path: '/api/contacts/' };
    sandbox.callTools.faults.plan({ match: creation, times: 1, do: { kind: 'after-reset' } });
    await guide('ContactCreate');
    await until(
      '1 answer lost',
      () => `${sandbox.callTools.calls.list().filter(({ fault }) => fault).length} answer lost`,
    );
    await until('placed', reason);
    return 'looked up before a second try: one contact';
  },
  ...dialed('Dario Fontana'),
};

/** Too short to open the circuit, which would wait 30 s before it looks again. */
const OUTAGE_MS = 5000;

const OUTAGE: Scenario = {
  name: 'CallTools down',
  sent: `a new lead; CallTools answers 503 for ${OUTAGE_MS / 1000} s`,
  person: person('Edda Sommer', '0118'),
  async act({ guide, pause, sandbox: { callTools }, until, sight }) {
    callTools.faults.plan({ do: { kind: 'status', status: 503, html: true } });
    await guide('ContactCreate');
    await pause(OUTAGE_MS);
    callTools.faults.clear();
    await until(dialedAs('Edda Sommer'), sight);
    return `one contact; calls that failed: ${callTools.calls.count({ status: 503 })}`;
  },
  ...dialed('Edda Sommer'),
};

const BACKSTOP: Scenario = {
  name: 'Missed webhook',
  sent: 'customer by a silent edit; POST /sync/trigger',
  person: person('Fritz Albrecht', '0119'),
  placed: true,
  async act({ silently, pause, sandbox: { ghl, callTools }, trigger, operator, until, sight }) {
    await silently({ tags: CUSTOMER });
    await pause(ghl.settings.searchLagMs + 100);
    const writes = () => callTools.calls.count({ method: 'POST' }) + callTools.calls.count({ method: 'PATCH' });
    const before = writes();
    await trigger();
    const run = async () => (await operator<{ runs: LocatedRun[] }>('GET', '/sync/runs')).runs[0];
    await until('complete', async () => (await run())?.state ?? 'no run');
    await until(OUT, sight);
    return `${(await run())?.seen} contacts compared, ${writes() - before} written`;
  },
  ...takenOut('route'),
};

/** Groups run one after the other, the scenarios of a group at once. */
export const SCENARIOS: Scenario[][] = [[...EVERYDAY, ...CALLS], [LOST_ANSWER], [OUTAGE], [BACKSTOP]];
