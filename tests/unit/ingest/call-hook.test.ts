// CallTools tells of a call at POST /webhook/calltools: it proves itself by a token, and whatever it says, all that is taken from it is
// which contact to look for.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attack, personal } from './hostile-harness.ts';
import { createStage, LOCATION, NOW } from './ingest-harness.ts';

const TOKEN = 'ct-9d1e77a3f0c25b84';
const ADDRESS = 'https://ingest.test/webhook/calltools';
const stageWith = (more: object = {}) => createStage({ CALLTOOLS_WEBHOOK_TOKEN: TOKEN, ...more });

type Sent = {
  query?: string;
  body?: ConstructorParameters<typeof Response>[0];
  headers?: Record<string, string>;
  method?: string;
};
const notice = ({ query = `?token=${TOKEN}`, body = '{"contact": 12}', headers = {}, method = 'POST' }: Sent = {}) =>
  new Request(`${ADDRESS}${query}`, { method, body: method === 'GET' ? null : (body ?? null), headers });

describe('a notice is accepted', () => {
  test.each<[string, Sent]>([
    ['with the token in the address', {}],
    ['with a bearer token', { query: '', headers: { authorization: `Bearer ${TOKEN}` } }],
    ['where the other place holds something else', { headers: { authorization: 'Bearer other' } }],
    ['at a path with a slash at its end', { query: `/?token=${TOKEN}` }],
  ])('%s', async (_name, sent) => {
    const stage = stageWith();
    const response = await stage.fetch(notice(sent));
    expect([response.status, await response.json()]).toEqual([202, { status: 'queued', id: 'new-1' }]);
    expect(stage.events.messages).toEqual([
      { v: 1, kind: 'calls.hint', locationId: LOCATION, callToolsId: 12, eventId: 'new-1', receivedAt: NOW },
    ]);
    expect(stage.lines.join()).not.toContain(TOKEN);
    expect(stage.log()).toMatchObject([{ event: 'webhook.queued', eventType: 'CallHook', locationId: LOCATION }]);
  });

  test('and does not count as a webhook of GoHighLevel', async () => {
    const written: string[] = [];
    const stage = stageWith();
    const { prepare } = stage.env.DB;
    stage.env.DB = {
      prepare(sql) {
        written.push(sql);
        return prepare(sql);
      },
    };
    await stage.fetch(notice());
    await stage.finished();
    expect(written).toEqual([]);
  });
});

describe('a notice is refused', () => {
  test.each<[string, Sent, object]>([
    ['without a token', { query: '' }, {}],
    ['with an empty one', { query: '?token=' }, {}],
    ['with a wrong one', { query: `?token=${TOKEN}x` }, {}],
    ['with a wrong bearer token', { query: '', headers: { authorization: 'Bearer x' } }, {}],
    ['while none is set', { query: '?token=' }, { CALLTOOLS_WEBHOOK_TOKEN: '' }],
    ['while none is set, whatever is sent', {}, { CALLTOOLS_WEBHOOK_TOKEN: undefined }],
    ['with the token of workflow actions', { query: '?token=wf' }, { GHL_WORKFLOW_TOKEN: 'wf' }],
  ])('%s', async (_name, sent, more) => {
    const stage = stageWith(more);
    const response = await stage.fetch(notice(sent));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/CALLTOOLS_WEBHOOK_TOKEN.*--call-hooks/),
    });
    expect([stage.events.messages, stage.deadLetters.messages]).toEqual([[], []]);
    expect(stage.lines.join()).not.toContain('token=');
    expect(stage.log()).toMatchObject([{ event: 'webhook.refused', reason: 'wrong_calltools_token' }]);
  });

  test('by another method', async () => {
    expect((await stageWith().fetch(notice({ method: 'GET' }))).status).toBe(405);
  });
});

