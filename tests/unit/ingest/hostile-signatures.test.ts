// Signatures bent, mixed and made up: only the documented forms of the right one open the door.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attack,
  bytesOf,
  hostileBody,
  hostileStage,
  SCHEMES,
  type Signing,
  signatureOf,
  signing,
} from './hostile-harness.ts';
import { contactUpdate, textOf } from './ingest-harness.ts';

const body = bytesOf(textOf(contactUpdate({ appId: 'ourApp00000000000001' })));

/** What headers do to a value on their way: spaces around it go. */
const carried = (value: string) => value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');

/** The documented other spellings of one signature; base64 has none. */
function isDocumented(value: string, genuine: string): boolean {
  const given = carried(value).trim();
  if (given === genuine) return true;
  return /^[0-9a-f]{64}$/.test(genuine) && given.toLowerCase().replace(/^sha256=/, '') === genuine;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ ,;:"%\t\u00a0\u00ff';
/** Ways to bend a text a little. */
const bend = fc.oneof(
  fc.tuple(fc.nat(), fc.constantFrom(...ALPHABET)).map(
    ([at, char]) =>
      (text: string) =>
        splice(text, at, 1, char),
  ),
  fc.tuple(fc.nat(), fc.constantFrom(...ALPHABET)).map(
    ([at, char]) =>
      (text: string) =>
        splice(text, at, 0, char),
  ),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 3 })).map(
    ([at, n]) =>
      (text: string) =>
        splice(text, at, n, ''),
  ),
  fc.constantFrom(
    ...[
      (text: string) => text.toUpperCase(),
      (text: string) => text.toLowerCase(),
      (text: string) => [...text].reverse().join(''),
      (text: string) => text.replace(/=+$/, ''),
      (text: string) => `${text}=`,
      (text: string) => text.replaceAll('+', '-').replaceAll('/', '_'),
      (text: string) => encodeURIComponent(text),
      (text: string) => `"${text}"`,
      (text: string) => `sha256=${text}`,
      (text: string) => `SHA256=${text}`,
      (text: string) => `sha1=${text}`,
      (text: string) => `sha256=sha256=${text}`,
      (text: string) => `v1=${text},t=1`,
      (text: string) => `Bearer ${text}`,
      (text: string) => `0x${text}`,
      (text: string) => ` \t${text} `,
      (text: string) => `${text}, ${text}`,
      (text: string) => `${text},`,
      (text: string) => text + text,
      (text: string) => text.slice(0, 1000).repeat(2000),
      (text: string) => Buffer.from(text, 'hex').toString('base64'),
      (text: string) => Buffer.from(text, 'base64').toString('hex'),
      (text: string) => Buffer.from(text).toString('base64'),
    ],
  ),
);

function splice(text: string, at: number, remove: number, insert: string): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + insert + text.slice(start + remove);
}

test('a signature that was bent opens nothing, unless it is another spelling that is documented', async () => {
  const seen = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(signing, fc.array(bend, { minLength: 1, maxLength: 2 }), async (by, bends) => {
      const [header, genuine] = signatureOf(body, by);
      const value = bends.reduce((text, one) => one(text), genuine);
      // No header can be: what bytes they are sent as is up to the sender (ÿ in capitals, say).
      fc.pre(/^[\0-\xff]*$/.test(value));
      const documented = isDocumented(value, genuine) || isMac(value, by);
      const { status, answer } = await attack({ body, headers: [[header, value]] });
      expect([status, answer.status]).toEqual(documented ? [202, 'queued'] : [401, 401]);
      seen.add(documented);
    }),
    { numRuns: 3000 },
  );
  expect(seen).toEqual(new Set([true, false]));
});

/** Hex and base64 of one MAC are both documented, so that one may be bent into the other. */
function isMac(value: string, by: Signing): boolean {
  const forms: Partial<Record<Signing, Signing>> = { hmac: 'hmac base64', 'hmac base64': 'hmac' };
  const other = forms[by];
  if (other) return isDocumented(value, signatureOf(body, other)[1]);
  return by === 'hmac previous' && carried(value) === Buffer.from(signatureOf(body, by)[1], 'hex').toString('base64');
}

