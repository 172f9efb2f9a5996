// The replay script as a process, against the real routes, D1 and queues, and against servers that misbehave.

import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { ADMIN_TOKEN, letterRows, stageOfFile } from '../../support/operator-harness.ts';

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** The script beside the stage of a file's tests. */
export function replayStage() {
  const stage = stageOfFile();
  return {
    stage,
    /** Runs the script to its end, with nobody at the keyboard. */
    async replay(args: string[], env: Record<string, string> = {}): Promise<Ended> {
      const given = { PIPELINE_URL: stage.url.href, ADMIN_TOKEN, ...env };
      const { child, ended } = launch(args, given);
      child.stdin?.end();
      const { code, out, err } = await ended;
      expect(out + err).not.toContain(given.ADMIN_TOKEN.trim() || 'no token');
      return { code, out, err };
    },
    /** Of all letters, by their ids. */
    statuses: async () => Object.fromEntries((await letterRows(stage.db)).map(({ id, status }) => [id, status])),
  };
}

/** Runs the script with nothing else in its environment. */
export function launch(args: string[], env: Record<string, string>) {
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  const options = { env: { PATH: process.env.PATH ?? '', ...env } };
  const child = execFile(process.execPath, ['scripts/replay.ts', ...args], options, (error, out, err) =>
    resolve({ code: error ? Number(error.code) : 0, out, err }),
  );
  return { child, ended };
}

/** A server on a port of its own, for as long as the test. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The dead-letter routes of a pipeline with `count` letters, in which every replay succeeds; `onReplay` may throw to break the connection. */
export function fakePipeline(
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
        id: `d-${i}`,
        status,
        reason: 'exhausted',
        error: '',
        contact_id: `contact${i}`,
        replayable: true,
        location_id: 'first',
        dead_at: '2026-11-20T12:00:00.000Z',
        died_again: null,
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
