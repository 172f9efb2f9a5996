// Whatever an authentic sender puts into a body: an answer of the known ones, one log line without a person in it, and nothing in a
// queue but what the consumer can read.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attack, bytesOf, hostileBody, signatureOf, signing, WORKFLOW_TOKEN } from './hostile-harness.ts';
import { CONTACT, contactUpdate, LOCATION, NOW, textOf } from './ingest-harness.ts';

const LIMIT_MS = 2000;
const RUNS = { numRuns: 1500 };
const bearer: [string, string][] = [['authorization', `Bearer ${WORKFLOW_TOKEN}`]];

test('no signed body does harm', async () => {
  const outcomes = new Set<string | number>();
  await fc.assert(
    fc.asyncProperty(hostileBody, signing, async (body, by) => {
      const { status, answer, events } = await attack({ body, headers: [signatureOf(body, by)] });
      expect([202, 401, 413]).toContain(status);
      outcomes.add(answer.status);
      for (const event of events) expect(event).toMatchObject({ locationId: LOCATION, source: 'webhook' });
    }),
    RUNS,
  );
  expect([...outcomes]).toEqual(expect.arrayContaining([401, 'ignored', 'quarantined', 'queued']));
});

test('no body of a workflow does harm', async () => {
  const outcomes = new Set<string | number>();
  await fc.assert(
    fc.asyncProperty(hostileBody, async (body) => {
      const { status, answer, events } = await attack({ body, headers: bearer, path: '/webhook/ghl-workflow' });
      expect([202, 413]).toContain(status);
      outcomes.add(answer.status);
      for (const event of events)
        expect(event).toMatchObject({ locationId: LOCATION, source: 'workflow', snapshot: null });
    }),
    RUNS,
  );
  expect([...outcomes]).toEqual(expect.arrayContaining(['ignored', 'quarantined', 'queued']));
});

test('no body is even looked at without its signature or token', async () => {
  await fc.assert(
    fc.asyncProperty(hostileBody, fc.constantFrom('/webhook/ghl', '/webhook/ghl-workflow'), async (body, path) => {
      const { status, answer, stage } = await attack({ body, headers: [], path });
      expect(status).toBe(body.length > 262_144 && path === '/webhook/ghl' ? 413 : 401);
      // The same for every body: nothing in the answer or the log depends on it.
      const empty = await attack({ body: bytesOf(''), headers: [], path });
      if (status === 401) expect([answer, stage.lines]).toEqual([empty.answer, empty.stage.lines]);
    }),
    { numRuns: 300 },
  );
});

describe('a location or an app that is not ours never reaches a queue', () => {
  const elsewhere = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/).filter((id) => id !== LOCATION && id !== 'null');
  const place = fc.constantFrom(
    (id: string) => ({ locationId: id }),
    (id: string) => ({ locationId: undefined, location_id: id }),
    (id: string) => ({ locationId: undefined, location: { id } }),
    (id: string) => ({ locationId: undefined, data: { id: CONTACT, locationId: id } }),
    (id: string) => ({
      locationId: id,
      location_id: LOCATION,
      location: { id: LOCATION },
      data: { locationId: LOCATION },
    }),
  );
  const type = fc.constantFrom('ContactUpdate', 'ContactDelete', 'ContactCreate', 'INSTALL', 7, null, undefined);

  test('whatever the signature, and wherever the location stands', async () => {
    await fc.assert(
      fc.asyncProperty(elsewhere, place, type, signing, async (id, at, eventType, by) => {
        const body = bytesOf(textOf(contactUpdate({ appId: 'ourApp00000000000001', type: eventType, ...at(id) })));
        const { answer, events, deadLetters } = await attack({ body, headers: [signatureOf(body, by)] });
        expect([answer.status, events, deadLetters]).toEqual(['ignored', [], []]);
      }),
      { numRuns: 500 },
    );
  });

  test('from a workflow', async () => {
    await fc.assert(
      fc.asyncProperty(elsewhere, fc.boolean(), async (id, nested) => {
        const where = nested ? { location: { id }, location_id: LOCATION } : { customData: { location_id: id } };
        const body = bytesOf(textOf({ contact_id: CONTACT, ...where }));
        const { answer } = await attack({ body, headers: bearer, path: '/webhook/ghl-workflow' });
        expect(answer.status).toBe('ignored');
      }),
      { numRuns: 200 },
    );
  });

  test('from an app that is not ours, unless it holds our secret', async () => {
    await fc.assert(
      fc.asyncProperty(elsewhere, signing, async (appId, by) => {
        const body = bytesOf(textOf(contactUpdate({ appId })));
        const { answer } = await attack({ body, headers: [signatureOf(body, by)] });
        expect(answer.status).toBe(by.startsWith('hmac') ? 'queued' : 'ignored');
      }),
      { numRuns: 200 },
    );
  });
});

