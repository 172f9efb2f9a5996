// One call to a vendor: what is sent, and the answers that the caller understands.

import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../workers/consumer/vendors/call.ts';
import { failureOf, jsonAnswer } from '../../support/vendor-harness.ts';
import { ANY, answering, failure, GET } from './http-harness.ts';

describe('a request', () => {
  test('a body goes out as JSON, with the headers given, and redirects are not followed', async () => {
    const { http, sent } = answering(jsonAnswer(200, { id: 1 }));
    await http.call({ ...ANY, method: 'POST', path: '/contacts/', body: { a: [1] } });
    const [request] = sent;
    expect([request?.method, request?.url, request?.redirect]).toEqual([
      'POST',
      'https://v.test/api/contacts/',
      'manual',
    ]);
    expect(request?.headers.get('content-type')).toBe('application/json');
    expect(request?.headers.get('authorization')).toBe('Token k');
    expect(await request?.json()).toEqual({ a: [1] });
  });

  test('without a body there is no content type', async () => {
    const { http, sent } = answering(jsonAnswer(200, {}));
    await http.call(GET);
    expect(sent[0]?.headers.has('content-type')).toBe(false);
  });
});

describe('an answer that the caller understands', () => {
  test.each([200, 201])('%i comes back with its data', async (status) => {
    expect(await answering(jsonAnswer(status, { a: 1 })).http.call(GET)).toMatchObject({
      ok: true,
      status,
      data: { a: 1 },
    });
  });

  test.each([400, 404, 409, 422])('%i comes back with its JSON where that speaks of the record', async (status) => {
    expect(await answering(jsonAnswer(status, { a: 1 })).http.call(GET)).toMatchObject({
      ok: false,
      status,
      json: { a: 1 },
    });
  });

  test('a 2xx without a body is an answer where the call may be answered so', async () => {
    const call: Call = { ...GET, shape: v.optional(v.object({ id: v.number() })) };
    expect(await answering(new Response(null, { status: 204 })).http.call(call)).toMatchObject({ data: undefined });
  });

  test('the excerpt is one short line, free of markup and personal data', async () => {
    const body = `<style>x{}</style><p>dana@example.com\n\n +1 305 555 0142</p>${'long '.repeat(200)}`;
    const { excerpt } = await answering(new Response(body, { status: 403 })).http.call({ ...GET, optional: true });
    expect(excerpt.startsWith('[email] [phone] long long')).toBe(true);
    expect(excerpt.length).toBeLessThanOrEqual(80);
  });

  test.each([
    ['"Dana" is not a valid choice', '"[value]" is not a valid choice'],
    ['dana at example is a invalid email address', '[value] is a invalid email address'],
    [
      "O'Brien (Jr.) is wrong, FL too, but no FLAG and no _FL",
      '[value] ([value].) is wrong, [value] too, but no FLAG and no [value]',
    ],
    ['\\u00c5sa and Åsa "\\"Ace\\" Lee"', '[value] and [value]"'],
    ['"Ace" Lee, not \\"Åce\\" Ö', '"[value], not "[value]'],
    ['no Dana Street here', 'no [value] here'],
    ['(305) 555-0142 or +13055550142 for dana@example.com', '[phone] or [phone] for [email]'],
  ])('what was sent of a person is masked where the answer repeats it: %s', async (text, masked) => {
    const names = {
      first_name: 'Dana',
      last_name: "O'Brien (Jr.)",
      other: 'dana at example',
      state: 'FL',
      add_buckets: [1],
    };
    const reach = { mobile_phone_number: '+13055550142', email: 'dana@example.com' };
    const body = {
      ...names,
      ...reach,
      city: 'Åsa',
      address: '"Ace" Lee',
      zip_code: '',
      county: '"Åce" Ö',
      status: 'Dana Street',
    };
    const call: Call = { ...ANY, method: 'POST', path: '/contacts/', body, personal: true };
    const refused = answering(new Response(text, { status: 403 })).http.call({ ...call, optional: true });
    expect((await refused).excerpt).toBe(masked);
    const failed = await failureOf(answering(new Response(text, { status: 500 })).http.call(call));
    expect(failed.error).toBe(`POST /contacts/: 500 ${masked}`);
  });

  test('what is sent of no person stays readable', async () => {
    const call: Call = { ...ANY, method: 'POST', path: '/buckets/', body: { name: 'Cold Leads' } };
    const { excerpt } = await answering(jsonAnswer(400, { name: ['Cold Leads exists'] })).http.call(call);
    expect(excerpt).toBe('name: Cold Leads exists');
  });

  test.each([302, 401, 403, 404, 405, 406, 410])(
    '%i is an answer where the account may lack the resource, and only there',
    async (status) => {
      const answer = () => new Response(null, { status });
      expect(await answering(answer()).http.call({ ...GET, path: '/wrong/', optional: true })).toMatchObject({
        ok: false,
        status,
      });
      expect(await failure(answer(), { ...GET, path: '/wrong/' })).toMatchObject({ kind: 'refused' });
    },
  );

  test('a key is masked as a whole; words that it is made of are no secret', async () => {
    const texts = ['Wrong token: api-token-2f9c', 'The token does not have access to this location'];
    const excerpts = texts.map(async (message) => {
      const { http } = answering(jsonAnswer(400, { message }), 10_000, 60_000, 'Token api-token-2f9c');
      return (await http.call({ ...GET, path: '/contacts/1/' })).excerpt;
    });
    expect(await Promise.all(excerpts)).toEqual(['Wrong token: [value]', texts[1]]);
  });

  test('what a record says of itself is not taken for the vendor’s error page', async () => {
    const odd = { last_name: 'error code: 1016', note: 'error 1015' };
    expect(await answering(jsonAnswer(200, odd)).http.call(GET)).toMatchObject({ status: 200, data: odd });
  });
});

test('an answer of another form leaves open whether what must happen once was done; others may be sent again', async () => {
  const call: Call = { ...ANY, method: 'POST', path: '/contacts/1/notes', shape: v.object({ id: v.number() }) };
  for (const body of ['{"detail":"busy"}', '', '<p>']) {
    expect(await failure(new Response(body), { ...call, once: true })).toMatchObject({ unanswered: true });
    expect(await failure(new Response(body), call)).not.toHaveProperty('unanswered');
  }
});
