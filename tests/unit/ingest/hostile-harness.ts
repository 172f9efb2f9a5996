// Attackers' material: bodies that mean harm, right and wrong signatures for them, and what must be true of every answer.

import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { parseMessage } from '../../../shared/messages.ts';
import { CONTACT, createStage, LOCATION, NOW, SECRET } from './ingest-harness.ts';

export const WORKFLOW_TOKEN = 'wf-7c1f0d2b9a64e853';
export const ADMIN_TOKEN = 'op-4be1a70c63d958f2';
const PREVIOUS = 'the secret before, still valid';
const OUR_APP = 'ourApp00000000000001';

const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 4096 });
const pem = (key: typeof ed.publicKey) => key.export({ type: 'spki', format: 'pem' }).toString();

/** Every scheme and route open, so that each can be attacked. */
export function hostileStage(changes: Parameters<typeof createStage>[0] = {}) {
  return createStage({
    GHL_WEBHOOK_SECRET_PREVIOUS: PREVIOUS,
    GHL_ED25519_PUBLIC_KEYS: pem(ed.publicKey),
    GHL_RSA_PUBLIC_KEYS: pem(rsa.publicKey),
    GHL_LEGACY_RSA: 'on',
    GHL_WORKFLOW_TOKEN: WORKFLOW_TOKEN,
    GHL_APP_IDS: OUR_APP,
    ADMIN_TOKEN,
    ...changes,
  });
}
type Stage = ReturnType<typeof hostileStage>;

export const SCHEMES = ['hmac', 'hmac base64', 'hmac previous', 'ed25519', 'rsa'] as const;
export type Signing = (typeof SCHEMES)[number];

/** The header, and its value, that make these bytes authentic. */
export function signatureOf(body: Uint8Array, by: Signing): [string, string] {
  const mac = (secret: string, form: 'hex' | 'base64') => createHmac('sha256', secret).update(body).digest(form);
  switch (by) {
    case 'hmac':
      return ['x-ghl-signature', mac(SECRET, 'hex')];
    case 'hmac base64':
      return ['x-ghl-signature', mac(SECRET, 'base64')];
    case 'hmac previous':
      return ['x-ghl-signature', mac(PREVIOUS, 'hex')];
    case 'ed25519':
      return ['x-ghl-signature', sign(null, body, ed.privateKey).toString('base64')];
    case 'rsa':
      return ['x-wh-signature', sign('sha256', body, rsa.privateKey).toString('base64')];
  }
}

export const bytesOf = (body: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? new TextEncoder().encode(body) : body;

export interface Sent {
  body: Uint8Array<ArrayBuffer>;
  headers: [string, string][];
  path?: string;
}

/** A POST with these headers, one entry a header line. */
export function request({ body, headers, path = '/webhook/ghl' }: Sent): Request {
  return new Request(`https://ingest.test${path}`, { method: 'POST', body, headers });
}

/** What no log line and no answer may hold: secrets, and whatever carries the mark of a person. */
const MARK = 'Qvist';
const MARKED_PHONE = /45\D{0,2}70\D?77\D?\d\d/;
/** An event id that is a hash holds any digits by chance. */
const HASH = /\bh-[\da-f]{32}\b/g;
const SECRETS = [SECRET, PREVIOUS, WORKFLOW_TOKEN, ADMIN_TOKEN];

/** Texts that name a person; each can be recognised, and none could be an id. */
const named = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.string({ maxLength: 5 }))
  .map(([a, b]) => `${a} Per ${MARK} ${b}`);
const reached = fc.constantFrom(
  ...[
    '+45707712',
    '+45 70 77 12',
    '(45) 70-7713',
    '+45707713',
    `${MARK.toLowerCase()}@mail.test`,
    `Dr. ${MARK}, 12 High St`,
  ],
);
export const personal = fc.oneof(named, reached);

export function leak(text: string): string | undefined {
  const found = SECRETS.find((secret) => text.includes(secret)) ?? MARKED_PHONE.exec(text.replace(HASH, ''))?.[0];
  return found ?? (text.toLowerCase().includes(MARK.toLowerCase()) ? MARK : undefined);
}

const STATUSES = [202, 400, 401, 404, 405, 413, 429];
/** What a queue takes (docs/vendors.md, Cloudflare: queues). */
const MAX_MESSAGE_BYTES = 128_000;

/** Sends it to a stage of its own, and holds the answer against what must be true of each. */
export async function attack(sent: Request | Sent, stage: Stage = hostileStage()) {
  const response = await stage.fetch(sent instanceof Request ? sent : request(sent));
  await stage.finished();
  const text = await response.text();
  expect(STATUSES).toContain(response.status);
  expect(stage.lines).toHaveLength(1);
  expect(stage.lines[0]).not.toContain('\n');
  expect(leak(stage.lines.join('\n'))).toBeUndefined();
  expect(leak(text)).toBeUndefined();
  expect(stage.log()[0]).not.toMatchObject({ event: 'webhook.crashed' });
  const stored = [...stage.events.messages, ...stage.deadLetters.messages];
  expect(stage.outbox()).toEqual([]);
  for (const message of stored) {
    const json = JSON.stringify(message);
    expect(bytesOf(json).length).toBeLessThan(MAX_MESSAGE_BYTES);
    expect(parseMessage(JSON.parse(json))).toEqual(message);
  }
  const answer = JSON.parse(text) as { status: string | number };
  const stores = response.status === 202 && answer.status !== 'ignored';
  // Of a body without a type the contact that it names is read too.
  const hints = stage.events.messages.filter((one) => (one as { eventType?: string }).eventType === 'Untyped');
  expect(stored).toHaveLength(stores ? 1 + hints.length : 0);
  expect(hints.length).toBeLessThanOrEqual(answer.status === 'quarantined' ? 1 : 0);
  return {
    status: response.status,
    answer,
    stage,
    events: stage.events.messages,
    deadLetters: stage.deadLetters.messages,
  };
}

