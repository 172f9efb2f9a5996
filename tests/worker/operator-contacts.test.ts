// Why a contact is (not) in the dialer, as an operator is told; against real D1.

import { describe, expect, test } from 'vitest';
import { FAILURES, PLACES } from '../../workers/consumer/domain/explanations.ts';
import {
  aLetter,
  ask,
  dataOf,
  expectProblem,
  HOUR,
  iso,
  keep,
  LOCATION,
  MINUTE,
  NOW,
  operatorDeps,
  seedContact,
  stageOfFile,
} from '../support/operator-harness.ts';

const stage = stageOfFile();

describe('why a contact is (not) in the dialer', () => {
  test('a placed one: where CallTools has it, and what happened to it', async () => {
    const history = [{ at: NOW - MINUTE, outcome: 'done', reason: 'placed', eventId: 'event1', source: 'webhook' }];
    await seedContact(stage.db, 'lead1', {
      state: 'placed',
      reason: 'placed',
      route: 'cold-lead',
      wish: 'place',
      phone_hash: 'hash1',
      read_at: NOW - MINUTE,
      lease_until: NOW + MINUTE,
      history: JSON.stringify(history),
    });
    await seedContact(stage.db, 'twin', { phone_hash: 'hash1' });
    await seedContact(stage.db, 'colleague', { phone_hash: 'hash2' });
    await stage.db.batch([
      stage.db
        .prepare(
          `INSERT INTO calltools_numbers (location_id, calltools_id, phone_hash, seen_at) VALUES (?1, 90112233, 'hash1', 1), (?1, 90112233, 'hash2', 1)`,
        )
        .bind(LOCATION),
      stage.db
        .prepare(
          `INSERT INTO dialer (location_id, phone_hash, contact_id, calltools_id, held, verified_at, updated_at) VALUES (?1, 'hash1', 'lead1', 90112233, 1, ?2, ?2)`,
        )
        .bind(LOCATION, NOW - MINUTE),
      stage.db
        .prepare(
          `INSERT INTO dialer (location_id, phone_hash, contact_id, calltools_id, held, updated_at) VALUES (?1, 'earlier', 'lead1', 4711, 0, 1)`,
        )
        .bind(LOCATION),
    ]);
    const data = await dataOf(ask('/contacts/lead1', operatorDeps(stage.db).deps));
    expect(data).toEqual({
      contact_id: 'lead1',
      location_id: LOCATION,
      state: 'placed',
      reason: 'placed',
      sentence: 'In "Cold Leads" because of tag "cold lead".',
      links: {
        gohighlevel: `https://app.gohighlevel.com/v2/location/${LOCATION}/contacts/detail/lead1`,
        calltools: null,
      },
      timeline: [
        { at: iso(NOW - MINUTE), step: 'decided', text: 'In the dialer.', attempts: null },
        { at: iso(NOW - HOUR), step: 'received', text: 'It became known here.', attempts: null },
      ],
      explanation: `In the dialer. ${PLACES.placed.what}`,
      what_to_do: 'Nothing to do.',
      left_out: [],
      route: 'cold-lead',
      wish: 'place',
      attempts: 0,
      condition: null,
      error: null,
      lease: { until: iso(NOW + MINUTE) },
      read_at: iso(NOW - MINUTE),
      read_again_at: null,
      created_at: iso(NOW - HOUR),
      updated_at: iso(NOW - MINUTE),
      history: [{ at: iso(NOW - MINUTE), outcome: 'done', reason: 'placed', source: 'webhook', event_id: 'event1' }],
      calltools_id: 90112233,
      dialer: [
        {
          number: 'present',
          calltools_id: 90112233,
          in_a_bucket: true,
          shows_contact_id: 'lead1',
          verified_at: iso(NOW - MINUTE),
          hold: null,
        },
        {
          number: 'earlier',
          calltools_id: 4711,
          in_a_bucket: false,
          shows_contact_id: 'lead1',
          verified_at: null,
          hold: null,
        },
      ],
      same_phone: ['twin'],
      same_calltools_contact: ['colleague'],
      duplicate_labels: [],
      dead_letters: [],
      calls: [],
    });
  });

  test.each(Object.entries({ ...PLACES, ...FAILURES }))(
    'the reason %s is explained',
    async (reason, { what, todo }) => {
      await seedContact(stage.db, 'one', { state: reason in FAILURES ? 'failed' : 'kept_out', reason });
      const data = await dataOf(ask('/contacts/one', operatorDeps(stage.db).deps));
      expect(data).toMatchObject({
        reason,
        explanation: expect.stringContaining(what),
        what_to_do: expect.stringContaining(todo),
        lease: null,
      });
    },
  );

  test('a failed one comes with its dead letters, newest first', async () => {
    await seedContact(stage.db, 'lead1', { state: 'failed', reason: 'rejected', error: 'CallTools answered 400' });
    await keep(
      stage.db,
      aLetter({ id: 'd-1', contactId: 'lead1' }),
      aLetter({ id: 'd-2', contactId: 'lead1', deadAt: NOW }),
      aLetter(),
    );
    const data = await dataOf<{ dead_letters: { id: string }[] }>(ask('/contacts/lead1', operatorDeps(stage.db).deps));
    expect(data).toMatchObject({ state: 'failed', error: 'CallTools answered 400' });
    expect(data.dead_letters.map(({ id }) => id)).toEqual(['d-2', 'd-1']);
  });

  test('one that is being retried says so', async () => {
    await seedContact(stage.db, 'lead1', { attempts: 3, error: 'POST /contacts/: 502' });
    expect(await dataOf(ask('/contacts/lead1', operatorDeps(stage.db).deps))).toMatchObject({
      state: 'pending',
      attempts: 3,
      error: 'POST /contacts/: 502',
      explanation: expect.stringContaining('tried again'),
    });
  });

  test('one of which only a dead letter is known', async () => {
    await keep(stage.db, aLetter({ contactId: 'lead1', reason: 'retries_exhausted' }));
    expect(await dataOf(ask('/contacts/lead1', operatorDeps(stage.db).deps))).toMatchObject({
      state: 'unknown',
      dead_letters: [{ reason: 'retries_exhausted' }],
    });
  });

  test('one that nobody knows: what that may mean', async () => {
    await seedContact(stage.db, 'lead1', {}, 'anotherLocation');
    await expectProblem(
      await ask('/contacts/lead1', operatorDeps(stage.db).deps),
      404,
      /no route of the rules matches its tags.*POST \/sync\/trigger/,
    );
  });

  test.each(['%20', 'a%2Fb', 'x'.repeat(65)])('refuses the id %j', async (id) => {
    await expectProblem(await ask(`/contacts/${id}`, operatorDeps(stage.db).deps), 400, /contact id/);
  });
});
