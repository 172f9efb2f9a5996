// The replay script as a process, against the real routes, D1 and queues, and against servers that misbehave.

import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Letter } from '../../scripts/replay/api.ts';
import { ageOf, letterTable, table } from '../../scripts/replay/show.ts';
import { endOf } from '../../scripts/replay/wait.ts';
import { ADMIN_TOKEN, aLetter, HOUR, keep, letterRows, stageOfFile } from '../worker/operator-stage.ts';

const stage = stageOfFile();

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs the script to its end, with nobody at the keyboard. */
function replay(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const given = { PIPELINE_URL: stage.url.href, ADMIN_TOKEN, ...env };
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...given } };
    const child = execFile(process.execPath, ['scripts/replay.ts', ...args], options, (error, out, err) => {
      expect(out + err).not.toContain(given.ADMIN_TOKEN.trim() || 'no token');
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
    child.stdin?.end();
  });
}

/** A server on a port of its own, for as long as the test. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const statuses = async () => Object.fromEntries((await letterRows(stage.db)).map(({ id, status }) => [id, status]));

describe('looking', () => {
  test('lists what waits, with the meaning of each reason', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'contact2', reason: 'exhausted', error: 'POST: 502' }));
    const { code, out } = await replay(['--list']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ID +STATUS +DEAD FOR +REASON +CONTACT +ERROR\n/);
    expect(out).toMatch(/d-contact1 +waiting +\d+[dhms] +rejected +contact1 +CallTools answered 400/);
    expect(out).toMatch(/1 × exhausted \(oldest: .*\n.*failed in passing.*\n.*Replay\./);
  });

  test('filters, by everything that the route knows', async () => {
    const now = Date.now();
    await keep(
      stage.db,
      aLetter({ contactId: 'this', reason: 'exhausted', error: 'POST /contacts/: 502', deadAt: now - 13 * HOUR }),
      aLetter({ contactId: 'young', reason: 'exhausted', error: 'POST /contacts/: 502', deadAt: now }),
      aLetter({ contactId: 'other', error: 'POST /contacts/: 502', deadAt: now - 13 * HOUR }),
    );
    const filters = [
      '--reason',
      'exhausted',
      '--older-than',
      '12h',
      '--newer-than',
      '14h',
      '--error',
      '502',
      '--contact',
      'this',
    ];
    const { out } = await replay(['--list', ...filters, '--location', aLetter().locationId ?? '']);
    expect(out.match(/d-\w+/g)).toEqual(['d-this']);
    expect((await replay(['--list', '--ids', 'd-young, d-other'])).out.match(/d-\w+/g)).toEqual(['d-other', 'd-young']);
  });

  test('groups by reason, the most frequent first, with what to do', async () => {
    await keep(
      stage.db,
      aLetter({ reason: 'exhausted' }),
      aLetter({ contactId: 'contact2' }),
      aLetter({ contactId: 'contact3' }),
    );
    const { code, out } = await replay(['--group']);
    expect(code).toBe(0);
    expect(out).toMatch(/^COUNT +REASON +OLDEST\n2 +rejected +\d+d\n1 +exhausted +\d+d\n\n3 letters\n/);
    expect(out).toMatch(/Correct that field of the contact/);
    expect((await replay(['--group', '--reason', 'exhausted'])).out).not.toContain('rejected');
  });

  test('says when there is nothing', async () => {
    expect(await replay(['--list'])).toMatchObject({ code: 0, out: 'There are no such dead letters.\n' });
    expect(await replay([])).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to do') });
  });

  test.each([['--dry-run'], ['--dry-run', '--discard']])('%s changes nothing', async (...args) => {
    await keep(stage.db, aLetter());
    const { code, out } = await replay([...args, '--yes']);
    expect([code, out]).toEqual([0, expect.stringMatching(/d-contact1[\s\S]*Would (replay|discard) 1 letter\./)]);
    expect(await statuses()).toEqual({ 'd-contact1': 'waiting' });
  });

  test('without --yes and without a person nothing is changed', async () => {
    await keep(stage.db, aLetter());
    for (const args of [[], ['--discard']]) {
      expect(await replay(args)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    }
    expect(await statuses()).toEqual({ 'd-contact1': 'waiting' });
  });
});

describe('replaying', () => {
  test('waits until each contact has succeeded', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'contact2' }));
    const { code, out, err } = await replay(['--yes']);
    expect(out).toContain('Replayed 2 of 2 letters.\n');
    expect(out).toContain('2 succeeded, 0 failed again, 0 still on their way.\n');
    expect(err).toMatch(/Replaying \|█+\| 2\/2/);
    expect(code).toBe(0);
    expect(await statuses()).toEqual({ 'd-contact1': 'resolved', 'd-contact2': 'resolved' });
  });

  test('tells which failed again, and why: for the same reason or another', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'broken1' }), aLetter({ contactId: 'moved1' }));
    const { code, out } = await replay(['--yes']);
    expect(code).toBe(1);
    expect(out).toMatch(/Failed again:[\s\S]*d-broken1 +broken1 +rejected +CallTools still refuses it/);
    expect(out).toMatch(/d-moved1 +moved1 +phone_not_attached/);
    expect(out).toContain('1 succeeded, 2 failed again, 0 still on their way.\n');
    expect(await statuses()).toMatchObject({
      'd-contact1': 'resolved',
      'd-broken1': 'waiting',
      'd-moved1': 'replayed',
    });
  });

  test('gives up waiting in time, and says so', async () => {
    await keep(stage.db, aLetter({ contactId: 'slow1' }));
    const { code, out } = await replay(['--yes', '--wait', '0.1']);
    expect(code).toBe(1);
    expect(out).toMatch(/Still on their way:[\s\S]*d-slow1[\s\S]*0 succeeded, 0 failed again, 1 still on their way/);
  });

  test('does not wait when told so', async () => {
    await keep(stage.db, aLetter({ contactId: 'slow1' }));
    const { code, out } = await replay(['--yes', '--wait', '0']);
    expect([code, out]).toEqual([0, expect.stringMatching(/Replayed 1 of 1 letter\.\n$/)]);
    expect(await statuses()).toEqual({ 'd-slow1': 'replayed' });
  });

  test('leaves out what cannot be replayed, and fails only when that was asked for by name', async () => {
    await keep(
      stage.db,
      aLetter(),
      aLetter({ id: 'w-1', contactId: null, reason: 'unreadable_webhook', replayable: false }),
    );
    expect(await replay(['--yes'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/1 letter cannot be replayed[\s\S]*1 of 1/),
    });
    expect(await replay(['--yes', '--ids', 'w-1'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('cannot be replayed'),
    });
    expect(await replay(['--yes', '--ids', 'd-x'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('waiting: d-x'),
    });
    expect(await statuses()).toEqual({ 'd-contact1': 'resolved', 'w-1': 'waiting' });
  });

  test('reaches every letter, over any number of pages', async () => {
    const many = Array.from({ length: 601 }, (_, i) => aLetter({ contactId: `slow${i}`, deadAt: 1000 + (i % 7) }));
    await keep(stage.db, ...many);
    const { code, out } = await replay(['--yes', '--wait', '0', '--rate', '1000']);
    expect([code, out]).toEqual([0, expect.stringMatching(/… and 581 more[\s\S]*Replayed 601 of 601 letters\.\n$/)]);
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(['replayed']));
  });

  test('keeps to the rate', async () => {
    const posts: { at: number; ids: string[] }[] = [];
    const pipeline = await serve(fakePipeline(25, (ids) => void posts.push({ at: performance.now(), ids })));
    const { code } = await replay(['--yes', '--wait', '0', '--rate', '12.5', '--url', pipeline]);
    expect(code).toBe(0);
    expect(posts.map(({ ids }) => ids.length)).toEqual([12, 12, 1]);
    const [first, second, third] = posts.map(({ at }) => at - (posts[0]?.at ?? 0));
    expect(first).toBe(0);
    expect(second).toBeGreaterThan(700);
    expect(third).toBeGreaterThan(1_600);
  });

  test('that the pipeline refuses in part says which', async () => {
    const pipeline = await serve(
      fakePipeline(
        2,
        () => {},
        (id) => (id === 'd-1' ? 'send_failed' : 'replayed'),
      ),
    );
    const { code, out } = await replay(['--yes', '--wait', '0', '--url', pipeline]);
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/Not replayed:[\s\S]*d-1 +contact1 +send_failed[\s\S]*Replayed 1 of 2/),
    ]);
  });

  test('that breaks off says how far it came', async () => {
    let posts = 0;
    const pipeline = await serve(
      fakePipeline(20, () => {
        if (++posts === 2) throw new Error('broken');
      }),
    );
    const { code, out, err } = await replay(['--yes', '--rate', '10', '--url', pipeline]);
    expect([code, out, err]).toEqual([
      2,
      expect.stringMatching(/Replayed 10 of 20 letters, then/),
      expect.stringContaining('cannot be reached'),
    ]);
  });
});

describe('an interrupted replay', () => {
  /** Ctrl-C while the pipeline works on the second request, which it then answers. */
  async function interrupted(...more: string[]) {
    const asked: string[][] = [];
    let interrupt = () => {};
    const pipeline = await serve(
      fakePipeline(30, (ids) => {
        asked.push(ids);
        if (asked.length === 2) interrupt();
      }),
    );
    const env = { PATH: process.env.PATH ?? '', PIPELINE_URL: pipeline, ADMIN_TOKEN };
    const ended = await new Promise<Ended>((resolve) => {
      const child = execFile(
        process.execPath,
        ['scripts/replay.ts', '--yes', '--rate', '10', ...more],
        { env },
        (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
      interrupt = () => void child.kill('SIGINT');
    });
    return { asked, ...ended };
  }

  test('finishes the request that is under way, says how to go on, and ends with 130', async () => {
    const { asked, code, out, err } = await interrupted();
    expect([asked.length, code]).toEqual([2, 130]);
    expect(err).toContain('Ending after the request that is under way');
    expect(out).toContain('Replayed 20 of 30 letters.\n');
    expect(out).toContain('To go on, give the same command again with --resume 2026-11-20T12:00:00.000Z');
  });

  test('that goes on replays those that still wait, and none that has died again meanwhile', async () => {
    const at = Date.parse('2026-11-20T12:00:00.000Z');
    await keep(
      stage.db,
      aLetter({ contactId: 'left', deadAt: at }),
      aLetter({ contactId: 'again', deadAt: at + 1 }),
      aLetter({ contactId: 'moved', deadAt: at + 60_000, reason: 'exhausted' }),
    );
    const { code, out } = await replay(['--yes', '--resume', '2026-11-20T12:00:00.000Z']);
    expect([code, out]).toEqual([0, expect.stringMatching(/2 letters died after that[\s\S]*Replayed 1 of 1 letter\./)]);
    expect(await statuses()).toEqual({ 'd-left': 'resolved', 'd-again': 'waiting', 'd-moved': 'waiting' });
  });

  test('while it waits for the ends tells what it knows, and ends with 130', async () => {
    let polls = 0;
    let interrupt = () => {};
    const answer = fakePipeline(1, () => {});
    const pipeline = await serve((request, response) => {
      if (request.url?.includes('status=all') && ++polls === 1) {
        interrupt();
        response.writeHead(503).end();
      } else answer(request, response);
    });
    const env = { PATH: process.env.PATH ?? '', PIPELINE_URL: pipeline, ADMIN_TOKEN };
    const { code, out } = await new Promise<Ended>((resolve) => {
      const child = execFile(process.execPath, ['scripts/replay.ts', '--yes'], { env }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
      interrupt = () => void child.kill('SIGINT');
    });
    expect([code, polls]).toEqual([130, 1]);
    expect(out).toContain('0 succeeded, 0 failed again, 1 still on their way');
  });
});

test('discarding gives up what was chosen', async () => {
  await keep(stage.db, aLetter(), aLetter({ contactId: 'contact2', reason: 'exhausted' }));
  const { code, out } = await replay(['--discard', '--yes', '--reason', 'exhausted']);
  expect([code, out]).toEqual([0, expect.stringMatching(/Discarded 1 of 1 letter\.\n$/)]);
  expect(await statuses()).toEqual({ 'd-contact1': 'waiting', 'd-contact2': 'discarded' });
});

describe('what the person must mend first', () => {
  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['no token', [], { ADMIN_TOKEN: '' }, /No token: set ADMIN_TOKEN/],
    ['a wrong token', [], { ADMIN_TOKEN: 'wrong-token-1' }, /refuses the token\. Set ADMIN_TOKEN/],
    ['a wrong --token', ['--token', 'x'], {}, /refuses the token/],
    ['a token that no header takes', [], { ADMIN_TOKEN: 'secret-1\nsecret-2' }, /one word of plain characters/],
    [
      'nobody there',
      ['--url', 'http://127.0.0.1:9'],
      {},
      /127\.0\.0\.1:9 cannot be reached\. Is the pipeline running \(npm start\)/,
    ],
    ['no address', [], { PIPELINE_URL: 'localhost' }, /must be a URL such as/],
    ['an unknown option', ['--all'], {}, /unknown option '--all'/],
    ['an argument', ['d-1'], {}, /too many arguments/],
    ['an unknown reason', ['--reason', 'typo'], {}, /Allowed choices are rejected/],
    ['no duration', ['--older-than', '12'], {}, /older_than must be a duration such as/],
    ['a rate of 0', ['--rate', '0'], {}, /from 0\.01 to 1000/],
    ['no ids', ['--ids', ','], {}, /Name at least one/],
    ['--status without --list', ['--status', 'all'], {}, /--status with --list/],
    ['--list with --group', ['--list', '--group'], {}, /one of --list and --group/],
    ['--resume with --discard', ['--discard', '--resume', '2026-11-20T12:00:00.000Z'], {}, /leave out --discard/],
    ['--resume without a time', ['--resume', '12'], {}, /that the interrupted replay named/],
    ['--list with --discard', ['--list', '--discard'], {}, /leave out --discard/],
  ])('%s', async (_what, args, env, sentence) => {
    await keep(stage.db, aLetter());
    const { code, out, err } = await replay(args, env);
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(sentence)]);
    expect(err).not.toMatch(/\n +at /);
    expect(await statuses()).toEqual({ 'd-contact1': 'waiting' });
  });

  test('another server: a page, a login that redirects, an error', async () => {
    const stolen: string[] = [];
    const elsewhere = await serve((request, response) => {
      stolen.push(request.headers.authorization ?? '');
      response.end('{}');
    });
    const page = await serve((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>It works</h1>'),
    );
    const login = await serve((_request, response) => response.writeHead(302, { location: elsewhere }).end());
    const error = await serve((_request, response) => response.writeHead(502).end('Bad gateway'));
    for (const [url, sentence] of [
      [page, /not as the ingest worker/],
      [login, /not as the ingest worker/],
      [error, /could not do it: it answered 502/],
    ] as const) {
      expect(await replay(['--url', url])).toMatchObject({ code: 2, err: expect.stringMatching(sentence) });
    }
    expect(stolen).toEqual([]);
  });

  test('help is not an error', async () => {
    expect(await replay(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('--older-than <duration>'),
    });
  });
});