describe('256 KiB of anything are dealt with in good time', () => {
  const SIZE = 262_144;
  const fill = (open: string, close: string, inner = '1') => {
    const depth = Math.floor((SIZE - 100) / (open.length + close.length));
    return `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
  };
  const person = { id: CONTACT, locationId: LOCATION, timestamp: NOW, type: 'ContactUpdate' };
  const padded = (value: string) => JSON.stringify({ ...person, pad: 0 }).replace('"pad":0', value);
  const many = (one: (n: number) => string, length: number) =>
    Array.from({ length: Math.floor((SIZE - 200) / length) }, (_, n) => one(n)).join(',');
  const bodies: [string, string][] = [
    ['lists in lists', fill('[', ']')],
    ['contacts in contacts', fill('{"contact":', '}')],
    ['data in contacts', fill('{"data":{"contact":', '}}')],
    ['lists that never end', '['.repeat(SIZE)],
    ['quotes', '"'.repeat(SIZE)],
    ['backslashes', `{"type":"${'\\'.repeat(SIZE - 12)}"}`],
    ['keys', padded(many((n) => `"k${String(n).padStart(6, '0')}":1`, 12))],
    ['one key again and again', padded(many(() => '"id":1', 7))],
    ['tags', padded(`"tags":[${many(() => '"a"', 4)}]`)],
    ['tags in a text', padded(`"tags":"${'a,'.repeat((SIZE - 200) / 2)}"`)],
    ['spaces between tags', padded(`"tags":"a;x${' '.repeat(SIZE - 200)}b"`)],
    ['brackets in a tag', padded(`"tags":["(x${'('.repeat(SIZE - 200)}b"]`)],
    ['quotes in a list as text', padded(`"tags":["('${"' ".repeat((SIZE - 200) / 2)}"]`)],
    ['one long tag', padded(`"tags":["${'ü'.repeat((SIZE - 200) / 2)}"]`)],
    ['a long type', JSON.stringify({ ...person, type: 'a'.repeat(SIZE - 200) })],
    ['a long id', JSON.stringify({ ...person, id: 'a'.repeat(SIZE - 200) })],
    ['a long time', JSON.stringify({ ...person, timestamp: '1'.repeat(SIZE - 200) })],
    ['a long time with spaces', JSON.stringify({ ...person, timestamp: ' '.repeat(SIZE - 200) })],
    ['digits', `{"timestamp":${'9'.repeat(SIZE - 20)}}`],
    ['dnd channels', padded(`"dndSettings":{${many((n) => `"Call ${n}":{"status":1}`, 26)}}`)],
  ];
  test.each(bodies)('%s', async (_what, text) => {
    const body = bytesOf(text);
    expect(body.length).toBeGreaterThan(SIZE * 0.7);
    expect(body.length).toBeLessThanOrEqual(SIZE);
    const start = performance.now();
    expect((await attack({ body, headers: [signatureOf(body, 'hmac')] })).status).toBe(202);
    expect(performance.now() - start).toBeLessThan(LIMIT_MS);
    await attack({ body, headers: bearer, path: '/webhook/ghl-workflow' });
  });
});

describe('a body that comes in pieces', () => {
  const body = bytesOf(textOf(contactUpdate()));
  const streamed = (stream: ReadableStream, more: Record<string, string> = {}) =>
    new Request('https://ingest.test/webhook/ghl', {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: Object.fromEntries([signatureOf(body, 'hmac'), ...Object.entries(more)]),
    } as RequestInit);

  test('cut anywhere is whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: body.length })), async (cuts) => {
        const marks = [0, ...cuts.sort((a, b) => a - b), body.length];
        const pieces = marks.slice(1).map((end, i) => body.slice(marks[i], end));
        const stream = new ReadableStream({
          pull(controller) {
            const piece = pieces.shift();
            if (piece) controller.enqueue(piece);
            else controller.close();
          },
        });
        expect((await attack(streamed(stream))).answer.status).toBe('queued');
      }),
    );
  });

  test('and ends anywhere before its end is never queued', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: body.length - 1 }), fc.boolean(), async (end, breaks) => {
        const stream = new ReadableStream({
          start(controller) {
            controller.enqueue(body.slice(0, end));
            if (!breaks) controller.close();
          },
          pull: (controller) => controller.error(new Error('reset')),
        });
        const { status } = await attack(streamed(stream));
        expect(status).toBe(breaks ? 400 : 401);
      }),
    );
  });

  test('and never ends is not read further than the limit', async () => {
    let pulls = 0;
    let cancelled = false;
    const stream = new ReadableStream(
      {
        pull(controller) {
          pulls++;
          controller.enqueue(new Uint8Array(1024));
        },
        cancel: () => {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    expect((await attack(streamed(stream))).status).toBe(413);
    expect([pulls, cancelled]).toEqual([257, true]);
  });

  test.each([
    '-1',
    '0',
    '1e9',
    '0x7fffffff',
    'NaN',
    'Infinity',
    '5, 5',
    'é',
    '99999999999999999999',
    '+12',
    '1.5',
    '²',
  ])('and announces the length %j', async (length) => {
    const headers: [string, string][] = [signatureOf(body, 'hmac'), ['content-length', length]];
    const { status } = await attack({ body, headers });
    expect([202, 400, 413]).toContain(status);
  });
});
