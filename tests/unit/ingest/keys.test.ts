// Keys that cannot verify what they are configured for: each is named, and stops neither the good keys nor the answer.

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createKeyring, type Keyring } from '../../../workers/ingest/keys.ts';
import { createSettingsReader } from '../../../workers/ingest/settings.ts';
import { verifySignature } from '../../../workers/ingest/signature.ts';
import {
  BODY,
  ed,
  edSign,
  ghl,
  otherEd,
  outcomeOf,
  pem,
  raw,
  rsa,
  rsaSign,
  spki,
  verify,
} from './signature-harness.ts';

const smallRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs1 = rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const privatePem = ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const longer = (der: Buffer) => Buffer.concat([der, Buffer.alloc(1)]).toString('base64');
const shorter = (der: Buffer) => der.subarray(0, -1).toString('base64');

/** SPKI of keys that not every runtime can make; of the DSA key only its beginning. */
const SPKI = {
  ec: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQV7SVm6M2IfnrLp4BWxF+I3jkBq2yR8EGGy4dXjxwwFr4NUUUTVytHFzGtbnWCM+rWE2R0TacKjEXdJdY5GCDA==',
  x25519: 'MCowBQYDK2VuAyEAI9K9WpashyoOtKelIcdkc767uexB/5Q64KE+B3SffBk=',
  x448: 'MEIwBQYDK2VvAzkAQAWxJ4xaoRDJq4OQkoTryVr89wicFQbPllnfj7zxOzWPaSCNIBdRa8AgzG9yhU4vWYaiKfbOAKM=',
  ed448: 'MEMwBQYDK2VxAzoAbWm3orL9cmcxs6zBcSukKBGqmLl+MVDBzQwmT2DCRovFUGGEdo5x3LNtoBL5O06eIxTGfeIugfmA',
  rsaPss:
    'MIGdMAsGCSqGSIb3DQEBCgOBjQAwgYkCgYEAtT+askr37UB37euobJElLMQQR4WtMWeV6Ckvhc+zh3VbrPl4icUra+UVHHQSrO+x1/+Ahso02r/IUWE4SFUSHbk5Cli9fykfR3TD5JjADcMuuNnHOCYOMWfij3qh8fbCSAoQ75aluHSl4WNCezuOBNiA02gN6wWNoBeMJEXqCjsCAwEAAQ==',
  dsa: 'MA8wCQYHKoZIzjgEAQMCAAA=',
};

const UNREADABLE = 'is not a public key (PEM, or its base64)';

describe('Ed25519', () => {
  const good = edSign(ed.privateKey);

  test('the warning counts the entries as they are written, PEM and base64 alike', async () => {
    const setting = `${raw(ed.publicKey)},nonsense\n${pem(otherEd.publicKey)}${pem(rsa.publicKey)}`;
    const { outcome, warnings } = await verify({ GHL_ED25519_PUBLIC_KEYS: setting }, ghl(good));
    expect(outcome).toBe('authentic ed25519');
    expect(warnings.map(({ detail }) => detail)).toEqual([
      `entry 2 ${UNREADABLE}; it is left out`,
      'entry 4 is a key of type RSA, not Ed25519; it is left out',
    ]);
  });

  // workerd imports keys of most types as Ed25519 keys, and throws when it verifies with them.
  test.each([
    ['RSA', pem(rsa.publicKey), 'is a key of type RSA, not Ed25519'],
    ['RSA, as base64', spki(rsa.publicKey).toString('base64'), 'is a key of type RSA, not Ed25519'],
    ['RSA-PSS', SPKI.rsaPss, 'is a key of type RSA-PSS, not Ed25519'],
    ['EC', SPKI.ec, 'is a key of type EC, not Ed25519'],
    ['X25519', SPKI.x25519, 'is a key of type X25519, not Ed25519'],
    ['X448', SPKI.x448, 'is a key of type X448, not Ed25519'],
    ['Ed448', SPKI.ed448, 'is a key of type Ed448, not Ed25519'],
    ['DSA, which is in no list of ours', SPKI.dsa, 'is a key of type unknown (2a8648ce380401), not Ed25519'],
    ['an Ed25519 key with a byte too many', longer(spki(ed.publicKey)), UNREADABLE],
    ['an Ed25519 key with a byte too few', shorter(spki(ed.publicKey)), UNREADABLE],
    ['31 bytes', Buffer.alloc(31, 7).toString('base64'), UNREADABLE],
    ['33 bytes', Buffer.alloc(33, 7).toString('base64'), UNREADABLE],
    ['zeros', Buffer.alloc(32).toString('base64'), 'is no key but a row of zeros'],
    ['one and zeros', Buffer.alloc(32).fill(1, 0, 1).toString('base64'), 'is no key but a row of zeros'],
    ['a private key', privatePem, 'is a PEM block "PRIVATE KEY", not "PUBLIC KEY"'],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
      'is a PEM block "CERTIFICATE", not "PUBLIC KEY"',
    ],
    ['an empty PEM block', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----', UNREADABLE],
  ])('%s before the good key is named, and the good key goes on working', async (_kind, bad, fault) => {
    for (const separator of ['\n', ',', '\\n']) {
      const vars = { GHL_ED25519_PUBLIC_KEYS: `${bad}${separator}${raw(ed.publicKey)}` };
      const { outcome, warnings } = await verify(vars, ghl(good));
      expect(outcome).toBe('authentic ed25519');
      expect(warnings).toEqual([{ setting: 'GHL_ED25519_PUBLIC_KEYS', detail: `entry 1 ${fault}; it is left out` }]);
      expect(await outcomeOf(vars, ghl(edSign(otherEd.privateKey)))).toBe('wrong_signature');
    }
    expect(await outcomeOf({ GHL_ED25519_PUBLIC_KEYS: bad }, ghl(good))).toBe('no_key');
  });

  test('a key of a one and zeros, with which workerd verifies a forged signature, opens nothing', async () => {
    const key = Buffer.alloc(32).fill(1, 0, 1).toString('base64');
    const forged = Buffer.alloc(64).fill(1, 0, 1).toString('base64');
    expect(await outcomeOf({ GHL_ED25519_PUBLIC_KEYS: key }, ghl(forged))).toBe('no_key');
  });

  test('32 bytes that are no point of the curve verify nothing, and stop no other key', async () => {
    const vars = { GHL_ED25519_PUBLIC_KEYS: `${Buffer.alloc(32, 255).toString('base64')},${raw(ed.publicKey)}` };
    expect(await outcomeOf(vars, ghl(good))).toBe('authentic ed25519');
    expect(await outcomeOf(vars, ghl(edSign(otherEd.privateKey)))).toBe('wrong_signature');
  });
});

