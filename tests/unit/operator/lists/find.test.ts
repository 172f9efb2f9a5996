// POST /api/v1/contacts/find: by phone, id, CallTools id or name, over several locations, and what it says where nothing is found.

import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { FoundContacts } from '../../../../shared/api/lists.ts';
import { phoneHash } from '../../../../workers/consumer/domain/phone.ts';
import type { OperatorDeps } from '../../../../workers/consumer/operator/deps.ts';
import { backstopStage } from '../../../support/consumer-harness.ts';
import {
  ask,
  expectProblem,
  LOCATION,
  locationsOf,
  operatorDeps,
  seedContact,
} from '../../../support/operator-harness.ts';

const BOTH = await locationsOf([LOCATION, 'two']);
const NUMBER = '+13055550142';

let sqlite: ReturnType<typeof openSqlite>;
let db: ReturnType<ReturnType<typeof openSqlite>['bind']>;
beforeEach(async () => {
  sqlite = openSqlite();
  db = sqlite.bind(async (act) => act());
  for (const location of [LOCATION, 'two']) {
    const hash = await phoneHash(location, NUMBER);
    await seedContact(db, `has-${location}`, { state: 'placed', reason: 'placed', phone_hash: hash }, location);
    await seedContact(db, 'former', { state: 'kept_out', reason: 'no_phone' }, location);
    sqlite.rows(
      `INSERT INTO dialer (location_id, phone_hash, contact_id, calltools_id, updated_at) VALUES (?1, ?2, 'former', 77, 1)`,
      location,
      hash,
    );
  }
});

const send = (body: object, changes: Partial<OperatorDeps> = {}, query = '') => {
  const { deps, lines } = operatorDeps(db, { locations: BOTH, ...changes });
  return { answer: ask(`/api/v1/contacts/find${query}`, deps, body), lines };
};
const find = async (...args: Parameters<typeof send>) => (await (await send(...args).answer).json()) as FoundContacts;
const ids = ({ data }: FoundContacts) =>
  data.map(({ contact_id, location_id }) => `${location_id}/${contact_id}`).sort();

test.each([[NUMBER], ['(305) 555-0142'], ['tel:305.555.0142']])(
  'a number as %s is found in every location',
  async (phone) => {
    const found = await find({ phone });
    expect(ids(found)).toEqual(
      [`${LOCATION}/former`, `${LOCATION}/has-${LOCATION}`, 'two/former', 'two/has-two'].sort(),
    );
    expect(found).toMatchObject({ next: null, note: null, unread: [] });
    expect(ids(await find({ phone }, {}, '?location=two'))).toEqual(['two/former', 'two/has-two']);
  },
);

test('a number is in no answer and no log line', async () => {
  const { answer, lines } = send({ phone: '3055550143' });
  const text = await (await answer).text();
  expect(text).toContain(
    'No contact with this number is known here, so this pipeline has put nobody with it into the dialer.',
  );
  expect(text + lines.join()).not.toContain('5550143');
});

test.each([['305'], ['call me'], ['+1 305 555 0142 ext 9']])(
  '%s is no number, and the answer says what one looks like',
  async (phone) => {
    const { answer } = send({ phone });
    await expectProblem(await answer, 400, /no valid phone number, read as one of US \(DEFAULT_COUNTRY\)/);
  },
);

test('an id and a CallTools id are found; others are not, and the answer says what that means', async () => {
  expect(ids(await find({ id: 'has-two' }))).toEqual(['two/has-two']);
  expect(ids(await find({ calltools_id: 77 }, {}, '?location=two'))).toEqual(['two/former', 'two/has-two']);
  expect(await find({ id: 'nobody' })).toMatchObject({ data: [], note: expect.stringContaining('this id') });
  expect(await find({ calltools_id: 78 })).toMatchObject({ data: [], note: expect.stringContaining('CallTools id') });
});

test.each([[{}], [{ id: 'a', name: 'b' }], [{ surname: 'x' }], [{ calltools_id: '7' }], [{ name: ' ' }]])(
  '%j is refused',
  async (body) => {
    const { answer } = send(body);
    await expectProblem(await answer, 400, /one of these|of this form|must/);
  },
);

describe('by name', () => {
  test('known contacts have their row, and others are unknown; a location that does not answer is named', async () => {
    const findByName: OperatorDeps['findByName'] = async (_name, { GHL_LOCATION_ID }) =>
      GHL_LOCATION_ID === 'two'
        ? { kind: 'unread', error: 'It is down.' }
        : { kind: 'found', contactIds: [`has-${LOCATION}`, 'new'] };
    expect(await find({ name: 'Dana' }, { findByName })).toMatchObject({
      data: [
        { contact_id: `has-${LOCATION}`, state: 'placed' },
        { contact_id: 'new', state: 'unknown', reason: null },
      ],
      unread: [{ location_id: 'two', error: 'It is down.' }],
    });
  });

  test('where no location answers it is not known, and the answer says why', async () => {
    const { answer } = send({ name: 'Dana' }, { findByName: async () => ({ kind: 'unread', error: 'It is down.' }) });
    await expectProblem(await answer, 503, /It is down\. two: It is down/);
  });

  test.each([['reyes dana'], ['Dana'], ["O'Brien"]])(
    'GoHighLevel is asked for %s, and nothing of it is kept',
    async (name) => {
      const stage = backstopStage();
      const dana = await stage.ghl.addContact({ firstName: 'Dana', lastName: "Reyes O'Brien" }, { silent: true });
      await stage.ghl.addContact({ firstName: 'Dan', lastName: 'Smith' }, { silent: true });
      const found = (await (await stage.fetch('POST', '/api/v1/contacts/find', { name })).json()) as FoundContacts;
      expect(found.data.map(({ contact_id }) => contact_id)).toEqual([dana.id]);
      expect(JSON.stringify([found, stage.log])).not.toMatch(/Dana|Reyes|Brien/i);
    },
  );
});
