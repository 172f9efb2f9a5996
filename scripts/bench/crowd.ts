// A location of many contacts whose leads the dialer holds already: what a nightly run meets.

import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { BUCKET } from '../../sandbox/observe/sight.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { hmacSigner } from '../../sandbox/webhooks.ts';
import { type Pipeline, startPipeline } from '../local/pipeline.ts';
import type { QueueTimes } from '../local/runtime.ts';
import { type Limit, paceVendors, UNLIMITED } from './vendor-pace.ts';

/** How large the location is. */
export interface CrowdOptions {
  contacts: number;
  /** How many of them the dialer holds. */
  leads: number;
  log(line: string): void;
  /** Instead of what the configuration says. */
  queues?: QueueTimes;
}

/** A pipeline whose location holds many contacts. */
export interface Crowd {
  pipeline: Pipeline & { sandbox: Sandbox };
  /** GoHighLevel's ids of the contacts in the dialer, in no order. */
  leads: string[];
  /** A number that nobody has. */
  freshPhone(): string;
}

const Run = v.object({
  state: v.picklist(['running', 'complete', 'incomplete']),
  seen: v.number(),
  queued: v.number(),
  started_at: v.string(),
  finished_at: v.nullable(v.string()),
});
/** A backstop run, as the API shows it. */
export type Run = v.InferOutput<typeof Run>;
const Overview = v.object({ data: v.object({ queues: v.array(v.object({ waiting: v.nullable(v.number()) })) }) });
const Runs = v.object({ data: v.object({ runs: v.array(Run) }) });

const POLL_MS = 50;

/** Starts the whole pipeline in workerd, and waits until CallTools holds every lead. */
export async function gather({ contacts, leads, log, queues }: CrowdOptions): Promise<Crowd> {
  const pipeline = await startPipeline({
    log,
    inspectorPort: 0,
    ...(queues && { queues }),
    sandbox: { ghlSettings: { rateLimit: UNLIMITED, searchLagMs: 0 } },
  });
  const { sandbox } = pipeline;
  if (!sandbox) throw new Error('the bench runs against the sandbox: unset GHL_API_BASE_URL and CALLTOOLS_BASE_URL');
  let phones = 0;
  const freshPhone = () => `+1212${2_000_000 + phones++}`;
  const ids: string[] = [];
  const every = contacts / leads;
  for (let n = 0; n < contacts; n++) {
    const isLead = Math.floor((n + 1) / every) > Math.floor(n / every);
    const person = { firstName: `First${n}`, lastName: `Last${n}`, email: `person${n}@example.com` };
    const tags = ['newsletter', isLead ? 'cold lead' : 'imported'];
    const { id } = await sandbox.ghl.addContact({ ...person, phone: freshPhone(), tags }, { silent: true });
    if (isLead) ids.push(id);
  }
  const crowd = { pipeline: { ...pipeline, sandbox }, leads: ids, freshPhone };
  await startRun(crowd);
  await until(() => (sandbox.callTools.bucketNamed(BUCKET)?.contacts.length ?? 0) >= leads, 500);
  await until(async () => (await lastRun(crowd)).state !== 'running');
  return crowd;
}

/** From now on the vendors are as slow and as limited as this. Returns when the pipeline has learned it, of a webhook for one lead. */
export async function impose(crowd: Crowd, latencyMs: number, limit: Limit): Promise<void> {
  const { sandbox } = crowd.pipeline;
  paceVendors(sandbox, latencyMs, limit);
  await sleep(limit.intervalMs); // until the vendor has forgotten the calls that were made to get here
  const calls = sandbox.ghl.calls.count();
  await sendWebhook(crowd, crowd.leads[0] ?? '');
  await until(() => sandbox.ghl.calls.count() > calls);
  await sleep(limit.intervalMs);
}

/** A webhook about a lead, signed with the secret. */
export async function sendWebhook({ pipeline }: Crowd, id: string): Promise<void> {
  const event = { type: 'ContactUpdate', locationId: pipeline.locationId, id, tags: ['cold lead'], dnd: false };
  const body = new TextEncoder().encode(JSON.stringify({ ...event, timestamp: Date.now() }));
  const headers = await hmacSigner(pipeline.webhookSecret)(body);
  const response = await fetch(`${pipeline.url}/webhook/ghl`, { method: 'POST', headers, body });
  await response.arrayBuffer();
  if (response.status !== 202) throw new Error(`a webhook was answered with ${response.status}`);
}

/** Starts a backstop run as an operator would. */
export async function startRun({ pipeline }: Crowd): Promise<void> {
  const response = await operator(pipeline, 'POST', '/sync/trigger');
  if (!response.ok) throw new Error(`POST /sync/trigger answered ${response.status}: ${await response.text()}`);
}

/** The newest run. Throws where there is none. */
export async function lastRun({ pipeline }: Crowd): Promise<Run> {
  const { data } = v.parse(Runs, await (await operator(pipeline, 'GET', '/sync/runs')).json());
  const [run] = data.runs;
  if (!run) throw new Error('there is no run');
  return run;
}

/** Messages in all queues; those of a batch that is under way are counted. */
export async function waiting({ pipeline }: Crowd): Promise<number> {
  const { data } = v.parse(Overview, await (await operator(pipeline, 'GET', '/api/v1/overview')).json());
  return data.queues.reduce((sum, queue) => sum + (queue.waiting ?? 0), 0);
}

function operator({ url, adminToken }: Pipeline, method: string, path: string): Promise<Response> {
  return fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${adminToken}` } });
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, everyMs = POLL_MS): Promise<void> {
  while (!(await condition())) await sleep(everyMs);
}
