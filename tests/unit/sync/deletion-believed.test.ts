// Which answers of GoHighLevel prove that a contact is gone, condition by condition.

import { describe, expect, test } from 'vitest';
import type { Circuit } from '../../../workers/consumer/domain/circuit.ts';
import type { Read } from '../../../workers/consumer/domain/contact.ts';
import type { Failure } from '../../../workers/consumer/domain/failure.ts';
import { believe } from '../../../workers/consumer/sync/deletion.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { closed, createCallMonitor, SUSPECTS } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import type { Vendors } from '../../../workers/consumer/vendors/clients.ts';
import { FAILURES, taskOf } from '../../support/batch-harness.ts';

const NOW = 10_000_000;
/** Within the time that the search may lag. */
const FRESH = NOW - 59_999;
const OLD = NOW - 60_000;
const ODD: Failure = { kind: 'transient', vendor: 'gohighlevel', error: 'an odd answer' };
const GONE: Read = { kind: 'gone' };
const DOUBTFUL: Read = { kind: 'doubtful', failure: ODD };
const FOUND = { kind: 'found', contact: { id: 'one' } } as unknown as Read;

type About = Parameters<typeof taskOf>[0];
const old = (contactId: string, { hint = {}, ...more }: About = {}) =>
  taskOf({ contactId, hint: { receivedAt: OLD, ...hint }, ...more });

/** What is believed of these reads. `shown`: whether the search shows a contact. */
async function believed(
  reads: [Task, Read | Failure][],
  circuit: Partial<Circuit> | null = null,
  shown: (contactId: string) => boolean = () => false,
) {
  const monitor = createCallMonitor();
  const searched: string[] = [];
  let open = 0;
  let most = 0;
  const shows = async (contactId: string) => {
    searched.push(contactId);
    most = Math.max(most, ++open);
    await new Promise((resolve) => setImmediate(resolve));
    open--;
    return shown(contactId);
  };
  const circuits = [
    { ...closed('calltools'), openReason: 'CallTools is down', suspects: ['x'], gone: ['x', 'y', 'z'] },
    ...(circuit ? [{ ...closed('gohighlevel'), ...circuit }] : []),
  ];
  const { known, failed, ask } = await believe(
    new Map(reads),
    circuits,
    { monitor, ghl: { shows } } as unknown as Vendors,
    NOW,
  );
  const ids = (tasks: Iterable<[Task, unknown]>) => [...tasks].map(([{ work }]) => work.contactId);
  return {
    known: ids(known),
    kinds: [...known.values()].map(({ kind }) => kind),
    failed: ids(failed),
    failures: [...failed.values()],
    ask,
    searched,
    most,
    worked: monitor.worked.has('gohighlevel'),
    gone: [...monitor.gone],
    doubted: monitor.doubted,
  };
}

const gone = (...ids: string[]): [Task, Read][] => ids.map((id) => [old(id), GONE]);
const ids = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);

describe('a contact that was not found', () => {
  test('is gone, and is remembered as one that nothing else confirms', async () => {
    expect(await believed(gone('a', 'b'))).toMatchObject({
      ...{ known: ['a', 'b'], kinds: ['gone', 'gone'], failed: [], searched: [] },
      ...{ gone: ['a', 'b'], worked: false, doubted: false, ask: [] },
    });
  });

  test.each<[string, Partial<Circuit>, string[]]>([
    ['so many in a row were not found', { gone: ids(SUSPECTS - 1) }, ['a']],
    ['the circuit is open', { openReason: 'down' }, ['a']],
    ['contacts have failed before', { suspects: ['x'] }, ['a']],
    ['no two others were', { gone: ids(SUSPECTS - 2) }, []],
    ['the same ones were before', { gone: ['a', ...ids(SUSPECTS - 2)] }, []],
  ])('is looked for where %s', async (_, circuit, searched) => {
    const answer = await believed(gone('a'), circuit);
    expect(answer).toMatchObject({ searched, known: ['a'], kinds: ['gone'], failed: [] });
    // What the search confirms is no longer unconfirmed.
    expect([answer.gone, answer.worked]).toEqual(searched.length > 0 ? [[], true] : [['a'], false]);
  });

  test('is believed in trouble too where another contact is found in the same batch', async () => {
    const answer = await believed([...gone('a'), [old('b'), FOUND]], { openReason: 'down' });
    expect(answer).toMatchObject({ searched: [], gone: ['a'], known: ['b', 'a'], kinds: ['found', 'gone'] });
  });

  test('is in doubt where the search shows it, and so are those that were believed gone before', async () => {
    const before = ids(SUSPECTS - 1);
    const answer = await believed(gone('a'), { gone: before }, () => true);
    expect(answer).toMatchObject({ known: [], failed: ['a'], doubted: true, worked: false, gone: [] });
    expect(answer.failures).toMatchObject([{ kind: 'transient', vendor: 'gohighlevel' }]);
    expect(answer.failures[0]).not.toHaveProperty('lagging');
    expect(answer.ask).toEqual(before.map((contactId) => ({ contactId, delayMs: 30_000 })));
  });

  test('those before are not asked for while nothing contradicts', async () => {
    expect((await believed(gone('a'), { gone: ids(SUSPECTS - 1) })).ask).toEqual([]);
  });

  test('a search that fails leaves it unknown', async () => {
    const answer = await believed(gone('a'), { openReason: 'down' }, () => {
      throw new Error('no answer');
    });
    expect(answer).toMatchObject({ known: [], failed: ['a'], gone: [], worked: false, doubted: false });
  });

  test('at most five searches run at once', async () => {
    const answer = await believed(gone(...ids(8)));
    expect([answer.searched.length, answer.most]).toEqual([8, 5]);
  });
});

