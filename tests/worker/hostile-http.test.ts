// HTTP that no client library sends, over raw sockets against workerd: whatever comes, no 5xx, no crash, nothing queued that was not
// proven, and the next request is answered as ever.

import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, contactUpdate, delivered, hmac, SECRET, startIngest, WORKFLOW_TOKEN } from './ingest-harness.ts';

const server = startIngest();
let url: URL;
beforeAll(async () => {
  ({ url } = await server.listen());
  await server.getWorker().applyD1Migrations('DB');
});
afterAll(() => server.close());

/** Nothing may have been queued but this, which is sent last. */
afterEach(async () => {
  const body = contactUpdate();
  const response = await fetch(new URL('/webhook/ghl', url), { method: 'POST', body, headers: hmac(body) });
  expect(response.status).toBe(202);
  const { id } = (await response.json()) as { id: string };
  const messages = await delivered(server, 1);
  expect(messages.map(({ body: { eventId } }) => eventId)).toEqual([id]);
  const lines = server.getLogs().map(({ message }) => message);
  expect(lines.filter((line) => line.includes('crashed'))).toEqual([]);
  expect(lines.filter((line) => [SECRET, ADMIN_TOKEN, WORKFLOW_TOKEN].some((one) => line.includes(one)))).toEqual([]);
});

type Bytes = string | Uint8Array;

/** Sends these pieces, each once the one before has left, and then `end`s as told; resolves with all that came back. */
function talk(pieces: Bytes[], end: 'wait' | 'half-close' | 'reset' = 'wait'): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port: Number(url.port), host: url.hostname, noDelay: true });
    let heard = '';
    // Bytes may come back as anything.
    socket.setEncoding('latin1');
    socket.on('data', (data) => {
      heard += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    const send = ([piece, ...rest]: Bytes[]) => {
      if (piece !== undefined) return void socket.write(piece, () => setImmediate(send, rest));
      if (end === 'half-close') socket.end();
      if (end === 'reset') socket.resetAndDestroy();
    };
    socket.once('connect', () => send(pieces));
  });
}

/** A head with these lines; `Connection: close` ends the talk. */
function head(lines: string[], path = '/webhook/ghl', method = 'POST'): string {
  return [`${method} ${path} HTTP/1.1`, `Host: ${url.host}`, 'Connection: close', ...lines, '', ''].join('\r\n');
}

