// Log lines: one JSON object each, and never a phone number, an email or a token.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createLog, redact, toConsole } from '../../../shared/log.ts';

describe('redact', () => {
  test.each([
    ['dana.reyes@example.com', '[email]'],
    ["sean.o'malley+x@mail.example.co.uk asked", '[email] asked'],
    ['{"email":["a{b}=c@example.com is wrong"]}', '{"email":["[email] is wrong"]}'],
    ['Dana <dana@example.com>, x', 'Dana <[email]>, x'],
    ['"dana reyes"@example.com', '[email]'],
    ['müller@größe.de', '[email]'],
    ['dana.reyes is a invalid email address for field email', '[email] is a invalid email address for field email'],
    ['+13055550142', '[phone]'],
    ['call (305) 555-0142 now', 'call [phone] now'],
    ['305.555.0142', '[phone]'],
    ['305–555–0142', '[phone]'],
    ['305/555/0142', '[phone]'],
    ['+1\u00a0305\u00a0555\u00a00142', '[phone]'],
    ['٣٠٥٥٥٥٠١٤٢', '[phone]'],
    ['?phone_number=%2B13055550142', '?phone_number=[phone]'],
    ['Authorization: Bearer pit-0d1f2a33-9b1c', 'Authorization: [secret]'],
    ['Token 9944b09199c62bcf9418ad846dd0e4bb', '[secret]'],
    ['key pit-0d1f2a33-9b1c-4d5e used', 'key [secret] used'],
  ])('%s', (text, masked) => {
    expect(redact(text)).toBe(masked);
  });

  test.each([
    'GET /buckets/: 530 error code: 1016',
    'Invalid token: access token is invalid',
    'The token does not have access to this location.',
    'no answer within 10000 ms',
    'contact nmFmQEsNgz6AVpgLVUJ0: 404',
    'Invalid pk "4101" - object does not exist.',
    'PATCH /contacts/9011223/: 400',
    'PATCH /contacts/3055550142/: 400',
    'the run of 2026-11-28 at 2026-11-28T10:11:12.345Z, 10:11:12 for short, 11/28/2026',
    'from 203.0.113.77:8787 to 2001:db8:0:1:1:1:1:1',
    'trace 7f3e6b52-8a11-4c0e-9d0f-305555014212, ray 8f3a2b1c4d5e6f70',
    'page 1234567 of 12345678, 1,234,567,890 rows, 1764324672123 ms, 305.5550142 s',
    'contact 90112233 and ghl3055550142x',
    '',
  ])('what a person needs to read stays: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  const around = fc.constantFrom('', ' ', '"', "'", '(', ':', ',', '\n', 'tel:', '[', '<');
  const gap = fc.constantFrom('', ' ', '-', '/', ') ', ' (', '\u00a0', '–');
  const spread = (prefix: fc.Arbitrary<string>, number: RegExp) =>
    fc
      .tuple(prefix, fc.stringMatching(number), fc.array(gap, { minLength: 16, maxLength: 16 }))
      .map(([first, digits, gaps]) => `${first}${[...digits].map((digit, i) => `${digit}${gaps[i]}`).join('')}`.trim());
  /** As numbers are written: after a plus or 00, after a trunk 0, or in the three groups of North America. */
  const grouped = fc.oneof(
    spread(fc.constantFrom('+', '+1', '+44 ', '%2B', '00'), /^[1-9]\d{6,11}$/),
    spread(fc.constantFrom('0', '(0'), /^[1-9]\d{7,8}$/),
    fc
      .tuple(fc.constantFrom('', '1', '1-', '('), fc.stringMatching(/^[2-9]\d\d[2-9]\d{6}$/), gap, gap)
      .map(([first, n, a, b]) => `${first}${n.slice(0, 3)}${a}${n.slice(3, 6)}${b}${n.slice(6)}`),
  );

  test('property: no phone number survives, however it is grouped and wherever it stands', () => {
    fc.assert(
      fc.property(
        grouped,
        around,
        around.filter((text) => text !== 'tel:'),
        (phone, before, after) => {
          const left = redact(`${before}${phone}${after}`).replace(/\D/g, '');
          expect(left).toBe('');
        },
      ),
    );
  });

  test('property: no email address survives', () => {
    fc.assert(
      fc.property(fc.emailAddress(), around, around, (email, before, after) => {
        const masked = redact(`${before}${email}${after}`);
        expect(masked).not.toContain('@');
        expect(masked.replace('[email]', '').length).toBeLessThanOrEqual(before.length + after.length);
      }),
    );
  });

  test('property: masking twice changes nothing more', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(redact(redact(text))).toBe(redact(text));
      }),
    );
  });

  test('a long text without spaces costs no more than its length', () => {
    const started = performance.now();
    redact('x'.repeat(200_000));
    redact('1@'.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('createLog', () => {
  function logged(base: Parameters<typeof createLog>[0], ...line: Parameters<ReturnType<typeof createLog>>) {
    const lines: string[] = [];
    createLog(base, (text) => lines.push(text))(...line);
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0] ?? '');
  }

  test('a line holds the event, what all lines share, and its own fields', () => {
    expect(logged({ worker: 'w' }, 'contact.placed', { attempts: 2, ok: true, none: null, gone: undefined })).toEqual({
      event: 'contact.placed',
      worker: 'w',
      attempts: 2,
      ok: true,
      none: null,
    });
  });

  test('texts are masked whatever their field is called, ids stay whole', () => {
    expect(
      logged({ error: 'a@example.com' }, 'x', { detail: '+13055550142', contactId: '30555501421234567890' }),
    ).toEqual({
      event: 'x',
      error: '[email]',
      detail: '[phone]',
      contactId: '30555501421234567890',
    });
  });

  test('each line says how grave it is, and the console takes it so', () => {
    const severities: string[] = [];
    const log = createLog({}, (_line, severity) => severities.push(severity));
    for (const event of ['webhook.queued', 'webhook.lost', 'contact.retry', 'contact.placed']) log(event);
    expect(severities).toEqual(['log', 'error', 'warn', 'log']);

    const spies = (['log', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method).mockReturnValue());
    for (const severity of ['log', 'warn', 'error'] as const) toConsole(severity, severity);
    expect(spies.map(({ mock }) => mock.calls)).toEqual([[['log']], [['warn']], [['error']]]);
    for (const spy of spies) spy.mockRestore();
  });

  test('a line break in a value stays within the line', () => {
    const lines: string[] = [];
    createLog({}, (text) => lines.push(text))('x', { detail: 'a\nb' });
    expect(lines[0]).not.toContain('\n');
  });
});
