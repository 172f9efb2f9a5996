// Which decisions may rest on an answer that cannot be read whole, and what a person reads about the rest.

import { expect, test } from 'vitest';
import { type Known, OF_ANOTHER_LOCATION, readContact } from '../../../workers/consumer/domain/contact.ts';
import type { Decision } from '../../../workers/consumer/domain/decide.ts';
import { requireWhole, unreadRest } from '../../../workers/consumer/sync/partial-read.ts';
import { decisionOf } from '../../support/batch-harness.ts';
import { failureOf } from '../../support/vendor-harness.ts';

const UNREAD = ['contact.phone', 'contact.tags'];
const found = (more: object = {}): Known => ({ kind: 'found', contact: readContact({}).contact, ...more }) as Known;
const required = (decision: Decision, read: Known) => (async () => requireWhole(decision, read))();

test.each<[string, Decision]>([
  ['it keeps the number out', decisionOf('out', { unread: UNREAD })],
  ['do-not-disturb is on', decisionOf('dnc', { unread: UNREAD })],
  ['it is deleted', decisionOf('none', { reason: 'deleted', unread: UNREAD })],
  ['a webhook says so', decisionOf('none', { reason: 'webhook_said_out', unread: UNREAD })],
])('whatever else there is, a contact is out where %s', async (_, decision) => {
  await expect(required(decision, found({ elsewhere: true }))).resolves.toBeUndefined();
  await expect(required(decision, found())).resolves.toBeUndefined();
});

test.each<[string, Decision]>([
  ['it would be placed', decisionOf('place')],
  ['no route matches', decisionOf('none')],
])('another location’s contact fails for good where %s', async (_, decision) => {
  expect(await failureOf(required(decision, found({ elsewhere: true })))).toEqual(OF_ANOTHER_LOCATION);
  expect(await failureOf(required({ ...decision, unread: UNREAD }, found({ elsewhere: true })))).toEqual(
    OF_ANOTHER_LOCATION,
  );
  await expect(required(decision, found())).resolves.toBeUndefined();
  await expect(required(decision, { kind: 'gone' })).resolves.toBeUndefined();
});

test.each(['place', 'none'] as const)(
  'a decision (%s) that depends on unread fields is tried again, and names them',
  async (intent) => {
    expect(await failureOf(required(decisionOf(intent, { unread: UNREAD }), found({ unread: UNREAD })))).toEqual({
      ...{ kind: 'transient', vendor: 'gohighlevel' },
      error: 'GoHighLevel’s answer cannot be read at contact.phone, contact.tags',
    });
  },
);

test.each<[string, Decision | null, object | null]>([
  ['nothing where nothing was decided', null, null],
  ['nothing where the answer was whole', decisionOf('out'), null],
  [
    'that the contact is another location’s',
    decisionOf('out', { elsewhere: true, unread: UNREAD }),
    OF_ANOTHER_LOCATION,
  ],
  [
    'which fields cannot be read',
    decisionOf('out', { unread: ['contact.tags'] }),
    {
      ...{ kind: 'contact', code: 'unexpected_response' },
      error: 'GoHighLevel’s answer cannot be read at contact.tags',
    },
  ],
])('a person is told %s', (_, decision, told) => {
  expect(unreadRest(decision)).toEqual(told);
});
