// Alerts by the minute's cron: each condition is told once, again when there is news, and when it is over; nothing waits for them.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CONDITIONS, type Condition } from '../../workers/consumer/alert-condition.ts';
import { alertUrlOf, sendAlert } from '../../workers/consumer/alert-send.ts';
import { createConsumer } from '../../workers/consumer/consumer.ts';
import type { Env } from '../../workers/consumer/env.ts';
import { openSqlite } from '../simulation/d1-sqlite.ts';
import { ENV, LOCATION } from './vendor-stage.ts';
import { VirtualClock, worldOn } from './virtual-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const URL_1 = 'https://hooks.test/secret-1';
const URL_2 = 'https://hooks.test/secret-2';

/** The consumer's cron over real SQL; whoever is alerted takes it, unless `answer` says otherwise. */
function createStage(env: object = {}) {
  const sqlite = openSqlite();
  const clock = new VirtualClock();
  const lines: string[] = [];
  const posts: { url: string; text: string }[] = [];
  let statements = 0;
  const stage = {
    ...{ sqlite, clock, lines, posts },
    /** What becomes of a post. */
    answer: async (_request: Request): Promise<Response> => new Response('ok'),
    /** Messages that the outbox's queue has taken. */
    drained: [] as unknown[],
    statements: () => statements,
    /** One minute passes, and its cron; the texts that were taken. */
    async minute(ms = MINUTE): Promise<string[]> {
      clock.at += ms;
      const before = posts.length;
      await consumer.scheduled({ scheduledTime: clock.at }, bound);
      return posts.slice(before).map(({ text }) => text);
    },
    circuit(reason: string | null, vendor = 'calltools', locationId = LOCATION) {
      sqlite.rows(
        `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT DO UPDATE SET open_reason = excluded.open_reason, opened_at = excluded.opened_at`,
        ...[locationId, vendor, reason, clock.at],
      );
    },
    letter(id: string, { reason = 'rejected', at = clock.at, locationId = LOCATION as string | null } = {}) {
      sqlite.rows(
        `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
         VALUES (?1, ?2, ?1, ?3, 'x', '{}', 1, 1, ?4, ?4)`,
        ...[id, locationId, reason, at],
      );
    },
    /** A run that ended this long ago. */
    run(id: string, agoMs: number, changes: Record<string, string | number | null> = {}) {
      const ended = clock.at - agoMs;
      const row = {
        ...{ id, location_id: LOCATION, started_by: 'cron', state: 'complete', started_at: ended - MINUTE },
        ...{ heartbeat_at: ended, finished_at: ended, settled_at: ended, ...changes },
      };
      const names = Object.keys(row);
      sqlite.rows(
        `INSERT INTO runs (${names.join(', ')}) VALUES (${names.map((_, n) => `?${n + 1}`).join(', ')})`,
        ...Object.values(row),
      );
    },
    heard: (agoMs: number) =>
      sqlite.rows(
        'INSERT INTO heard VALUES (?1, ?2) ON CONFLICT DO UPDATE SET webhook_at = excluded.webhook_at',
        ...[LOCATION, clock.at - agoMs],
      ),
    refusals: (refused: number, accepted: number) =>
      sqlite.rows('INSERT INTO refusals VALUES (?1, ?2, ?3, ?4)', clock.at, refused, accepted, 'wrong_signature'),
    outbox: (id: string, agoMs: number, leaseMs = 0) =>
      sqlite.rows(
        `INSERT INTO outbox (id, queue, message, created_at, lease_until) VALUES (?1, 'events', '{}', ?2, ?3)`,
        ...[id, clock.at - agoMs, clock.at + leaseMs],
      ),
  };
  const db = sqlite.bind(async (act) => {
    statements++;
    return act();
  });
  const queue = { send: async (message: unknown) => void stage.drained.push(message) };
  const bound = {
    ...{ ...ENV, ALERT_WEBHOOK_URL: URL_1, ...env },
    ...{ DB: db, EVENTS: queue, BACKSTOP: queue, DEAD_LETTERS: queue },
  } as unknown as Env;
  const world = worldOn(clock, async (request) => {
    const body = (await request.clone().json()) as { text: string };
    const answer = await stage.answer(request);
    if (answer.ok) posts.push({ url: request.url, text: body.text });
    return answer;
  });
  world.write = (line) => void lines.push(line);
  const consumer = createConsumer(world);
  return stage;
}

type Stage = ReturnType<typeof createStage>;

