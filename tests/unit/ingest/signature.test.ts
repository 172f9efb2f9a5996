import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Env } from '../../../workers/ingest/env.ts';
import { createKeyring, PUBLISHED_ED25519_KEY, PUBLISHED_RSA_KEY } from '../../../workers/ingest/keys.ts';
import { createSettingsReader, type Warning } from '../../../workers/ingest/settings.ts';
import { verifySignature } from '../../../workers/ingest/signature.ts';
import {
  BODY,
  ed,
  edSign,
  ghl,
  hmac,
  otherEd,
  outcomeOf,
  pem,
  raw,
  rsa,
  rsaSign,
  spki,
  type Vars,
  verify,
} from './signature-harness.ts';

describe('HMAC', () => {
  const vars = { GHL_WEBHOOK_SECRET: 'new secret', GHL_WEBHOOK_SECRET_PREVIOUS: 'old secret' };
  const hex = hmac('new secret', 'hex');
  test.each([
    ['hex', hex],
    ['upper-case hex', hex.toUpperCase()],
    ['hex with a prefix', `sha256=${hex}`],
    ['base64', hmac('new secret', 'base64')],
    ['hex with spaces around it', `  ${hex} `],
    ['the previous secret, while it is being rotated', hmac('old secret', 'hex')],
  ])('%s is accepted', async (_form, value) => {
    expect(await outcomeOf(vars, ghl(value))).toBe('authentic hmac');
  });

  test.each(['GHL_WEBHOOK_SECRET', 'GHL_WEBHOOK_SECRET_PREVIOUS'])(
    'the outer spaces of %s belong to it',
    async (name) => {
      expect(await outcomeOf({ [name]: ' a secret ' }, ghl(hmac(' a secret ', 'hex')))).toBe('authentic hmac');
      expect(await outcomeOf({ [name]: ' a secret ' }, ghl(hmac('a secret', 'hex')))).toBe('wrong_signature');
    },
  );

  test('a secret that was rotated out is refused', async () => {
    expect(await outcomeOf({ GHL_WEBHOOK_SECRET: 'new secret' }, ghl(hmac('old secret', 'hex')))).toBe(
      'wrong_signature',
    );
  });

  // Importing an empty secret throws in every runtime.
  test.each(['', ' ', '\n', '\ufeff'])('a blank secret (%j) does not stop the other', async (GHL_WEBHOOK_SECRET) => {
    const one = { GHL_WEBHOOK_SECRET, GHL_WEBHOOK_SECRET_PREVIOUS: 'old secret' };
    expect(await outcomeOf(one, ghl(hmac('old secret', 'hex')))).toBe('authentic hmac');
  });

  test('the previous secret works alone', async () => {
    const alone = { GHL_WEBHOOK_SECRET: '', GHL_WEBHOOK_SECRET_PREVIOUS: 'old secret' };
    expect(await outcomeOf(alone, ghl(hmac('old secret', 'hex')))).toBe('authentic hmac');
  });

  test.each([{}, { GHL_WEBHOOK_SECRET: '' }, { GHL_WEBHOOK_SECRET: ' ' }])(
    'no secret (%j) accepts nothing',
    async (none) => {
      for (const secret of ['', ' ', 'undefined'])
        expect(await outcomeOf(none, ghl(hmac(secret, 'hex')))).toBe('no_key');
    },
  );

  test('another body is refused', async () => {
    expect(await outcomeOf(vars, ghl(hex), new TextEncoder().encode('{}'))).toBe('wrong_signature');
  });
});