/** Values of every type that are wrong, or only look right. */
const NASTY_TEXTS = [
  ...[
    '',
    ' ',
    'null',
    'undefined',
    'NaN',
    '0',
    '-1',
    'true',
    '[object Object]',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    '../../etc/passwd',
    "' OR 1=1 --",
    '$'.concat('{jndi:ldap://x}'),
    '<script>',
    '%00',
    '\0',
    '\ud800',
    '\udfff\ud800',
    '\u202e\u200b\ufeff',
  ],
  ...[
    'ſ',
    'İ',
    'ß',
    '💥',
    '\u2028',
    'a\r\nX-Injected: 1',
    `${CONTACT}\n`,
    ` ${LOCATION} `,
    `${CONTACT}\0`,
    've9EPM428h8vShlRW1КT',
  ],
];
const scalar = fc.oneof(
  fc.constantFrom<unknown>(...NASTY_TEXTS, null, true, false, 0, -0, 1e308, 2 ** 53, -1e18, 1.5, [], {}, [[]]),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.string({ unit: 'binary', maxLength: 70 }),
  personal,
);
const hostileValue = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom('id', 'tags', 'contact', 'data', 'type', '__proto__', 'Call'), scalar),
  },
  { weight: 1, arbitrary: fc.integer({ min: 101, max: 3000 }).map((n) => Array(n).fill('a tag')) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 120_000 }).map((n) => 'ü'.repeat(n)) },
);
const field = (...right: unknown[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...right) }, { weight: 2, arbitrary: hostileValue });
const who = {
  firstName: personal,
  last_name: personal,
  email: personal,
  phone: personal,
  tags: fc.array(personal, { maxLength: 4 }),
};
const contact = fc.record({ ...who, id: field(CONTACT), customFields: hostileValue }, { requiredKeys: [] });

/** An object like a webhook, each field right, wrong or missing; names of persons wherever they belong, and where they do not. */
const webhookLike = fc.record(
  {
    ...who,
    type: field('ContactUpdate', 'ContactDelete', 'OpportunityCreate', 'contactupdate'),
    locationId: field(LOCATION, LOCATION, 'anotherLocation00001'),
    location_id: field(LOCATION, 'anotherLocation00001'),
    location: field({ id: LOCATION }, { id: 'anotherLocation00001' }),
    id: field(CONTACT),
    contact_id: field(CONTACT),
    contactId: field(CONTACT),
    contact: fc.oneof(contact, hostileValue),
    data: fc.oneof(contact, hostileValue),
    customData: fc.oneof(contact, hostileValue),
    appId: field(OUR_APP, 'anotherApp0000000001'),
    webhookId: field('881b9415-5d35-4ff1-a667-0545b80b96c0'),
    timestamp: field(NOW, new Date(NOW).toISOString(), NOW - 400_000, NOW + 90_000),
    dnd: field(false, true),
    dndSettings: field({ Call: { status: 'active' } }),
  },
  { requiredKeys: [] },
);

/** JSON text that no JSON.stringify writes: keys twice, keys of prototypes, numbers that are none, escapes, odd spaces. */
const crooked = fc
  .tuple(webhookLike, fc.constantFrom(...['__proto__', 'constructor', 'hasOwnProperty', 'toJSON', 'then']))
  .map(([object, key]) => {
    const json = JSON.stringify(object).slice(1, -1);
    const more = json && `,${json}`;
    return `{ "${key}": {"type":"ContactUpdate","id":"${CONTACT}","locationId":"${LOCATION}"}, "id": 1e999, "type": "\\u0000\\ud800"${more}}`;
  });

/** A body near the limit that nests or repeats one thing. */
const heavy = fc
  .tuple(
    fc.constantFrom(
      ['[', ']'],
      ['{"contact":', '}'],
      ['{"data":{"contact":', '}}'],
      ['[{"a":', '}]'],
      ['{"id":[', ']}'],
    ),
    fc.integer({ min: 1, max: 13_000 }),
  )
  .map(
    ([[open = '', close = ''], depth]) => `{"type":"ContactUpdate","x":${open.repeat(depth)}1${close.repeat(depth)}}`,
  );

export const hostileBody: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .oneof(
    { weight: 6, arbitrary: webhookLike.map((object) => JSON.stringify(object)) },
    { weight: 2, arbitrary: crooked },
    { weight: 1, arbitrary: heavy },
    { weight: 1, arbitrary: fc.tuple(webhookLike, fc.nat()).map(([object, at]) => cut(JSON.stringify(object), at)) },
    { weight: 1, arbitrary: personal },
    { weight: 1, arbitrary: fc.json() },
  )
  .map(bytesOf)
  .chain((bytes) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(bytes) },
      // a byte that is no UTF-8, a BOM, UTF-16
      { weight: 1, arbitrary: fc.constant(new Uint8Array([...bytes.slice(0, 200), 0xff])) },
      { weight: 1, arbitrary: fc.constant(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes.slice(0, 5000)])) },
      { weight: 1, arbitrary: fc.constant(new Uint8Array([...bytes.slice(0, 2000)].flatMap((byte) => [byte, 0]))) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((random) => new Uint8Array(random)) },
    ),
  );

function cut(text: string, at: number): string {
  return text.slice(0, at % (text.length + 1));
}

export const signing = fc.constantFrom<Signing>(...SCHEMES);
