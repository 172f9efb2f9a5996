// Whom alerts reach: each location at its own address, in Slack's form, while the work goes on though an address hangs.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { alertUrlOf, sendAlert } from '../../../workers/consumer/monitoring/alert-send.ts';
import { LOCATION } from '../../support/vendor-harness.ts';
import { createStage, MINUTE, URL_1, URL_2 } from './alert-harness.ts';

describe('several locations', () => {
  const TWO = {
    LOCATIONS: { second: { name: 'Bolt', secrets: 'B' } },
    GHL_API_KEY_B: 'pit-b',
    CALLTOOLS_API_KEY_B: 'calltools-b',
  };

  test('are named, and sent to an address of their own where they have one', async () => {
    const stage = createStage({ ...TWO, ALERT_WEBHOOK_URL_B: URL_2 });
    stage.circuit('down', 'calltools', LOCATION);
    stage.circuit('token revoked', 'calltools', 'second');
    await stage.minute();
    expect(stage.posts).toEqual([
      { url: URL_1, text: expect.stringMatching(new RegExp(`ALERT ${LOCATION}: .* down`)) },
      { url: URL_2, text: expect.stringMatching(/ALERT Bolt: .* token revoked/) },
    ]);
  });

  test('with one dead address are sent to the other, and to that one once it works', async () => {
    const stage = createStage({ ...TWO, ALERT_WEBHOOK_URL_B: URL_2 });
    stage.circuit('down', 'calltools', LOCATION);
    stage.circuit('token revoked', 'calltools', 'second');
    stage.answer = async ({ url }) => new Response('', { status: url === URL_2 ? 500 : 200 });
    expect(await stage.minute()).toHaveLength(1);
    expect(await stage.minute()).toHaveLength(0);
    stage.answer = async () => new Response('ok');
    expect(await stage.minute()).toEqual([expect.stringContaining('token revoked')]);
  });

  test('dead letters of unknown locations are sent to the common address', async () => {
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
    const text = 'ALERT: <!channel> 400: {"email":"dana@example.com"} +1 (305) 555-0142 & more';
    const alert = { kind: 'firing' as const, condition: 'outbox' as const, location_id: null, contacts: [], url: null };
    expect(await sendAlert(url, { text, alerts: [{ ...alert, text }] }, world)).toBeNull();
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      {
        text: 'ALERT: &lt;!channel&gt; 400: {"email":"[email]"} [phone] &amp; more',
        alerts: [{ ...alert, text: 'ALERT: <!channel> 400: {"email":"[email]"} [phone] & more' }],
      },
    ]);
  });

  test('follows no redirect', async () => {
    const elsewhere = await serve(200);
    const { url } = await serve(307, { location: elsewhere.url });
    expect(await sendAlert(url, { text: 'x', alerts: [] }, world)).toBe('it answered 307');
    expect(elsewhere.bodies).toEqual([]);
  });

  test.each([['http://127.0.0.1:9/secret'], ['nonsense-secret'], ['ftp://x/secret']])(
    'to %s fails with a word that does not repeat the address',
    async (url) => {
      const error = await sendAlert(url, { text: 'x', alerts: [] }, world);
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