describe('RSA', () => {
  const on = { GHL_LEGACY_RSA: 'on' };
  const wh = { 'x-wh-signature': rsaSign(rsa.privateKey) };

  test.each([
    ['an Ed25519 key', pem(ed.publicKey), 'is a key of type Ed25519, not RSA'],
    ['an Ed25519 key of 32 bytes', raw(ed.publicKey), 'has 32 bytes, as a key of type Ed25519 has, not RSA'],
    ['an EC key', SPKI.ec, 'is a key of type EC, not RSA'],
    ['an RSA-PSS key', SPKI.rsaPss, 'is a key of type RSA-PSS, not RSA'],
    ['a small RSA key', pem(smallRsa.publicKey), 'is an RSA key of 2048 bits; GoHighLevel signs with 4096 bits'],
    ['an RSA key with a byte too few', shorter(spki(rsa.publicKey)), UNREADABLE],
    ['a PKCS #1 key', pkcs1, 'is a PEM block "RSA PUBLIC KEY", not "PUBLIC KEY"'],
  ])('%s before the good key is named, and the good key goes on working', async (_kind, bad, fault) => {
    const { outcome, warnings } = await verify({ ...on, GHL_RSA_PUBLIC_KEYS: `${bad}\n${pem(rsa.publicKey)}` }, wh);
    expect(outcome).toBe('authentic rsa');
    expect(warnings).toEqual([{ setting: 'GHL_RSA_PUBLIC_KEYS', detail: `entry 1 ${fault}; it is left out` }]);
    expect(await outcomeOf({ ...on, GHL_RSA_PUBLIC_KEYS: bad }, wh)).toBe('no_key');
  });
});

test('a key that throws while it verifies is a wrong signature, and does not stop the next key', async () => {
  const settings = createSettingsReader(() => {})({ GHL_ED25519_PUBLIC_KEYS: raw(ed.publicKey) } as never);
  const keyring = createKeyring(() => {});
  // A key for encryption: every runtime throws when it is to verify with it.
  const { publicKey: unfit } = await crypto.subtle.generateKey(
    { name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    false,
    ['encrypt', 'decrypt'],
  );
  const check = async (keys: Keyring) => verifySignature(new Headers(ghl(edSign(ed.privateKey))), BODY, settings, keys);
  const withUnfit: Keyring = async (...asked) => [unfit, ...(await keyring(...asked))];
  expect(await check(withUnfit)).toEqual({ kind: 'authentic', scheme: 'ed25519' });
  expect(await check(async () => [unfit])).toMatchObject({ kind: 'refused', refusal: { reason: 'wrong_signature' } });
});
