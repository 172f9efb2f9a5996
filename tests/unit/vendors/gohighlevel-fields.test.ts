// The real GoHighLevel client reads odd fields: none hides a contact, and none of a sign against dialing is lost.

import { describe, expect, test } from 'vitest';
import { CONTACT, failureOf } from '../../support/vendor-harness.ts';
import { answering, contact } from './gohighlevel-harness.ts';

const read = async (changes: Record<string, unknown>) => {
  const answer = await answering(200, contact(changes)).read(CONTACT);
  if (answer.kind !== 'found') throw new Error('expected a contact');
  return answer.contact;
};

describe('odd fields', () => {
  test('a field of an unexpected type never hides a contact', async () => {
    expect(
      await read({ firstName: { a: 1 }, phone: ['x'], city: true, lastName: null, state: undefined }),
    ).toMatchObject({
      id: CONTACT,
      firstName: null,
      phone: null,
      city: null,
      lastName: null,
    });
  });

  test('numbers are texts', async () => {
    expect(await read({ phone: 13055550142, postalCode: 33101, tags: ['a', 7] })).toMatchObject({
      phone: '13055550142',
      postalCode: '33101',
      tags: ['a', '7'],
    });
  });

  test.each([
    [undefined, []],
    [null, []],
    [[], []],
    [['cold lead', null], ['cold lead']],
    ['cold lead,vip', ['cold lead', 'vip']],
  ])('tags %j read as %j', async (tags, expected) => {
    expect((await read({ tags })).tags).toEqual(expected);
  });

  test.each([
    [[{ name: 'customer' }, 'cold lead'], ['cold lead'], ['customer']],
    [[['customer'], 'cold lead'], ['cold lead'], ['customer']],
    [{ 0: 'customer' }, [], ['customer']],
    ['["customer","x"]', [], ['customer', 'x']],
    ['customer;x', [], ['customer;x', 'customer', 'x']],
    [['cold lead', null], ['cold lead'], []],
    [true, [], []],
  ])('tags that cannot be read whole say so, and what may be among them: %j', async (tags, sure, perhaps) => {
    const answer = await answering(200, contact({ tags })).read(CONTACT);
    expect(answer).toMatchObject({ unread: ['contact.tags'], contact: { tags: sure, oddTags: perhaps } });
  });

  test.each([
    [{ deleted: true }, 'gone', undefined],
    [{ deletedAt: '2026-11-28T10:00:00Z' }, 'gone', undefined],
    [{ is_deleted: 'perhaps' }, 'found', true],
    [{ isDeleted: {} }, 'found', true],
    [{ '_-Is-Deleted': 'perhaps' }, 'found', true],
    [{ deleted: false, deletedAt: null, isDeleted: 'false', dateDeleted: '' }, 'found', undefined],
  ])('of a contact that says %j it is told that it is %s, and removed perhaps: %s', async (fields, kind, removed) => {
    for (const body of [contact(fields), { ...contact(), ...fields }]) {
      const answer = await answering(200, body).read(CONTACT);
      expect([answer.kind, 'removed' in answer ? answer.removed : undefined]).toEqual([kind, removed]);
    }
  });

  test('a contact that shows nothing but that it is deleted is gone', async () => {
    expect(await answering(200, { contact: { deleted: true } }).read(CONTACT)).toMatchObject({ kind: 'gone' });
  });

  test('a contact that cannot be told for ours says so', async () => {
    const odd = (changes: Record<string, unknown>) => answering(200, { contact: { tags: ['cold lead'], ...changes } });
    expect(await odd({ id: 7, dnd: true }).read(CONTACT)).toMatchObject({ unread: ['contact.id'] });
    expect(await odd({ id: CONTACT, locationId: 'other', dnd: true }).read(CONTACT)).toMatchObject({
      unread: ['contact.locationId'],
      elsewhere: true,
      contact: { dnd: true },
    });
  });

  test.each([{}, { contact: null }, { contact: { id: 5 } }, { contact: [] }, [], 'text', null, 7, { message: 'busy' }])(
    'no contact in %j is the vendor’s trouble, for now',
    async (body) => {
      const failed = await failureOf(answering(200, body).read(CONTACT));
      expect(failed).toMatchObject({ kind: 'transient', vendor: 'gohighlevel' });
    },
  );

  test('an answer of no known form is described, not quoted: it may be about a person', async () => {
    const failed = await failureOf(answering(200, { contact: { firstName: 'Dana Reyes' } }).read(CONTACT));
    expect(failed.error).toContain('of no known form');
    expect(failed.error).not.toContain('Dana');
  });
});
