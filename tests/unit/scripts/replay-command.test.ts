// What the replay script says to a person: it shows without changing anything, says what to fix first, and how to go on after Ctrl-C.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, aLetter, HOUR, keep } from '../../support/operator-harness.ts';
import { fakePipeline, launch, replayStage, serve } from './replay-harness.ts';

const { stage, replay, statuses } = replayStage();

describe('looking', () => {
  test('lists what waits, with the meaning of each reason', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'contact2', reason: 'exhausted', error: 'POST: 502' }));
    const { code, out } = await replay(['--list']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ID +STATUS +DEAD FOR +REASON +CONTACT +ERROR\n/);
    expect(out).toMatch(/d-contact1 +waiting +\d+[dhms] +rejected +contact1 +CallTools answered 400/);
    expect(out).toMatch(/1 × exhausted \(oldest: .*\n.*served others.*\n.*Retry\./);
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

describe('what the person must fix first', () => {
  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['no token', [], { ADMIN_TOKEN: '' }, /No token: set ADMIN_TOKEN/],
    ['a wrong token', [], { ADMIN_TOKEN: 'wrong-token-1' }, /refuses the token\. Set ADMIN_TOKEN/],
    ['a wrong --token', ['--token', 'x'], {}, /refuses the token/],
    ['a token that no header takes', [], { ADMIN_TOKEN: 'secret-1\nsecret-2' }, /one word of plain characters/],
    ['no address', [], { PIPELINE_URL: 'localhost' }, /must be a URL such as/],
    ['an unknown option', ['--all'], {}, /unknown option '--all'/],
    ['an argument', ['d-1'], {}, /too many arguments/],
    ['an unknown reason', ['--reason', 'typo'], {}, /Allowed choices are refused/],
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

  test('nobody there, or another server: a page, a login that redirects, an error', async () => {
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
      ['http://127.0.0.1:9', /127\.0\.0\.1:9 cannot be reached\. Is the pipeline running \(npm start\)/],
      [page, /not as the ingest worker/],
      [login, /not as the ingest worker/],
      [error, /could not do it: it answered 502/],
    ] as const) {
      expect(await replay(['--url', url])).toMatchObject({ code: 1, err: expect.stringMatching(sentence) });
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

describe('an interrupted replay', () => {
  /** Ctrl-C while the pipeline works on the second request, which it then answers. */
  async function interrupted() {
    const asked: string[][] = [];
    let interrupt = () => {};
    const pipeline = await serve(
      fakePipeline(30, (ids) => {
        asked.push(ids);
        if (asked.length === 2) interrupt();
      }),
    );
    const { child, ended } = launch(['--yes', '--rate', '10'], { PIPELINE_URL: pipeline, ADMIN_TOKEN });
    interrupt = () => void child.kill('SIGINT');
    return { asked, ...(await ended) };
  }

  test('finishes the request that is under way, says how to go on, and ends with 130', async () => {
    const { asked, code, out, err } = await interrupted();
    expect([asked.length, code]).toEqual([2, 130]);
    expect(err).toContain('Ending after the request that is under way');
    expect(out).toContain('Replayed 20 of 30 letters.\n');
    expect(out).toContain('To go on, run the same command with --resume 2026-11-20T12:00:00.000Z');
  });

  test('that goes on replays those that still wait, and none that has died again since', async () => {
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
    const { child, ended } = launch(['--yes'], { PIPELINE_URL: pipeline, ADMIN_TOKEN });
    interrupt = () => void child.kill('SIGINT');
    const { code, out } = await ended;
    expect([code, polls]).toEqual([130, 1]);
    expect(out).toContain('0 succeeded, 0 failed again, 1 still on their way');
  });
});

test('an interrupted discard gives up no more than the request that is under way', async () => {
  let asked = 0;
  let interrupt = () => {};
  const answer = fakePipeline(
    250,
    () => {},
    () => 'discarded',
  );
  const pipeline = await serve(async (request, response) => {
    if (request.method === 'POST' && ++asked === 1) {
      interrupt();
      // It has heard of it before the answer comes.
      await sleep(300);
    }
    answer(request, response);
  });
  const { child, ended } = launch(['--discard', '--yes'], { PIPELINE_URL: pipeline, ADMIN_TOKEN });
  interrupt = () => void child.kill('SIGINT');
  const { code, out } = await ended;
  expect([asked, code]).toEqual([1, 130]);
  expect(out).toContain('Discarded 100 of 250 letters; the others still wait.');
});
