// What the bench makes of its samples: percentiles, targets, the table, costs and the plan past this machine.

import { describe, expect, test } from 'vitest';
import { MESSAGE_CPU } from '../../../scripts/bench/consumer.ts';
import { costFigures, cpuOf } from '../../../scripts/bench/cost.ts';
import { type Figure, isMet, ratioOf, type Target } from '../../../scripts/bench/measure/figure.ts';
import { median, percentile } from '../../../scripts/bench/measure/statistics.ts';
import { INGEST_CPU } from '../../../scripts/bench/profile.ts';
import { binding, usage, waits } from '../../../scripts/bench/scale.ts';
import { quantity, sectionTable } from '../../../scripts/bench/show.ts';

describe('percentiles', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  test.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('%d of 1 to 100 is %d', (share, value) => expect(percentile(hundred, share)).toBe(value));

  test('of numbers, not of texts; of one sample that sample; of none nothing', () => {
    expect(median([9, 10, 100])).toBe(10);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.99)).toBeNaN();
  });
});

describe('a figure meets its targets', () => {
  const figure = (value: number, ...targets: Target[]): Figure => ({
    section: 's',
    what: 'w',
    value,
    unit: 'ms',
    floor: { what: 'f', value: 100 },
    targets,
  });
  test.each<[number, Target, boolean]>([
    [85, { kind: 'ratio-at-least', limit: 0.85 }, true],
    [84, { kind: 'ratio-at-least', limit: 0.85 }, false],
    [130, { kind: 'ratio-at-most', limit: 1.3 }, true],
    [131, { kind: 'ratio-at-most', limit: 1.3 }, false],
    [110, { kind: 'floor-plus', limit: 10 }, true],
    [111, { kind: 'floor-plus', limit: 10 }, false],
    [200, { kind: 'at-most', limit: 200 }, true],
    [Number.NaN, { kind: 'at-most', limit: 200 }, false],
    [Number.NaN, { kind: 'ratio-at-most', limit: 1.3 }, false],
  ])('%d against a floor of 100 and %j: %j', (value, target, met) => expect(isMet(figure(value, target))).toBe(met));

  test('all of them, and none when there is none', () => {
    expect(isMet(figure(120, { kind: 'ratio-at-most', limit: 1.3 }, { kind: 'at-most', limit: 100 }))).toBe(false);
    expect(isMet(figure(120))).toBeNull();
  });

  test('no ratio to a floor of nothing', () => {
    expect(ratioOf({ ...figure(1), floor: { what: 'f', value: 0 } })).toBeNull();
    expect(ratioOf(figure(125))).toBe(1.25);
  });
});

test('the table shows figure, floor, ratio, target and whether it is met', () => {
  const row: Figure = { section: 's', what: 'p99', value: 131, unit: 'ms', floor: { what: 'bare', value: 100 } };
  const table = sectionTable([{ ...row, targets: [{ kind: 'ratio-at-most', limit: 1.3 }], note: 'three rounds' }]);
  expect(table).toMatch(/✗ {2}p99 .*131 ms .*100 ms \(bare\) .*1\.31 .*≤ 1\.3\n {2}p99: three rounds$/);
  expect([quantity(0.1234, 's'), quantity(12_345, ''), quantity(4.6, '$')]).toEqual(['0.12 s', '12,345', '$4.60']);
});

describe('a million webhooks', () => {
  const spent = { ghl: 0, callTools: 0, roundTrips: 2, rowsRead: 0, rowsWritten: 10, sends: 0, logged: 0 };
  const each = { unchanged: spent, changed: spent, fresh: spent, cannotMatter: spent };
  const of25 = { ...spent, rowsWritten: 50 };
  const full = { unchanged: of25, changed: of25, fresh: of25, cannotMatter: of25 };
  const none = { fresh: 0, changed: 0, unchanged: 0, cannotMatter: 0 };
  const cost = (what: RegExp, { ingestLogged = 0, ingest = 0, consumer = none, kinds = each } = {}) =>
    costFigures({ each: kinds, full, ingestLogged, cpu: { ingest, consumer } }).find((figure) => what.test(figure.what))
      ?.value;

  test('are billed by what each does: two requests where it is alone, in a batch one and its share', () => {
    expect(cost(/: alone$/)).toBeCloseTo(2 * 0.3 + 3 * 0.4 + 10);
    expect(cost(/: in batches of 25$/)).toBeCloseTo(1.04 * 0.3 + 3 * 0.4 + 2);
    expect(cost(/: alone$/, { ingest: 5 })).toBeCloseTo(2 * 0.3 + 3 * 0.4 + 10 + 0.1);
  });

  test('are billed by how many there are of each kind, with what the consumer itself sends, logs and computes', () => {
    const busy = { ...spent, sends: 1, logged: 1000 };
    const kinds = { ...each, fresh: busy, changed: { ...spent, rowsWritten: 20 } };
    const dearer = 0.15 * 10 + 0.05 * (3 * 0.4 + 0.25 + (0.1 * 7) / 30);
    expect(cost(/: alone$/, { kinds })).toBeCloseTo(2 * 0.3 + 3 * 0.4 + 10 + dearer);
    const consumer = { ...none, fresh: 20, cannotMatter: 10 };
    expect(cost(/: alone$/, { consumer })).toBeCloseTo(2 * 0.3 + 3 * 0.4 + 10 + 0.02 * (0.05 * 20 + 0.7 * 10));
  });

  test('a GB of logs is paid as it comes, and for the week that it is kept', () =>
    expect(cost(/: alone$/, { ingestLogged: 1000 })).toBeCloseTo(2 * 0.3 + 3 * 0.4 + 10 + 0.25 + (0.1 * 7) / 30));

  test('come first without what the plan includes: all but two of three queue operations', () => {
    expect(cost(/^the bill/)).toBeCloseTo(2 * 0.4);
    const many = { ...spent, rowsWritten: 51 };
    const kinds = { unchanged: many, changed: many, fresh: many, cannotMatter: many };
    expect(cost(/^the bill/, { kinds })).toBeCloseTo(2 * 0.4 + 1);
  });

  test('take the CPU that this run has measured, where it has measured all of it', () => {
    const figure = (what: string, value: number): Figure => ({ section: 's', what, value, unit: 'ms' });
    const consumer = Object.values(MESSAGE_CPU).map((what, n) => figure(what, n));
    const ingest = figure(INGEST_CPU, 300);
    expect(cpuOf(consumer)).toBeNull();
    expect(cpuOf([ingest, ...consumer.slice(1)])).toBeNull();
    expect(cpuOf([ingest, ...consumer])).toEqual({
      ingest: 0.3,
      consumer: { fresh: 0, changed: 1, unchanged: 2, cannotMatter: 3 },
    });
  });
});

describe('past this machine', () => {
  const one = { eventsPerHour: 1_000_000, locations: 1 };
  test("a million events an hour of one location are more than GoHighLevel's limits allow", () => {
    expect(binding(one)).toBe('ghlDay');
    expect(usage(one).ghlBurst).toBeGreaterThan(1);
    expect(waits(one, Math.random)).toBeGreaterThan(1000);
  });

  test('of a thousand locations they wait for consumers, not for GoHighLevel', () => {
    const many = { eventsPerHour: 1_000_000, locations: 1000 };
    expect(binding(many)).toBe('consumers');
    expect(usage(many).ghlBurst).toBeLessThan(0.01);
  });

  test('a hundred an hour wait for nobody', () =>
    expect(waits({ eventsPerHour: 100, locations: 1 }, Math.random)).toBe(0));
});
