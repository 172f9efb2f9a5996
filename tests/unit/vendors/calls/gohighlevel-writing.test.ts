// The real GoHighLevel client writes: tags beside those that are there, one channel of do-not-disturb, and what each answer means.

import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type GoHighLevelSettings } from '../../../../sandbox/gohighlevel/settings.ts';
import { CONTACT, failureOf, goHighLevelStage } from '../../../support/vendor-harness.ts';
import { answering } from '../gohighlevel-harness.ts';

const MAY_WRITE = { scopes: [...DEFAULT_SETTINGS.scopes, 'contacts.write'] };
const SMS = { status: 'active', message: 'stop', code: '1' };

async function writable(version = '2021-07-28', settings: Partial<GoHighLevelSettings> = {}) {
  const stage = goHighLevelStage({ ...MAY_WRITE, ...settings }, { version });
  const { id } = await stage.vendor.addContact({ tags: ['cold lead'], dndSettings: { SMS } });
  return { ...stage, id, contact: () => stage.vendor.contacts()[0] };
}

test('tags are added, and never put', async () => {
  const { client, id, sent, contact } = await writable();
  expect(await client.addTags(id, ['Dialer: Called'])).toEqual({ kind: 'done' });
  expect(contact()?.tags).toEqual(['cold lead', 'dialer: called']);
  expect(sent.map(({ method, url, body }) => [method, url.pathname, body])).toEqual([
    ['POST', `/contacts/${id}/tags`, '{"tags":["Dialer: Called"]}'],
  ]);
});

describe('call do-not-disturb', () => {
  test.each(['2021-07-28', 'v3'])('in version %s sends the other channels back as read', async (version) => {
    for (const dndWrite of ['kept', 'replaced'] as const) {
      const { client, id, contact } = await writable(version, { dndWrite });
      expect(await client.blockCalls(id)).toEqual({ kind: 'done' });
      expect(contact()?.dndSettings).toEqual({ SMS, Call: { status: 'active', message: expect.any(String) } });
    }
  });

  test('is not written where calls are blocked already, or the contact is gone', async () => {
    const { client, vendor, id, sent } = await writable();
    await vendor.setDnd(id, { dnd: true });
    expect([await client.blockCalls(id), await client.blockCalls('none')]).toEqual([
      { kind: 'done' },
      { kind: 'gone' },
    ]);
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  test('is never written to another location’s contact', async () => {
    const { client, hooks, id, sent } = await writable();
    hooks.meddle = async () => Response.json({ contact: { id, locationId: 'another', dnd: false } });
    expect(await failureOf(client.blockCalls(id))).toMatchObject({ kind: 'contact', code: 'wrong_location' });
    expect(sent.map(({ method }) => method)).toEqual(['GET']);
  });
});

test('a workflow and a note', async () => {
  const { client, vendor, id } = await writable();
  expect([await client.startWorkflow(id, 'wf1'), await client.addNote(id, 'Dialer: x')]).toEqual([
    { kind: 'done' },
    { kind: 'done' },
  ]);
  expect(vendor.written).toMatchObject({
    workflowStarts: [{ contactId: id, workflowId: 'wf1' }],
    notes: [{ contactId: id, body: 'Dialer: x' }],
  });
});

describe('what an answer means', () => {
  const tag = (status: number, body: unknown) => answering(status, body).addTags(CONTACT, ['x']);

  test.each([
    [401, 'The token is not authorized for this scope.'],
    [403, 'This authClass type is not allowed to access this scope'],
  ])('%i %s: nobody can be written to', async (status, message) => {
    expect(await tag(status, { message })).toMatchObject({
      kind: 'no_scope',
      error: expect.stringContaining('(the token needs the scope contacts.write)'),
    });
  });

  test.each([
    [400, { message: 'Contact not found' }],
    [404, { message: 'Contact not found' }],
  ])('%i: the contact is gone', async (status, body) => {
    expect(await tag(status, body)).toEqual({ kind: 'gone' });
  });

  test.each([
    [401, 'Invalid JWT'],
    [403, 'The token does not have access to this location.'],
    [404, 'Workflow not found'],
    [409, 'Conflict'],
  ])('%i %s: this write is refused, for whatever reason', async (status, message) => {
    expect(await failureOf(tag(status, { message }))).toMatchObject({ kind: 'refused', sign: 'record' });
  });

  test('422 with a list of complaints: its data is refused', async () => {
    expect(await failureOf(tag(422, { message: ['tags must be an array'] }))).toMatchObject({
      kind: 'contact',
      code: 'rejected',
    });
  });

  test.each<unknown>([
    { message: 'Service temporarily unavailable' },
    { detail: 'Service temporarily unavailable' },
    { error: { code: 'busy' } },
    { errors: ['busy'] },
    { statusCode: 500, message: 'Internal server error' },
    { statusCode: '503' },
    { statusCode: 429, succeded: true },
    { status: 503, contact: { id: CONTACT } },
    { contact: null, message: 'busy' },
    { id: null, error: 'busy' },
    { tags: null, message: 'busy' },
    { succeded: false },
    { succeeded: false, contact: { id: CONTACT } },
    { success: false, message: 'busy' },
  ])('200 %j is an error in disguise: try again, and what must happen once may have happened', async (body) => {
    const client = answering(200, body);
    expect(await failureOf(client.addTags(CONTACT, ['x']))).toMatchObject({ kind: 'transient', lagging: true });
    for (const once of [client.addNote(CONTACT, 'x'), client.startWorkflow(CONTACT, 'wf1')])
      expect(await failureOf(once)).toMatchObject({ kind: 'transient', unanswered: true });
  });

  test.each<unknown>([
    {},
    null,
    [],
    true,
    { tags: [], traceId: 't' },
    { tags: ['x'], tagsAdded: ['x'], message: 'Added' },
    { succeded: true, message: 'Done' },
    { succeeded: true, error: null },
    { success: true, message: 'Done' },
    { note: { id: 'n' }, message: 'Done' },
    { id: 'n', body: 'x', message: 'Done' },
    { contact: { id: CONTACT }, errors: [] },
    { statusCode: 200, traceId: 't' },
    { statusCode: 201, message: '' },
  ])('200 %j: it is done', async (body) => {
    const client = answering(200, body);
    for (const call of [
      client.addTags(CONTACT, ['x']),
      client.addNote(CONTACT, 'x'),
      client.startWorkflow(CONTACT, 'w'),
    ])
      expect(await call).toEqual({ kind: 'done' });
  });

  test('200 without a body: it is done', async () => {
    const { client } = goHighLevelStage({}, { meddle: async () => new Response('') });
    expect([await client.addTags(CONTACT, ['x']), await client.addNote(CONTACT, 'x')]).toEqual([
      { kind: 'done' },
      { kind: 'done' },
    ]);
  });

  test('5xx: try again, and nothing is said of reads', async () => {
    expect(await failureOf(tag(503, {}))).toMatchObject({ kind: 'transient', lagging: true });
  });
});