/** What sets each condition up, what ends it, and what is said of it. */
const CASES: Record<Exclude<Condition, 'settings'>, [(stage: Stage) => void, (stage: Stage) => void, RegExp]> = {
  'circuit-calltools': [(s) => s.circuit('401: invalid token'), (s) => s.circuit(null), /401: invalid token/],
  'circuit-gohighlevel': [
    (s) => s.circuit('down: 502', 'gohighlevel'),
    (s) => s.circuit(null, 'gohighlevel'),
    /GoHighLevel is down.* down: 502/,
  ],
  'dead-letters': [
    (s) => s.letter('d-1'),
    (s) => void s.sqlite.rows(`UPDATE dead_letters SET status = 'resolved'`),
    /1 rejected\./,
  ],
  backstop: [
    (s) => s.run('run1', HOUR, { state: 'incomplete', error: 'GoHighLevel said 9 contacts and showed 5' }),
    (s) => s.run('run2', 0),
    /said 9 contacts and showed 5/,
  ],
  drift: [
    (s) => {
      s.run('run1', DAY);
      s.run('run2', HOUR, { missing: 20, drifted: 6 });
      s.heard(0);
    },
    (s) => s.run('run3', 0, { missing: 25 }),
    /26 repaired: 20 missing, 6 drifted/,
  ],
  signatures: [
    (s) => s.refusals(20, 0),
    (s) => void s.clock.advance(15 * MINUTE),
    /20 in a row \(wrong_signature\), and none was accepted/,
  ],
  webhooks: [
    (s) => {
      s.run('run1', DAY);
      s.run('run2', HOUR, { outdated: 1 });
      s.heard(25 * HOUR);
    },
    (s) => void s.heard(0),
    /The last arrived 25 h ago; the last run found 1 changes/,
  ],
  outbox: [
    (s) => void s.outbox('o1', 6 * MINUTE, HOUR),
    (s) => void s.sqlite.rows('DELETE FROM outbox'),
    /1 wait, the oldest for 7 min/,
  ],
};

describe.each(Object.entries(CASES))('%s', (condition, [begin, end, seen]) => {
  const { what, todo, over } = CONDITIONS[condition as Condition];

  test('is told once, with what was seen and what to do, and again when it is over', async () => {
    const stage = createStage();
    expect(await stage.minute()).toEqual([]);
    begin(stage);
    const [told = '', ...more] = await stage.minute();
    expect(more).toEqual([]);
    expect(told).toMatch(seen);
    expect(told).toContain(`ALERT: ${what.replaceAll('>', '&gt;')}`);
    // What was seen is a sentence of its own, whoever worded it.
    expect(told).toContain(`. ${todo.replaceAll('>', '&gt;')}`);
    for (let n = 0; n < 5; n++) expect(await stage.minute()).toEqual([]);
    end(stage);
    expect(await stage.minute()).toEqual([expect.stringContaining(`OVER: ${over}`)]);
    expect(await stage.minute()).toEqual([]);
  });
});

describe('that nothing has ever been compared is told', () => {
  test.each<[string, (stage: Stage) => void]>([
    [
      'a first run that does not end',
      (s) => s.run('run1', 0, { state: 'running', finished_at: null, settled_at: null }),
    ],
    [
      'a schedule by which no run starts',
      (s) => s.sqlite.rows('INSERT INTO schedules VALUES (?1, ?2, ?3)', LOCATION, '[120]', s.clock.at),
    ],
  ])('after 30 hours: %s', async (_what, begin) => {
    // Of a faulty location the cron neither starts a run nor ends one.
    const stage = createStage({ CALLTOOLS_BASE_URL: 'nonsense' });
    begin(stage);
    expect(await stage.minute(29 * HOUR)).toEqual([expect.not.stringContaining(CONDITIONS.backstop.what)]);
    expect(await stage.minute(2 * HOUR)).toEqual([
      expect.stringMatching(/not been completed.*The first was due 31 h ago/),
    ]);
  });
});

test('a faulty setting is told by its name, for its location, whose other alerts go on', async () => {
  const stage = createStage({ CALLTOOLS_BASE_URL: 'nonsense' });
  stage.circuit('down');
  const [text = ''] = await stage.minute();
  expect(text).toMatch(/A setting is faulty.* CALLTOOLS_BASE_URL must be a URL/);
  expect(text).toContain(CONDITIONS['circuit-calltools'].what);
});

