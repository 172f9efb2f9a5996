// What one batch asks a vendor after refusals, and how long an answer serves.

import { describe, expect, test } from 'vitest';
import { VendorError } from '../../../workers/consumer/domain/failure.ts';
import { createRefusals } from '../../../workers/consumer/vendors/refusal-log.ts';

const request = { method: 'GET', path: '/contacts/1', about: 'record' } as const;
const refused = () => ({ kind: 'refused', vendor: 'gohighlevel', sign: 'record', error: '403' }) as const;

/** A log whose call that concerns no record ends like this, each time. */
function logged(answer: () => Promise<unknown>) {
  const refusals = createRefusals();
  const seen = { asked: 0 };
  refusals.probes.gohighlevel = () => {
    seen.asked++;
    return answer();
  };
  return { refusals, seen };
}

describe('the call that concerns no record', () => {
  test('is made once for all that was refused before it', async () => {
    const { refusals, seen } = logged(() => Promise.reject(new Error('timeout')));
    await refusals.note(request, refused());
    refusals.askAhead('gohighlevel');
    expect([await refusals.ask('gohighlevel'), await refusals.ask('gohighlevel'), seen.asked]).toEqual([
      'unknown',
      'unknown',
      1,
    ]);
  });

  test('is made again for what is refused after it: the key may have been revoked in between', async () => {
    let revoked = false;
    const { refusals, seen } = logged(async () => {
      if (revoked) throw new VendorError(refused());
    });
    await refusals.note(request, refused());
    expect(await refusals.ask('gohighlevel')).toBe('fine');
    revoked = true;
    await refusals.note(request, { ...refused(), sign: 'list' });
    expect([await refusals.ask('gohighlevel'), seen.asked]).toEqual(['refused', 2]);
  });

  test('is not made ahead where nothing was refused, or only a list was', async () => {
    const { refusals, seen } = logged(async () => {});
    refusals.askAhead('gohighlevel');
    await refusals.note(request, { ...refused(), sign: 'list' });
    refusals.askAhead('gohighlevel');
    expect(seen.asked).toBe(0);
  });
});
