// Parts of the replay script: tables for a terminal, ages, and when a letter has come to an end.

import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ageOf, table } from '../../../scripts/command/text.ts';
import { createCaller } from '../../../scripts/operator/call.ts';
import type { Letter } from '../../../scripts/replay/api.ts';
import { select } from '../../../scripts/replay/select.ts';
import { letterTable } from '../../../scripts/replay/show.ts';
import { endOf } from '../../../scripts/replay/wait.ts';
import { serve } from './replay-harness.ts';

const HOUR = 3_600_000;

describe('small parts', () => {
  const letter = (changes: Partial<Letter>): Letter => ({
    id: 'd-1',
    status: 'waiting',
    reason: 'rejected',
    error: 'first',
    location_id: 'first',
    contact_id: 'contact1',
    replayable: true,
    dead_at: '2026-11-20T12:00:00.000Z',
    died_again: null,
    ...changes,
  });

  test('the table names locations where there are several', () => {
    const [one, two] = [letter({}), letter({ id: 'd-2', location_id: 'second' })];
    expect(letterTable([one], 0)).not.toContain('LOCATION');
    expect(letterTable([one, two], 0)).toMatch(/LOCATION +CONTACT[\s\S]* first +contact1[\s\S]* second +contact1/);
  });

  test('a letter that dies again while the pages are read is chosen once, as it is now', async () => {
    const later = '2026-11-20T12:05:00.000Z';
    const pages = [
      { dead_letters: [letter({}), letter({ id: 'd-2' })], total: 2, by_reason: [], next: 'x' },
      { dead_letters: [letter({ dead_at: later })], total: 2, by_reason: [], next: null },
    ];
    const list = async () => pages.shift() ?? expect.fail('no page is left');
    const { letters } = await select({ list }, {}, null);
    expect(letters.map(({ id, dead_at }) => [id, dead_at])).toEqual([
      ['d-2', letter({}).dead_at],
      ['d-1', later],
    ]);
  });

  test('a letter has an end only once something has happened to it', () => {
    const before = letter({});
    expect(endOf(letter({}), before)).toBeNull();
    expect(endOf(letter({ status: 'replayed' }), before)).toBeNull();
    expect(endOf(letter({ status: 'resolved' }), before)).toEqual({ kind: 'resolved' });
    expect(endOf(letter({ status: 'discarded' }), before)).toEqual({ kind: 'discarded' });
    const again = letter({ dead_at: '2026-11-20T12:00:01.000Z', reason: 'exhausted', error: 'second' });
    expect(endOf(again, before)).toEqual({ kind: 'failed', reason: 'exhausted', error: 'second' });
    const moved = letter({
      status: 'replayed',
      died_again: { id: 'd-2', reason: 'exhausted', error: 'other', dead_at: '' },
    });
    expect(endOf(moved, before)).toEqual({ kind: 'failed', reason: 'exhausted', error: 'other' });
  });

  test.each([
    [0, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [26 * HOUR, '1d'],
    [-5_000, '0s'],
  ])('%d ms ago is %s', (ms, age) => {
    const now = Date.parse('2026-11-20T12:00:00.000Z');
    expect(ageOf(new Date(now - ms).toISOString(), now)).toBe(age);
  });

  test('a vendor’s text cannot steer the terminal', () => {
    expect(table(['A', 'B'], [['\u001b[2Jx\r\ny', 'z']])).toBe('A        B\n [2Jx y  z');
  });

  test('a table that is too wide wraps its widest column, and becomes blocks where that is not enough', () => {
    const rows = [['d-1', 'the first line of a long error']];
    expect(table(['ID', 'ERROR'], rows, 25)).toBe('ID   ERROR\nd-1  the first line of a\n     long error');
    expect(table(['ID', 'ERROR'], rows, 20)).toBe('ID     d-1\nERROR  the first\n       line of a\n       long error');
    expect(table(['ID', 'ERROR'], [...rows, ['d-2', 'x']], 20).split('\n\n')).toHaveLength(2);
  });
});

test('an answer that begins and never ends is late, and no other server’s', async () => {
  const url = await serve((_request, response) => void response.writeHead(200).write('{"success":'));
  const call = createCaller({ url: new URL(url), token: 'token' });
  await expect(call(v.object({}), '/sync/stats', { timeoutMs: 200 })).rejects.toThrow(/gave no answer within 0\.2 s/);
});