function statuses(heard: string): number[] {
  return [...heard.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}

/** Miniflare's own front answers so, for any path, when the body breaks off; our worker's answer then has nobody to go to. */
const FRONT = /^HTTP\/1\.1 500 [\s\S]*Content-Type: text\/plain[\s\S]*\r\n\r\nError: Network connection lost\.$/;

const signature = (body: string) => `X-GHL-Signature: ${hmac(body)['x-ghl-signature']}`;
const length = (body: string) => `Content-Length: ${Buffer.byteLength(body)}`;
const chunked = (...chunks: string[]) =>
  chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
const CHUNKED = 'Transfer-Encoding: chunked';

async function queues(pieces: Bytes[], end?: 'half-close'): Promise<void> {
  const heard = await talk(pieces, end);
  expect(statuses(heard)).toEqual([202]);
  expect(heard).toContain('"status":"queued"');
  await delivered(server, 1);
}

describe('headers given twice', () => {
  const body = contactUpdate();
  test.each([
    ['a signature', [signature(body), signature(body)]],
    ['a signature in other letters', [signature(body), signature(body).toLowerCase()]],
    ['a right and an empty signature', [signature(body), 'X-GHL-Signature:']],
    ['a wrong and a right signature', [`X-GHL-Signature: ${'0'.repeat(64)}`, signature(body)]],
  ])('%s: 401', async (_what, lines) => {
    expect(statuses(await talk([head([...lines, length(body)]), body]))).toEqual([401]);
  });

  test.each([
    ['right and right', [`Authorization: Bearer ${ADMIN_TOKEN}`, `Authorization: Bearer ${ADMIN_TOKEN}`]],
    ['wrong and right', ['Authorization: Bearer x', `Authorization: Bearer ${ADMIN_TOKEN}`]],
    ['right and empty', [`Authorization: Bearer ${ADMIN_TOKEN}`, 'Authorization:']],
    ['a workflow token', [`Authorization: Bearer ${WORKFLOW_TOKEN}`]],
  ])('an operator’s token, %s: 401', async (_what, lines) => {
    expect(statuses(await talk([head(lines, '/sync/stats', 'GET')]))).toEqual([401]);
  });

  test.each([
    ['two lengths', [length(body), 'Content-Length: 5']],
    ['a length and chunks', [length(body), CHUNKED]],
    ['chunks and a length', [CHUNKED, 'Content-Length: 0']],
    ['two codings', [CHUNKED, 'Transfer-Encoding: identity']],
    ['a length that is a list', [`${length(body)}, ${Buffer.byteLength(body)}`]],
    ['a negative length', ['Content-Length: -1']],
    ['a length that is no number', ['Content-Length: 0x10']],
    ['a length beyond all numbers', [`Content-Length: ${'9'.repeat(40)}`]],
  ])('%s: one answer, and what follows is no second request', async (_what, lines) => {
    const hidden = `${head([`Authorization: Bearer ${ADMIN_TOKEN}`], '/sync/stats', 'GET')}`;
    const heard = await talk(
      [head([`X-GHL-Signature: ${'0'.repeat(64)}`, ...lines]), `0\r\n\r\n${hidden}`],
      'half-close',
    );
    const [status = 0, ...more] = statuses(heard);
    expect(more).toEqual([]);
    expect([0, 400, 401, 413]).toContain(status);
  });
});

describe('bodies that come slowly, or not to their end', () => {
  const body = contactUpdate({ firstName: 'Zoë' });
  const bytes = Buffer.from(body);

  test('byte by byte', async () => {
    const pieces = Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1));
    await queues([head([signature(body), length(body)]), ...pieces]);
  });

  test('in chunks of one byte, without a length', async () => {
    const pieces = Array.from(bytes, (byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]),
    );
    await queues([head([signature(body), CHUNKED]), ...pieces, '0\r\n\r\n']);
  });

  test('in chunks with extensions and trailers', async () => {
    const size = bytes.length.toString(16);
    const trailer = `X-GHL-Signature: ${'0'.repeat(64)}`;
    const heard = await talk(
      [head([signature(body), CHUNKED]), `${size};a=b\r\n`, body, `\r\n0\r\n${trailer}\r\n\r\n`],
      'half-close',
    );
    // Not all servers take them; a trailer is never a header.
    expect([[], [202], [400]]).toContainEqual(statuses(heard));
    if (heard.includes('"queued"')) await delivered(server, 1);
  });

  test.each([
    ['a length that is never reached', [length(body)], [body.slice(0, 40)]],
    ['a length, and nothing', [length(body)], []],
    ['chunks without the last', [CHUNKED], chunked(body.slice(0, 40))],
    ['a chunk shorter than it says', [CHUNKED], [`${bytes.length.toString(16)}\r\n`, body.slice(0, 40)]],
    ['a chunk whose size is no number', [CHUNKED], ['zz\r\n', body]],
    ['a chunk whose size is too large', [CHUNKED], [`${'f'.repeat(17)}\r\n`, body]],
    ['all chunks but no end', [CHUNKED], chunked(body)],
    ['a negative chunk', [CHUNKED], ['-1\r\n', body, '\r\n0\r\n\r\n']],
  ])('%s: not queued, whether the sender closes or resets', async (_what, lines, pieces) => {
    for (const end of ['half-close', 'reset'] as const) {
      const heard = await talk([head([signature(body), ...lines]), ...pieces], end);
      if (!FRONT.test(heard)) expect([[], [400], [401]]).toContainEqual(statuses(heard));
    }
  });

  test('more than 256 KiB in chunks are refused before they end', async () => {
    const chunk = chunked('x'.repeat(65_536))[0] ?? '';
    const heard = await talk([head([signature('x'), CHUNKED]), ...Array(5).fill(chunk), '0\r\n\r\n']);
    expect(statuses(heard)).toEqual([413]);
  });
});