test('a wait survives a few answers that fail', async () => {
  let polls = 0;
  const answer = fakePipeline(1, () => {});
  const pipeline = await serve((request, response) => {
    const poll = request.url?.includes('status=all');
    if (poll && ++polls === 1) response.writeHead(503).end();
    else answer(request, response);
  });
  const { code, out } = await replay(['--yes', '--url', pipeline]);
  expect([code, out, polls]).toEqual([0, expect.stringContaining('1 succeeded'), 2]);
});

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
    expect(table(['A', 'B'], [['\u001b[2Jx\r\ny', 'z']], 9)).toBe('A       …\n [2Jx y …');
  });
});

/** The dead-letter routes of a pipeline with `count` letters, in which every replay succeeds; `onReplay` may throw to break the connection. */
function fakePipeline(
  count: number,
  onReplay: (ids: string[]) => void,
  outcome: (id: string) => string = () => 'replayed',
): RequestListener {
  let status = 'waiting';
  return async (request, response) => {
    const json = (data: object) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ success: true, data }));
    if (request.method === 'GET') {
      const letters = Array.from({ length: count }, (_, i) => ({
        ...{ id: `d-${i}`, status, reason: 'exhausted', error: '', contact_id: `contact${i}`, replayable: true },
        ...{ location_id: 'first', dead_at: '2026-11-20T12:00:00.000Z', died_again: null },
      }));
      json({ dead_letters: letters, total: count, by_reason: [], next: null });
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const { ids } = JSON.parse(body) as { ids: string[] };
    try {
      onReplay(ids);
    } catch {
      request.socket.destroy();
      return;
    }
    status = 'resolved';
    json({ outcomes: ids.map((id) => ({ id, outcome: outcome(id) })) });
  };
}
