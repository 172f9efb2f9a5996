// Every answer of the ingest worker, in workerd, with real signatures, queues and D1.

import { generateKeyPairSync, sign } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CALLTOOLS_TOKEN,
  CONTACT,
  contactUpdate,
  delivered,
  hmac,
  LOCATION,
  type Problem,
  startIngest,
  WORKFLOW_TOKEN,
} from './ingest-harness.ts';

const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 4096 });
const pem = (key: typeof ed.publicKey) => key.export({ type: 'spki', format: 'pem' }).toString();
const edSigned = (body: string) => ({
  'x-ghl-signature': sign(null, Buffer.from(body), ed.privateKey).toString('base64'),
});
const rsaSigned = (body: string) => ({
  'x-wh-signature': sign('sha256', Buffer.from(body), rsa.privateKey).toString('base64'),
});

const server = startIngest(
  { GHL_WEBHOOK_SECRET_PREVIOUS: 'the secret before' },
  { GHL_ED25519_PUBLIC_KEYS: pem(ed.publicKey), GHL_RSA_PUBLIC_KEYS: pem(rsa.publicKey), GHL_LEGACY_RSA: 'on' },
);
let url: URL;
beforeAll(async () => {
  ({ url } = await server.listen());
  await server.getWorker().applyD1Migrations('DB');
});
afterAll(() => server.close());

const post = (body: string, headers: Record<string, string>, path = '/webhook/ghl') =>
  fetch(new URL(path, url), { method: 'POST', body, headers, redirect: 'manual' });

async function expectProblem(response: Response, status: number, detail: RegExp) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const problem = (await response.json()) as Problem;
  expect(problem).toMatchObject({ type: 'about:blank', status, title: expect.any(String) });
  expect(problem.detail).toMatch(detail);
}

describe('a signed webhook reaches the queue', () => {
  const body = contactUpdate();
  const base64 = Buffer.from(hmac(body)['x-ghl-signature'] ?? '', 'hex').toString('base64');
  test.each([
    ['HMAC in hex', hmac(body)],
    ['HMAC in base64', { 'x-ghl-signature': base64 }],
    ['HMAC with the previous secret', hmac(body, 'the secret before')],
    ['Ed25519', edSigned(body)],
    ['RSA', rsaSigned(body)],
  ])('%s', async (_scheme, headers) => {
    const response = await post(body, headers);
    expect(response.status).toBe(202);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ status: 'queued', id: JSON.parse(body).webhookId });
    const [message] = await delivered(server, 1);
    expect(message).toMatchObject({
      queue: 'contact-events',
      body: {
        kind: 'contact.changed',
        contactId: CONTACT,
        locationId: LOCATION,
        source: 'webhook',
        snapshot: { tags: ['cold lead'] },
      },
    });
  });

  test('with a slash at the end of the path, without a redirect', async () => {
    expect((await post(body, hmac(body), '/webhook/ghl/')).status).toBe(202);
    expect(await delivered(server, 1)).toHaveLength(1);
  });
});

describe('what cannot be trusted is refused', () => {
  const body = contactUpdate();
  const sixMinutesOld = contactUpdate({ timestamp: new Date(Date.now() - 360_000).toISOString() });
  test.each([
    ['no signature', body, {}, /no X-GHL-Signature/],
    ['N/A', body, { 'x-ghl-signature': 'N/A' }, /no X-GHL-Signature/],
    ['a wrong secret', body, hmac(body, 'wrong'), /GHL_WEBHOOK_SECRET/],
    ["another body's signature", body, hmac(`${body} `), /GHL_WEBHOOK_SECRET/],
    ["another body's Ed25519 signature", body, edSigned(`${body} `), /GHL_ED25519_PUBLIC_KEYS/],
    ["another body's RSA signature", body, rsaSigned(`${body} `), /GHL_RSA_PUBLIC_KEYS/],
    ['no known form', body, { 'x-ghl-signature': 'abc' }, /no known form/],
    ['RSA beside X-GHL-Signature', body, { ...rsaSigned(body), 'x-ghl-signature': 'N/A' }, /no X-GHL-Signature/],
    ['six minutes old', sixMinutesOld, hmac(sixMinutesOld), /too old/],
  ])('%s', async (_name, text, headers, detail) => {
    await expectProblem(await post(text, headers as Record<string, string>), 401, detail);
  });
});

describe('what is authentic but of no use is answered with 202', () => {
  test('another location is ignored', async () => {
    const body = contactUpdate({ locationId: 'anotherLocation00001' });
    const response = await post(body, edSigned(body));
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'ignored' });
  });

  test('an unreadable body is quarantined into the dead letters', async () => {
    const response = await post('not json', hmac('not json'));
    expect(response.status).toBe(202);
    const answer = (await response.json()) as { id: string };
    expect(answer).toMatchObject({ status: 'quarantined', detail: expect.stringContaining('not JSON') });
    expect(await delivered(server, 1)).toMatchObject([
      {
        queue: 'contact-dead-letters',
        body: { kind: 'webhook.quarantined', eventId: answer.id, locationId: LOCATION },
      },
    ]);
  });

  test('JSON of extreme depth crashes nothing', async () => {
    const body = contactUpdate({ pad: 'PAD' }).replace('"PAD"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(await (await post(body, hmac(body))).json()).toMatchObject({ status: 'queued' });
    const unreadable = body.replace('"id"', '"no"');
    expect(await (await post(unreadable, hmac(unreadable))).json()).toMatchObject({ status: 'quarantined' });
    expect(await delivered(server, 2)).toHaveLength(2);
  });
});

