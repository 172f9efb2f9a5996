// An operator command as a process, against the real routes.

import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { OperatorDeps } from '../../../workers/consumer/operator/deps.ts';
import { ask } from '../../support/operator-harness.ts';

const TOKEN = 'token-1';

/** Runs the script to its end, with nobody at the keyboard. */
export async function runScript(file: string, deps: OperatorDeps, args: string[]) {
  const server = createServer(async (request, response) => {
    const { url = '', headers, method } = request;
    const allowed = headers.authorization === `Bearer ${TOKEN}`;
    const answer = allowed
      ? await ask(url, deps, method === 'GET' ? undefined : await text(request))
      : new Response('{}', { status: 401 });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = { PATH: process.env.PATH ?? '', ADMIN_TOKEN: TOKEN, PIPELINE_URL: `http://127.0.0.1:${port}` };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile(process.execPath, [file, ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
    child.stdin?.end();
  });
}
