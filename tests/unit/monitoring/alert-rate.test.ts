// How often alerts come: a condition that flaps, grows or stands for days is sent rarely, and all of one minute in one message.

import { describe, expect, test } from 'vitest';
import { createStage, HOUR, MINUTE } from './alert-harness.ts';

describe('rate', () => {
  test('a condition that flaps is sent four times an hour at most, and never as over before it was sent', async () => {
    const stage = createStage();
    const texts: string[] = [];
    for (let minute = 0; minute < 60; minute++) {
      stage.circuit(minute % 2 === 0 ? 'down' : null);
      texts.push(...(await stage.minute()));
    }
    const kinds = texts.map((text) => /ALERT|OVER|STILL/.exec(text)?.[0]);
    expect(kinds.length).toBeGreaterThanOrEqual(6);
    expect(kinds.length).toBeLessThanOrEqual(8);
    expect(kinds).toEqual(kinds.map((_, n) => (n % 2 === 0 ? 'ALERT' : 'OVER')));
  });

  test('more dead letters are sent every quarter of an hour, counted since the last time', async () => {
    const stage = createStage();
    stage.letter('d-1');
    expect(await stage.minute()).toEqual([expect.stringContaining('1 rejected.')]);
    for (let n = 2; n <= 8; n++) stage.letter(`d-${n}`);
    stage.letter('d-9', { reason: 'exhausted' });
    for (let minute = 1; minute < 15; minute++) expect(await stage.minute()).toEqual([]);
    expect(await stage.minute()).toEqual([expect.stringMatching(/STILL: .*7 rejected \(8 wait\), 1 exhausted\./)]);
    for (let minute = 0; minute < 60; minute++) expect(await stage.minute()).toEqual([]);
  });

  test('a letter that is written while the minute is judged is not sent twice', async () => {
    const stage = createStage();
    stage.letter('d-1');
    stage.letter('d-2', { at: stage.clock.at + MINUTE - 5_000 });
    expect(await stage.minute()).toEqual([expect.stringContaining('1 rejected.')]);
    const texts: string[] = [];
    for (let minute = 0; minute < 40; minute++) texts.push(...(await stage.minute()));
    expect(texts).toEqual([expect.stringContaining('1 rejected (2 wait).')]);
  });

  test('a condition that stands for days is sent once a day', async () => {
    const stage = createStage();
    stage.circuit('down');
    const texts: string[] = [];
    for (let hour = 0; hour <= 72; hour++) texts.push(...(await stage.minute(HOUR)));
    const ofCircuit = texts.flatMap((text) => text.split('\n')).filter((line) => line.includes('CallTools is down'));
    expect(ofCircuit.map((line) => line.split(':')[0])).toEqual(['ALERT', 'STILL', 'STILL', 'STILL']);
  });

  test('all that comes up in one minute is one message, and nothing is remembered for ever', async () => {
    const stage = createStage();
    stage.circuit('down');
    stage.letter('d-1');
    const [text = '', ...more] = await stage.minute();
    expect([text.match(/ALERT/g)?.length, more]).toEqual([2, []]);
    stage.circuit(null);
    stage.sqlite.rows('DELETE FROM dead_letters');
    for (let minute = 0; minute < 20; minute++) await stage.minute();
    expect(stage.sqlite.rows('SELECT * FROM alerts')).toEqual([]);
  });
});