describe('what is no alert', () => {
  test.each<[string, (stage: Stage) => void]>([
    ['a few refusals', (s) => s.refusals(19, 0)],
    ['the first run, which finds everything missing', (s) => s.run('run1', HOUR, { missing: 1000 })],
    [
      'a first run that took longer than a day, before webhooks were connected',
      (s) => s.run('run1', HOUR, { missing: 1000, started_at: s.clock.at - 40 * HOUR }),
    ],
    [
      'a run that has repaired as many as is allowed',
      (s) => {
        s.run('run1', DAY);
        s.run('run2', HOUR, { missing: 25 });
        s.heard(0);
      },
    ],
    [
      'a run whose contacts are still being worked on',
      (s) => {
        s.run('run1', DAY);
        s.run('run2', HOUR, { missing: 100, settled_at: null });
        s.heard(0);
      },
    ],
    [
      'a quiet day on which nothing changed',
      (s) => {
        s.run('run1', DAY);
        s.run('run2', HOUR, { drifted: 2 });
        s.heard(3 * DAY);
      },
    ],
    [
      'changes found while webhooks arrive',
      (s) => {
        s.run('run1', DAY);
        s.run('run2', HOUR, { missing: 5 });
        s.heard(23 * HOUR);
      },
    ],
    ['an outbox that fills and empties', (s) => void s.outbox('o1', 4 * MINUTE)],
    ['a circuit of a location that is not ours', (s) => s.circuit('down', 'calltools', 'elsewhere')],
  ])('%s', async (_what, begin) => {
    const stage = createStage();
    begin(stage);
    expect(await stage.minute()).toEqual([]);
  });
});