describe('a deletion that is proven', () => {
  const told = { source: 'webhook', eventType: 'ContactDelete' } as const;

  test.each<[string, Task, Read, boolean]>([
    ['a webhook reported it', old('a', { hint: told }), GONE, true],
    ['the answer itself says that it was deleted', old('a'), { kind: 'gone', flagged: true }, false],
  ])('is never looked for: %s', async (_, task, read, worked) => {
    const answer = await believed([[task, read]], { openReason: 'down', gone: ids(SUSPECTS) });
    expect(answer).toMatchObject({ known: ['a'], kinds: ['gone'], searched: [], gone: [], worked });
  });

  test.each([
    ['another message', { ...told, source: 'replay' } as const],
    ['another webhook', { ...told, eventType: 'ContactUpdate' }],
  ])('by %s it is not', async (_, hint) => {
    const answer = await believed([[old('a', { hint }), GONE]], { openReason: 'down' });
    expect(answer.searched).toEqual(['a']);
  });

  test('one that is found, although its deletion was told, proves nothing', async () => {
    expect(await believed([[old('a', { hint: told }), FOUND]])).toMatchObject({ known: ['a'], worked: false });
  });
});

describe('an answer that says neither', () => {
  test('is a deletion where the search does not show the contact', async () => {
    expect(await believed([[old('a'), DOUBTFUL]])).toMatchObject({
      ...{ searched: ['a'], known: ['a'], kinds: ['gone'], failed: [], gone: [], worked: true },
    });
  });

  test('is checked although another contact is found, and fails as it did where the search shows it', async () => {
    const answer = await believed(
      [
        [old('a'), DOUBTFUL],
        [old('b'), FOUND],
      ],
      null,
      (id) => id === 'a',
    );
    expect(answer).toMatchObject({ searched: ['a'], known: ['b'], failed: ['a'], failures: [ODD], doubted: true });
  });

  test.each<[string, About, boolean]>([
    ['came a moment ago', { row: { createdAt: FRESH } }, true],
    ['came a minute ago', { row: { createdAt: OLD } }, false],
    ['is named by a webhook of just now', { hint: { receivedAt: FRESH } }, true],
    ['is named by a webhook of a minute ago', {}, false],
    ['is named by a message that stands for one of just now', { hint: { newestAt: FRESH } }, true],
    ['is named just now by a run', { hint: { source: 'backstop', receivedAt: FRESH } }, false],
  ])('of a contact that %s: too early to tell is %j', async (_, about, early) => {
    const answer = await believed([[old('a', about), DOUBTFUL]]);
    expect([answer.failed, answer.known]).toEqual(early ? [['a'], []] : [[], ['a']]);
    expect(answer.failures).toMatchObject(early ? [{ kind: 'transient', vendor: 'gohighlevel', lagging: true }] : []);
    expect([answer.doubted, answer.worked]).toEqual([false, !early]);
  });

  test.each(['there', 'heard'] as const)('too early also where a webhook said so of late: %s', async (kind) => {
    const of = async (at: number) => (await believed([[{ ...old('a'), told: { [kind]: at } }, DOUBTFUL]])).failed;
    expect([await of(FRESH), await of(OLD)]).toEqual([['a'], []]);
  });
});

describe('a contact that the search shows and the read does not is lagging', () => {
  const lagging = async (task: Task) =>
    (await believed([[task, GONE]], { openReason: 'down' }, () => true)).failures.map((one) => 'lagging' in one)[0];

  test.each<[boolean, string, About]>([
    [true, 'it is new', { row: { createdAt: FRESH } }],
    [false, 'it is a minute old', { row: { createdAt: OLD }, hint: { receivedAt: FRESH } }],
    [true, 'it came back just now', { row: { reason: 'deleted' }, hint: { receivedAt: FRESH } }],
    [false, 'it came back a minute ago', { row: { reason: 'deleted' } }],
  ])('%j where %s', async (expected, _, about) => {
    expect(await lagging(old('a', about))).toBe(expected);
  });
});

test('a read that failed stays failed, and is not looked for', async () => {
  const answer = await believed([[old('a'), FAILURES.transient]], { openReason: 'down' });
  expect(answer).toMatchObject({ failed: ['a'], failures: [FAILURES.transient], searched: [], known: [] });
});