describe('Ed25519', () => {
  const good = edSign(ed.privateKey);
  const wrapped = (key: KeyObject) => spki(key).toString('base64');
  test.each([
    ['PEM', pem(ed.publicKey)],
    ['PEM in one line', pem(ed.publicKey).trim().replaceAll('\n', '\\n')],
    ['PEM with Windows line ends', pem(ed.publicKey).replaceAll('\n', '\r\n')],
    ['base64 of the SPKI', wrapped(ed.publicKey)],
    ['base64 of the 32 bytes', raw(ed.publicKey)],
    ['the second of two PEMs', pem(otherEd.publicKey) + pem(ed.publicKey)],
    ['the second of two, by comma', `${raw(otherEd.publicKey)}, ${raw(ed.publicKey)}`],
    ['the second of two, by line', `${wrapped(otherEd.publicKey)}\n${raw(ed.publicKey)}\n`],
    ['base64 beside a PEM', `${pem(otherEd.publicKey)},${raw(ed.publicKey)}`],
  ])('is verified with a key configured as %s', async (_form, setting) => {
    expect(await verify({ GHL_ED25519_PUBLIC_KEYS: setting }, ghl(good))).toEqual({
      outcome: 'authentic ed25519',
      warnings: [],
    });
  });

  test("GoHighLevel's published key is the default, and no other key passes for it", async () => {
    expect(await outcomeOf({}, ghl(good))).toBe('wrong_signature');
    expect(await outcomeOf({ GHL_ED25519_PUBLIC_KEYS: ' ' }, ghl(good))).toBe('wrong_signature');
  });

  test('a configured key replaces the published one', async () => {
    expect(await outcomeOf({ GHL_ED25519_PUBLIC_KEYS: raw(otherEd.publicKey) }, ghl(good))).toBe('wrong_signature');
  });

  test('a key that cannot be read is named in a warning, and the others go on working', async () => {
    const setting = `nonsense,${raw(ed.publicKey)}`;
    const { outcome, warnings } = await verify({ GHL_ED25519_PUBLIC_KEYS: setting }, ghl(good));
    expect(outcome).toBe('authentic ed25519');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ setting: 'GHL_ED25519_PUBLIC_KEYS' });
    expect(JSON.stringify(warnings)).not.toContain('nonsense');
  });

  test.each(['nonsense', pem(rsa.publicKey), '-----BEGIN PUBLIC KEY-----', raw(ed.publicKey).slice(0, 40)])(
    'only unreadable keys (%#) refuse every signature instead of trusting the published key',
    async (setting) => {
      const { outcome, warnings } = await verify({ GHL_ED25519_PUBLIC_KEYS: setting }, ghl(good));
      expect(outcome).toBe('no_key');
      expect(warnings.length).toBeGreaterThan(0);
    },
  );

  test('a second signature made from a first one (s + L) is refused', async () => {
    const L = 2n ** 252n + 27742317777372353535851937790883648493n;
    const signature = sign(null, BODY, ed.privateKey);
    let s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + L;
    for (let i = 32; i < 64; i++, s >>= 8n) signature[i] = Number(s & 0xffn);
    expect(await outcomeOf({ GHL_ED25519_PUBLIC_KEYS: raw(ed.publicKey) }, ghl(signature.toString('base64')))).toBe(
      'wrong_signature',
    );
  });
});

describe('a header of no known form', () => {
  const vars = { GHL_WEBHOOK_SECRET: 'new secret', GHL_ED25519_PUBLIC_KEYS: raw(ed.publicKey) };
  const base64 = edSign(ed.privateKey);
  const hex = hmac('new secret', 'hex');
  const mac = hmac('new secret', 'base64');
  /** The last character before the padding holds bits that decoding drops: another text for the same bytes. */
  const stray = (text: string, padding: string) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const at = text.length - padding.length - 1;
    return text.slice(0, at) + alphabet[alphabet.indexOf(text[at] ?? '') + 1] + padding;
  };
  test.each([
    ['63 hex digits', hex.slice(1)],
    ['65 hex digits', `${hex}0`],
    ['hex with a letter beyond f', `g${hex.slice(1)}`],
    ['another prefix', `sha1=${hex}`],
    ['base64 behind the prefix', `sha256=${mac}`],
    ['base64 without padding', base64.slice(0, -2)],
    ['URL-safe base64', `-_${base64.slice(2)}`],
    ['stray bits in an Ed25519 signature', stray(base64, '==')],
    ['stray bits in a MAC', stray(mac, '=')],
    ['a space inside', `${base64.slice(0, 40)} ${base64.slice(41)}`],
    ['65 bytes in 88 characters', Buffer.alloc(65, 7).toString('base64')],
    ['66 bytes in 88 characters', Buffer.alloc(66, 7).toString('base64')],
    [
      'a genuine Ed25519 signature and a byte more',
      Buffer.from(`${base64.slice(0, -2)}AA`, 'base64').toString('base64'),
    ],
    ['63 bytes', Buffer.alloc(63, 7).toString('base64')],
    ['31 bytes in 44 characters', Buffer.alloc(31, 7).toString('base64')],
    ['33 bytes in 44 characters', Buffer.alloc(33, 7).toString('base64')],
    ['an RSA signature', rsaSign(rsa.privateKey)],
    ['two headers', `${hex}, ${hex}`],
    ['two Ed25519 headers', `${base64}, ${base64}`],
    ['the secret itself', 'new secret'],
  ])('is refused: %s', async (_form, value) => {
    expect(await outcomeOf(vars, ghl(value))).toBe('malformed_signature');
  });

  test.each(['', 'N/A', 'n/a'])('counts as none: %j', async (value) => {
    expect(await outcomeOf(vars, ghl(value))).toBe('no_signature');
  });

  test('duplicated headers are refused', async () => {
    const headers = new Headers(ghl(hex));
    headers.append('x-ghl-signature', hex);
    expect(await outcomeOf(vars, headers)).toBe('malformed_signature');
  });

  test('no header at all is refused', async () => {
    expect(await outcomeOf(vars, {})).toBe('no_signature');
  });
});

