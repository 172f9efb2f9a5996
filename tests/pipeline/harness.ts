// Both real workers from their wrangler configs in workerd, with real queues and D1, against the sandbox's vendors over HTTP.

import { createHmac } from 'node:crypto';
import { afterEach, expect } from 'vitest';
import { createTestHarness, type TestHarness, type TestHarnessOptions } from 'wrangler';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import { hmacSigner } from '../../sandbox/webhooks.ts';
import type { Env } from '../../workers/consumer/config/env.ts';
import { leaksIn } from './clean-logs.ts';
import { ADMIN_TOKEN, CALLTOOLS_API_KEY, GHL_API_KEY, LOCATION, SECRET, WORKFLOW_TOKEN } from './keys.ts';

export interface Pipeline {
  sandbox: Sandbox;
  server: TestHarness;
  url: URL;
  /** Sends a body as the set-up guide's sender would. */
  webhook(body: object | string, headers?: Record<string, string>): Promise<Response>;
  /** An operator's request; the data of the answer, or what is wrong with the request. */
  operator<T = unknown>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; data: T }>;
  /** The cron of every minute, now or as if it were `at`. */
  cron(at?: Date): Promise<void>;
  /** Deploys both workers anew with these vars on top; what is stored stays. */
  configure(vars: Record<string, string>): Promise<void>;
  /** Waits until every accepted webhook and queued message has been dealt with. */
  idle(): Promise<void>;
  logs(): string[];
  /** Fails where a log line of the whole time held personal data or a secret. */
  close(): Promise<void>;
}

/** 02:00 UTC of the coming night, the default of BACKSTOP_AT. */
export function tonight(): Date {
  const day = 86_400_000;
  return new Date(Date.now() - (Date.now() % day) + day + 2 * 3_600_000);
}

/** Bounds a wait for queues, retries and vendors. */
export const SOON = { timeout: 50_000, interval: 40 };

/** The workers' last log lines that a failed test shows. */
const LINES_OF_A_FAILURE = 150;
const running = new Set<TestHarness>();
afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const server of running) {
    const lines = server.getLogs().map(({ message }) => message);
    console.error(`${task.name}: the workers' last lines are\n${lines.slice(-LINES_OF_A_FAILURE).join('\n')}`);
  }
});

interface Options extends SandboxOptions {
  vars?: Record<string, string>;
}

export async function startPipeline({ vars = {}, ...vendors }: Options = {}): Promise<Pipeline> {
  const sandbox = await startSandbox({
    locationId: LOCATION,
    ghlApiKey: GHL_API_KEY,
    callToolsToken: CALLTOOLS_API_KEY,
    ...vendors,
  });
  const options = (more: Record<string, string> = {}): TestHarnessOptions => ({
    workers: [
      {
        configPath: 'wrangler.ingest.jsonc',
        vars: { GHL_LOCATION_ID: LOCATION, ...vars, ...more },
        secrets: { GHL_WEBHOOK_SECRET: SECRET, GHL_WORKFLOW_TOKEN: WORKFLOW_TOKEN, ADMIN_TOKEN },
      },
      {
        configPath: 'wrangler.consumer.jsonc',
        vars: {
          GHL_LOCATION_ID: LOCATION,
          GHL_API_BASE_URL: sandbox.ghlBaseUrl,
          CALLTOOLS_BASE_URL: sandbox.callToolsBaseUrl,
          ...vars,
          ...more,
        },
        secrets: { GHL_API_KEY, CALLTOOLS_API_KEY },
      },
    ],
  });
  let deployments = 0;
  const server = createTestHarness(options());
  const { url } = await server.listen();
  const consumer = server.getWorker<Env>('contact-consumer');
  await consumer.applyD1Migrations('DB');
  sandbox.ghl.sendWebhooksTo({ url: new URL('/webhook/ghl', url).href, sign: hmacSigner(SECRET) });
  running.add(server);

  return {
    sandbox,
    server,
    url,
    webhook(body, headers) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const signature = createHmac('sha256', SECRET).update(text).digest('hex');
      return fetch(new URL('/webhook/ghl', url), {
        method: 'POST',
        body: text,
        headers: headers ?? { 'x-ghl-signature': signature },
      });
    },
    async operator<T>(method: string, path: string, body: unknown) {
      const response = await fetch(new URL(path, url), {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const json = (await response.json()) as T & { data?: T };
      return { status: response.status, data: json.data ?? json };
    },
    async cron(at = new Date()) {
      await consumer.scheduled({ cron: '* * * * *', scheduledTime: at });
    },
    async configure(more) {
      deployments += 1;
      const DEPLOYMENT = `${deployments}`;
      await server.update(options({ ...more, DEPLOYMENT }));
      // It waits for one restart only, but a restart for each worker may come, and the last one empties the queues.
      for (const worker of [consumer, server.getWorker<Env>('contact-ingest')]) {
        await expect.poll(() => worker.getEnv(), SOON).toHaveProperty('DEPLOYMENT', DEPLOYMENT);
      }
    },
    async idle() {
      await sandbox.ghl.settled();
      const { DB, EVENTS, BACKSTOP, DEAD_LETTERS } = await consumer.getEnv();
      const busy = async () => {
        const queued = await Promise.all([EVENTS, BACKSTOP, DEAD_LETTERS].map((queue) => queue.metrics()));
        // A batch under way is in no backlog, but it holds leases.
        const leased = await DB.prepare(
          `SELECT (SELECT count(*) FROM contacts WHERE lease_token IS NOT NULL)
             + (SELECT count(*) FROM dialer WHERE lease_token IS NOT NULL) AS n`,
        ).first<{ n: number }>();
        return queued.reduce((sum, { backlogCount }) => sum + backlogCount, leased?.n ?? 0);
      };
      // Between a batch's start and its claim it is in neither: several looks in a row must find nothing.
      let calm = 0;
      const looksInARow = async () => {
        calm = (await busy()) === 0 ? calm + 1 : 0;
        return calm;
      };
      await expect.poll(looksInARow, SOON).toBeGreaterThan(3);
    },
    logs: () => server.getLogs().map(({ message }) => message),
    async close() {
      const leaks = leaksIn(server.getLogs().map(({ message }) => message));
      running.delete(server);
      await server.close();
      await sandbox.close();
      expect(leaks, 'log lines with personal data or a secret').toEqual([]);
    },
  };
}