describe('bodies', () => {
  test.each([262_145, 1_000_000, 5_000_000])('%d bytes are too many', async (size) => {
    const body = 'x'.repeat(size);
    await expectProblem(await post(body, hmac(body)), 413, /256 KiB/);
  });

  test('too many bytes of unannounced length are noticed while they are read', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(65_536));
    let left = 5;
    const body = new ReadableStream({
      pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
    });
    const init = { method: 'POST', body, duplex: 'half', headers: hmac('x') } as RequestInit;
    await expectProblem(await fetch(new URL('/webhook/ghl', url), init), 413, /256 KiB/);
  });

  test('a sender that goes away in the middle leaves the worker in good health', async () => {
    const { hostname, port } = url;
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        const head = `POST /webhook/ghl HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 1000\r\nX-GHL-Signature: N/A\r\n\r\n{"type":`;
        socket.write(head, () => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    const body = contactUpdate();
    expect((await post(body, hmac(body))).status).toBe(202);
    await delivered(server, 1);
  });

  test('a body of 256 KiB is read whole', async () => {
    const empty = contactUpdate({ pad: '' }).length;
    const body = contactUpdate({ pad: 'x'.repeat(262_144 - empty) });
    expect((await post(body, hmac(body))).status).toBe(202);
    expect(await delivered(server, 1)).toMatchObject([{ body: { contactId: CONTACT } }]);
  });
});

describe('the workflow route', () => {
  const path = '/webhook/ghl-workflow';
  const bearer = { authorization: `Bearer ${WORKFLOW_TOKEN}` };
  const body = (changes: object = {}) =>
    JSON.stringify({
      id: 'opportunity1',
      contact_id: CONTACT,
      tags: 'cold lead,vip',
      phone: '',
      location: { id: LOCATION },
      ...changes,
    });

  test('queues a bare contact id', async () => {
    const response = await post(body(), bearer, path);
    expect(response.status).toBe(202);
    const answer = (await response.json()) as { id: string };
    expect(answer).toEqual({ status: 'queued', id: expect.stringMatching(/^h-[0-9a-f]{32}$/) });
    expect(await delivered(server, 1)).toMatchObject([
      {
        queue: 'contact-events',
        body: {
          contactId: CONTACT,
          locationId: LOCATION,
          eventType: 'WorkflowWebhook',
          source: 'workflow',
          eventId: answer.id,
          occurredAt: null,
          snapshot: null,
        },
      },
    ]);
  });

  test('without a location means ours', async () => {
    expect(await (await post(body({ location: null }), bearer, path)).json()).toMatchObject({ status: 'queued' });
    expect(await delivered(server, 1)).toMatchObject([{ body: { locationId: LOCATION } }]);
  });

  test('ignores another location', async () => {
    const response = await post(body({ location: { id: 'anotherLocation00001' } }), bearer, path);
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'ignored' });
  });

  test.each([
    ['no contact_id', body({ contact_id: undefined }), /contact_id/],
    ['a form', 'contact_id=1&tags=x', /Send a JSON object/],
  ])('quarantines %s', async (_name, text, detail) => {
    const response = await post(text, bearer, path);
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'quarantined', detail: expect.stringMatching(detail) });
    expect(await delivered(server, 1)).toMatchObject([
      { queue: 'contact-dead-letters', body: { kind: 'webhook.quarantined' } },
    ]);
  });

  test.each([{}, { authorization: 'Bearer wrong' }, { authorization: WORKFLOW_TOKEN }, hmac(body())])(
    'does not open for %j',
    async (headers) => {
      const response = await post(body(), headers as Record<string, string>, path);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      await expectProblem(response, 401, /GHL_WORKFLOW_TOKEN/);
    },
  );

  test('its token does not open the signed route', async () => {
    const response = await post(body(), bearer);
    expect(response.headers.get('www-authenticate')).toBeNull();
    await expectProblem(response, 401, /X-GHL-Signature/);
  });
});

describe('a notice of a call from CallTools', () => {
  const path = '/webhook/calltools';

  test('is admitted by the token in its address, and queued', async () => {
    const response = await post("{'contact': 12, 'campaign': None}", {}, `${path}?token=${CALLTOOLS_TOKEN}`);
    expect([response.status, await response.json()]).toMatchObject([202, { status: 'queued' }]);
    expect(await delivered(server, 1)).toMatchObject([
      { queue: 'contact-events', body: { kind: 'calls.hint', locationId: LOCATION, callToolsId: 12 } },
    ]);
  });

  test.each(['', '?token=', `?token=${CALLTOOLS_TOKEN}x`, `?token=${WORKFLOW_TOKEN}`])(
    'is refused at %j',
    async (query) => {
      await expectProblem(await post('{"contact": 12}', {}, `${path}${query}`), 401, /CALLTOOLS_WEBHOOK_TOKEN/);
    },
  );
});

describe('other methods and paths', () => {
  test.each(['/webhook/ghl', '/webhook/ghl-workflow', '/webhook/calltools'])('%s takes POST only', async (path) => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await fetch(new URL(path, url), { method });
      expect(response.headers.get('allow')).toBe('POST');
      await expectProblem(response, 405, /POST/);
    }
  });

  test.each(['/dashboards', '/webhook', '/webhook/ghl/more', '/WEBHOOK/GHL', '/favicon.ico', '/synchronise'])(
    '%s is unknown',
    async (path) => {
      await expectProblem(await fetch(new URL(path, url)), 404, /webhook\/ghl/);
    },
  );

  test('health needs no token and tells nothing', async () => {
    for (const path of ['/health', '/health/']) {
      const response = await fetch(new URL(path, url));
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual({ status: 'ok' });
    }
    const head = await fetch(new URL('/health', url), { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const wrong = await fetch(new URL('/health', url), { method: 'POST' });
    expect(wrong.headers.get('allow')).toBe('GET, HEAD');
    await expectProblem(wrong, 405, /GET/);
  });
});