describe('the location', () => {
  const several = { LOCATIONS: { other: {} } };
  test.each([
    ['is the only one there is', '', {}, 202],
    ['must be named where there are several', '', several, 400],
    ['may be any of them', '&location=other', several, 202],
    ['must be one of them', '&location=third', several, 400],
    ['must be an id', '&location=a%20b', several, 400],
    ['may not be known yet', '&location=third', { LOCATIONS: '{' }, 429],
  ])('%s', async (_name, query, more, status) => {
    const stage = stageWith(more);
    const response = await stage.fetch(notice({ query: `?token=${TOKEN}${query}` }));
    expect([response.status, stage.events.messages.length]).toEqual([status, status === 202 ? 1 : 0]);
    if (status === 400) expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/location=/) });
  });
});

describe('the contact', () => {
  const idIn = async (body: Sent['body']) => {
    const stage = stageWith();
    const response = await stage.fetch(notice({ body }));
    const [message] = stage.events.messages;
    return [response.status, message?.kind === 'calls.hint' ? message.callToolsId : 'none'];
  };

  test.each<[string, number | null]>([
    ['{"id": 7, "contact": 12, "disposition": 3}', 12],
    ['{"id":7,"contact":"12"}', 12],
    ['{"contact_id": "12", "agent": "AppUser object (0b9c-7)"}', 12],
    ['{"call": {"contact": {"id": 12, "first_name": "Qvist"}}}', 12],
    ['{"contact": "Contact object (12)"}', 12],
    ["{'contact': 12, 'app_user': <AppUser object (0b9c-7)>, 'campaign': None}", 12],
    ["{'contact': <Contact: Contact object (12)>}", 12],
    ['{"body": "{\\"contact_id\\": \\"12\\"}"}', 12],
    ['contact_id=12&x=1', 12],
    ['{"contact": null}', null],
    ['{"contact": "None"}', null],
    ['{"contact": 0}', null],
    ['{"contact": 12.5}', null],
    ['{"contact": -12}', null],
    ['{"contact": "12345678-90ab-cdef"}', null],
    ['{"contact": 12345678901234567890}', null],
    ['{"id": 12, "contacted": 13}', null],
    ['[]', null],
    ['', null],
  ])('of %s', async (body, id) => {
    expect(await idIn(body)).toEqual([202, id]);
  });

  test('of a body that is too large, or ends too soon, is not known, and the notice counts all the same', async () => {
    expect(await idIn('x'.repeat(300_000))).toEqual([202, null]);
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    const request = new Request(notice(), { body: broken, duplex: 'half' } as RequestInit);
    const stage = stageWith();
    expect((await stage.fetch(request)).status).toBe(202);
    expect(stage.events.messages).toMatchObject([{ callToolsId: null }]);
  });

  test('is found wherever it stands, in JSON and in Python’s notation', async () => {
    const noise = fc.dictionary(
      fc.constantFrom('id', 'call_uuid', 'app_user', 'phone_number'),
      fc.oneof(personal, fc.nat()),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 999_999_999 }),
        noise,
        fc.boolean(),
        fc.nat(3),
        async (id, more, python, form) => {
          const value = [id, String(id), { id }, `Contact object (${id})`][form];
          const json = JSON.stringify({ contact: value, ...more });
          const body = python ? json.replaceAll('"', "'").replaceAll('null', 'None') : json;
          expect(await idIn(body)).toEqual([202, id]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('whatever is sent with the token is answered and leaks nothing', async () => {
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
    fc.json().map((text) => new TextEncoder().encode(text)),
    personal.map((text) => new TextEncoder().encode(`{"contact": "${text}", 'contact_id': ${text}`)),
    fc.nat(50_000).map((n) => new TextEncoder().encode(`contact${' '.repeat(n)}`.repeat(1 + (n % 4)))),
  );
  await fc.assert(
    fc.asyncProperty(bodies, fc.boolean(), async (body, isRight) => {
      const sent = notice({ query: `?token=${isRight ? TOKEN : 'wrong'}`, body });
      const { status, stage, deadLetters } = await attack(sent, stageWith());
      expect([status, deadLetters]).toEqual([isRight ? 202 : 401, []]);
      expect(stage.lines.join()).not.toContain(TOKEN);
    }),
    { numRuns: 300 },
  );
});