describe('bytes that are no text', () => {
  const body = contactUpdate();
  const line = (name: string, value: number[]) =>
    Buffer.concat([Buffer.from(`${name}: `), Buffer.from(value), Buffer.from('\r\n')]);
  const raw = (path: string, method: string, extra: Uint8Array, more: string[] = []) => {
    const [first = '', rest = ''] = head(more, path, method).split(/(?<=HTTP\/1\.1\r\n)/);
    return Buffer.concat([Buffer.from(first), extra, Buffer.from(rest)]);
  };
  const BAD: [string, number[]][] = [
    ['UTF-8 cut short', [0xc3]],
    ['a byte that UTF-8 has not', [0xff, 0xfe]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['Latin letters', [0xe9, 0xa0]],
    ['a control character', [0x01, 0x7f]],
    ['zero', [0x00]],
  ];
  test.each(BAD)('%s in a signature', async (_what, value) => {
    const heard = await talk(
      [raw('/webhook/ghl', 'POST', line('X-GHL-Signature', value), [length(body)]), body],
      'half-close',
    );
    expect([[400], [401]]).toContainEqual(statuses(heard));
  });

  test.each(BAD)('%s in an operator’s token', async (_what, value) => {
    const bearer = [...Buffer.from(`Bearer ${ADMIN_TOKEN}`), ...value];
    const heard = await talk([raw('/sync/stats', 'GET', line('Authorization', bearer))], 'half-close');
    expect([[400], [401]]).toContainEqual(statuses(heard));
  });

  test.each(BAD)('%s in a header that nobody reads, and in the body', async (_what, value) => {
    const bytes = Buffer.from(value);
    const head = raw('/webhook/ghl', 'POST', line('X-Whatever', value), [`Content-Length: ${bytes.length}`]);
    expect([[400], [401]]).toContainEqual(statuses(await talk([Buffer.concat([head, bytes])], 'half-close')));
  });

  test.each(BAD)('%s in the path', async (_what, value) => {
    const request = [
      Buffer.from('GET /sync/'),
      Buffer.from(value),
      Buffer.from(head([]).replace('POST /webhook/ghl', '')),
    ];
    const heard = await talk([Buffer.concat(request)], 'half-close');
    expect([[], [400], [401], [404]]).toContainEqual(statuses(heard));
  });
});

describe('requests that are none', () => {
  test.each([
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a line without an end', 'GET / HTTP/1.1'],
    ['empty lines', '\r\n\r\n\r\n'],
    ['a folded header', 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: b\r\n c\r\n\r\n'],
    ['a header without a name', 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n: x\r\n\r\n'],
    [
      'a space before the colon',
      `GET /sync/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization : Bearer ${ADMIN_TOKEN}\r\n\r\n`,
    ],
    ['no host', 'GET /sync/stats HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a whole address', `GET http://elsewhere.test/sync/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
    ['a path that climbs', 'GET /webhook/../sync/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [
      'a header of 1 MB',
      `GET /sync/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: ${'a'.repeat(1_000_000)}\r\n\r\n`,
    ],
    [
      'ten thousand headers',
      `GET /sync/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'X-A: b\r\n'.repeat(10_000)}\r\n`,
    ],
  ])('%s', async (_what, text) => {
    const heard = await talk([Buffer.from(text, 'latin1')], 'half-close');
    for (const status of statuses(heard)) expect([200, 400, 401, 404, 413, 414, 431]).toContain(status);
    expect(heard).not.toContain('"success"');
  });
});