describe('RSA, the legacy scheme', () => {
  const on = { GHL_LEGACY_RSA: 'on', GHL_RSA_PUBLIC_KEYS: pem(rsa.publicKey), GHL_WEBHOOK_SECRET: 'new secret' };
  const wh = { 'x-wh-signature': rsaSign(rsa.privateKey) };
  test('is accepted when it is switched on and X-GHL-Signature is absent', async () => {
    expect(await outcomeOf(on, wh)).toBe('authentic rsa');
    expect(await outcomeOf({ ...on, GHL_RSA_PUBLIC_KEYS: spki(rsa.publicKey).toString('base64') }, wh)).toBe(
      'authentic rsa',
    );
  });
  test.each([undefined, '', 'off', 'true', '1'])('is off when the switch is %j', async (GHL_LEGACY_RSA) => {
    const vars: Vars = { ...on, ...(GHL_LEGACY_RSA === undefined ? { GHL_LEGACY_RSA: '' } : { GHL_LEGACY_RSA }) };
    expect(await outcomeOf(vars, wh)).toBe('legacy_signature_off');
  });
  test.each(['N/A', '', hmac('wrong', 'hex'), 'x'])('never comes to the help of X-GHL-Signature: %j', async (value) => {
    expect(await outcomeOf(on, { ...ghl(value), ...wh })).toMatch(/no_signature|wrong_signature|malformed_signature/);
  });
  test('does not stand in the way of X-GHL-Signature', async () => {
    expect(await outcomeOf(on, { ...ghl(hmac('new secret', 'hex')), 'x-wh-signature': 'x' })).toBe('authentic hmac');
  });
  test('verifies with the published key by default', async () => {
    expect(await outcomeOf({ GHL_LEGACY_RSA: 'on' }, wh)).toBe('wrong_signature');
  });
  test.each([511, 513, 256, 64])('refuses %i bytes', async (length) => {
    expect(await outcomeOf(on, { 'x-wh-signature': Buffer.alloc(length, 7).toString('base64') })).toBe(
      'malformed_signature',
    );
  });
  test('accepts no other scheme in its header', async () => {
    for (const value of [hmac('new secret', 'hex'), edSign(ed.privateKey), 'N/A', '']) {
      expect(await outcomeOf(on, { 'x-wh-signature': value })).toBe('malformed_signature');
    }
  });
});

test('the published keys are GoHighLevel’s, by their fingerprints', () => {
  const fingerprint = (key: string) =>
    createHash('sha256')
      .update(spki(createPublicKey(key)))
      .digest('hex');
  expect(fingerprint(PUBLISHED_ED25519_KEY)).toBe('5a2c1b2749d3efcc233fb27d4ab43d56b8d20818c42cd226f6c9a3ff20d3097c');
  expect(fingerprint(PUBLISHED_RSA_KEY)).toBe('2f62045d413b1b7747e26770ce7f57840cbf86288cd20ceb90d299a62501fd25');
});

test('keys are imported once, and again when their setting changes', async () => {
  const warnings: Warning[] = [];
  const keyring = createKeyring((warning) => warnings.push(warning));
  const settingsOf = createSettingsReader(() => {});
  const check = (secret: string, keys: string, headers: Record<string, string>) => {
    const settings = settingsOf({ GHL_WEBHOOK_SECRET: secret, GHL_ED25519_PUBLIC_KEYS: keys } as Env);
    return verifySignature(new Headers(headers), BODY, settings, keyring);
  };
  for (let i = 0; i < 3; i++) await check('a', 'nonsense', ghl(edSign(ed.privateKey)));
  expect(warnings).toHaveLength(1);
  expect(await check('a', '', ghl(hmac('a', 'hex')))).toMatchObject({ kind: 'authentic' });
  expect(await check('b', '', ghl(hmac('a', 'hex')))).toMatchObject({ kind: 'refused' });
  expect(await check('b', raw(ed.publicKey), ghl(edSign(ed.privateKey)))).toMatchObject({ kind: 'authentic' });
});