describe('rate', () => {
  test('what flaps is told four times an hour at most, and never that it is over before it was told', async () => {
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

  test('more dead letters are told of every quarter of an hour, counted since the last time', async () => {
    const stage = createStage();
    stage.letter('d-1');
    expect(await stage.minute()).toEqual([expect.stringContaining('1 rejected.')]);
    for (let n = 2; n <= 8; n++) stage.letter(`d-${n}`);
    stage.letter('d-9', { reason: 'exhausted' });
    for (let minute = 1; minute < 15; minute++) expect(await stage.minute()).toEqual([]);
    expect(await stage.minute()).toEqual([expect.stringMatching(/STILL: .*7 rejected \(8 wait\), 1 exhausted\./)]);
    for (let minute = 0; minute < 60; minute++) expect(await stage.minute()).toEqual([]);
  });

  test('a letter that is written while the minute is judged is not told twice', async () => {
    const stage = createStage();
    stage.letter('d-1');
    stage.letter('d-2', { at: stage.clock.at + MINUTE - 5_000 });
    expect(await stage.minute()).toEqual([expect.stringContaining('1 rejected.')]);
    const texts: string[] = [];
    for (let minute = 0; minute < 40; minute++) texts.push(...(await stage.minute()));
    expect(texts).toEqual([expect.stringContaining('1 rejected (2 wait).')]);
  });

  test('what stands for days is told once a day', async () => {
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

describe('several locations', () => {
  const TWO = {
    LOCATIONS: { second: { name: 'Bolt', secrets: 'B' } },
    ...{ GHL_API_KEY_B: 'pit-b', CALLTOOLS_API_KEY_B: 'calltools-b' },
  };

  test('are named, and told to an address of their own where they have one', async () => {
    const stage = createStage({ ...TWO, ALERT_WEBHOOK_URL_B: URL_2 });
    stage.circuit('down', 'calltools', LOCATION);
    stage.circuit('token revoked', 'calltools', 'second');
    await stage.minute();
    expect(stage.posts).toEqual([
      { url: URL_1, text: expect.stringMatching(new RegExp(`ALERT ${LOCATION}: .* down`)) },
      { url: URL_2, text: expect.stringMatching(/ALERT Bolt: .* token revoked/) },
    ]);
  });

  test('of which one address is dead are told at the other, and that one once it works', async () => {
    const stage = createStage({ ...TWO, ALERT_WEBHOOK_URL_B: URL_2 });
    stage.circuit('down', 'calltools', LOCATION);
    stage.circuit('token revoked', 'calltools', 'second');
    stage.answer = async ({ url }) => new Response('', { status: url === URL_2 ? 500 : 200 });
    expect(await stage.minute()).toHaveLength(1);
    expect(await stage.minute()).toHaveLength(0);
    stage.answer = async () => new Response('ok');
    expect(await stage.minute()).toEqual([expect.stringContaining('token revoked')]);
  });

  test('dead letters of locations that are not ours are told as everybody’s', async () => {
    const stage = createStage(TWO);
    stage.letter('d-1', { locationId: 'elsewhere', reason: 'other_location' });
    stage.letter('d-2', { locationId: null, reason: 'unreadable_webhook' });
    expect(await stage.minute()).toEqual([
      expect.stringMatching(
        /ALERT: New dead letters.* Of no location that the settings name: 1 other_location, 1 unreadable_webhook\./,
      ),
    ]);
  });
});

describe('the work', () => {
  const hang = (request: Request) =>
    new Promise<never>((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));

  test('is done while an address hangs, which is given up in seconds and tried again', async () => {
    const stage = createStage();
    stage.circuit('down');
    stage.outbox('o1', 0);
    let drainedBefore = -1;
    stage.answer = async (request) => {
      const answer = hang(request);
      request.signal.addEventListener('abort', () => {
        drainedBefore = stage.drained.length;
      });
      return answer;
    };
    const start = stage.clock.at + MINUTE;
    expect(await stage.minute()).toEqual([]);
    expect(drainedBefore).toBe(1);
    expect(stage.clock.at - start).toBeLessThanOrEqual(5_000);
    expect(stage.lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ event: 'alert.failed', error: 'it did not answer in time' }),
    );
    stage.answer = async () => new Response('ok');
    expect(await stage.minute()).toHaveLength(1);
  });

  test('looks nothing up where no address is set', async () => {
    const [without, withUrl] = [createStage({ ALERT_WEBHOOK_URL: ' ' }), createStage()];
    for (const stage of [without, withUrl]) {
      stage.circuit('down');
      expect(await stage.minute()).toHaveLength(stage === without ? 0 : 1);
    }
    expect(without.statements()).toBeLessThan(withUrl.statements());
    expect(without.sqlite.rows('SELECT * FROM alerts')).toEqual([]);
  });
});

describe('a message', () => {
  /** A server that answers so, on a port of its own; what it was sent. */
  async function serve(status: number, headers: Record<string, string> = {}) {
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      response.writeHead(status, headers).end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret` };
  }
  const world = {
    fetch: (url: string, init: RequestInit) => fetch(url, init),
    deadline: (ms: number) => AbortSignal.timeout(ms),
  };

  test('is Slack’s JSON, without personal data and without mentions', async () => {
    const { url, bodies } = await serve(200);
    const lines = ['ALERT: <!channel> 400: {"email":"dana@example.com"} +1 (305) 555-0142 & more'];
    expect(await sendAlert(url, lines, world)).toBeNull();
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      { text: 'ALERT: &lt;!channel&gt; 400: {"email":"[email]"} [phone] &amp; more' },
    ]);
  });

  test('follows no redirect', async () => {
    const elsewhere = await serve(200);
    const { url } = await serve(307, { location: elsewhere.url });
    expect(await sendAlert(url, ['x'], world)).toBe('it answered 307');
    expect(elsewhere.bodies).toEqual([]);
  });

  test.each([['http://127.0.0.1:9/secret'], ['nonsense-secret'], ['ftp://x/secret']])(
    'to %s fails with a word that does not repeat the address',
    async (url) => {
      const error = await sendAlert(url, ['x'], world);
      expect(error).toMatch(/cannot be reached|is no URL/);
      expect(error).not.toContain('secret');
    },
  );
});

test.each<[string, object, string | null, string | null]>([
  ['nobody’s', {}, null, null],
  ['everybody’s', { ALERT_WEBHOOK_URL: URL_1 }, 'second', URL_1],
  ['blank is none', { ALERT_WEBHOOK_URL: ' ' }, null, null],
  ['its own', { ALERT_WEBHOOK_URL: URL_1, ALERT_WEBHOOK_URL_B: URL_2 }, 'second', URL_2],
  ['nobody’s goes where somebody hears it', { ALERT_WEBHOOK_URL_B: URL_2 }, null, URL_2],
  ['nobody’s goes to everybody’s first', { ALERT_WEBHOOK_URL: URL_1, ALERT_WEBHOOK_URL_B: URL_2 }, null, URL_1],
  ['another’s own is not its', { ALERT_WEBHOOK_URL_B: URL_2 }, 'first', null],
])('the address of a location: %s', (_what, env, location, url) => {
  expect(alertUrlOf({ LOCATIONS: { second: { secrets: 'B' } }, ...env }, location)).toBe(url);
});