test('one bit of the signature, or of the body, is enough', async () => {
  await fc.assert(
    fc.asyncProperty(signing, fc.nat(), fc.boolean(), async (by, at, inBody) => {
      const [header, genuine] = signatureOf(body, by);
      const encoding = /^[0-9a-f]{64}$/.test(genuine) ? 'hex' : 'base64';
      const signature = new Uint8Array(Buffer.from(genuine, encoding));
      const sent = inBody
        ? { body: flip(body, at), value: genuine }
        : { body, value: encode(flip(signature, at), encoding) };
      expect((await attack({ body: sent.body, headers: [[header, sent.value]] })).status).toBe(401);
    }),
    { numRuns: 1500 },
  );
});

function flip(bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> {
  const flipped = new Uint8Array(bytes);
  const bit = at % (bytes.length * 8);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

function encode(bytes: Uint8Array, encoding: 'hex' | 'base64'): string {
  return Buffer.from(bytes).toString(encoding);
}

describe('made up', () => {
  const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => encode(bytes, 'hex'));
  const base64 = fc
    .constantFrom(32, 64, 512)
    .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
    .map((bytes) => encode(bytes, 'base64'));
  const filled = fc
    .tuple(fc.constantFrom(32, 64, 512), fc.constantFrom(0, 1, 0xff))
    .map(([length, byte]) => encode(new Uint8Array(length).fill(byte), 'base64'));
  const text = fc.string({ unit: fc.constantFrom(...ALPHABET), maxLength: 700 });

  test('for any body, in either header', async () => {
    const header = fc.constantFrom('x-ghl-signature', 'x-wh-signature');
    await fc.assert(
      fc.asyncProperty(hostileBody, header, fc.oneof(hex, base64, filled, text), async (bytes, name, value) => {
        const { status } = await attack({ body: bytes, headers: [[name, value]] });
        expect([401, 413]).toContain(status);
      }),
      { numRuns: 1000 },
    );
  });

  /** R and A of small order verify for anyone where the library does not object: RFC 8032, 5.1.7, and "Taming the many EdDSAs". */
  const SMALL_ORDER = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ];
  test.each(SMALL_ORDER)('Ed25519 with R = %s', async (point) => {
    const genuine = Buffer.from(signatureOf(body, 'ed25519')[1], 'base64');
    for (const s of [Buffer.alloc(32), genuine.subarray(32)]) {
      const value = Buffer.concat([Buffer.from(point, 'hex'), s]).toString('base64');
      expect((await attack({ body, headers: [['x-ghl-signature', value]] })).status).toBe(401);
    }
  });
});

describe('mixed', () => {
  test('two headers of one name count as one wrong header, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(signing, signing, async (one, two) => {
        const [[name, first], [other, second]] = [signatureOf(body, one), signatureOf(body, two)];
        const headers: [string, string][] = [
          [name, first],
          [name.toUpperCase(), name === other ? second : first],
        ];
        expect((await attack({ body, headers })).status).toBe(401);
      }),
      { numRuns: 100 },
    );
  });

  test('a right signature in the wrong header, or beside a wrong one in the current header, opens nothing', async () => {
    for (const by of SCHEMES) {
      const [name, value] = signatureOf(body, by);
      const other = name === 'x-ghl-signature' ? 'x-wh-signature' : 'x-ghl-signature';
      expect((await attack({ body, headers: [[other, value]] })).status).toBe(401);
      for (const alias of ['x-hub-signature-256', 'x-signature', 'signature', 'authorization', 'x-ghl-signature2'])
        expect((await attack({ body, headers: [[alias, value]] })).status).toBe(401);
    }
    const legacy = signatureOf(body, 'rsa');
    for (const value of ['', ' ', 'N/A', 'null', 'x', signatureOf(bytesOf('{}'), 'hmac')[1]])
      expect((await attack({ body, headers: [legacy, ['x-ghl-signature', value]] })).status).toBe(401);
  });

  test('a signature of the secret that is no longer set, or of an empty one, opens nothing', async () => {
    const stage = () => hostileStage({ GHL_WEBHOOK_SECRET: '', GHL_WEBHOOK_SECRET_PREVIOUS: ' ' });
    for (const by of ['hmac', 'hmac base64', 'hmac previous'] as const)
      expect((await attack({ body, headers: [signatureOf(body, by)] }, stage())).status).toBe(401);
  });

  test('the signature of one webhook is none for another, of any scheme', async () => {
    await fc.assert(
      fc.asyncProperty(hostileBody, signing, async (other, by) => {
        fc.pre(Buffer.compare(other, body) !== 0);
        const { status } = await attack({ body: other, headers: [signatureOf(body, by)] });
        expect([401, 413]).toContain(status);
      }),
      { numRuns: 300 },
    );
  });
});
