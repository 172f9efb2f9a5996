// An operator's request to the simulated pipeline.

import { MINUTE_MS } from '../../shared/time.ts';
import { ADMIN_TOKEN } from './credentials.ts';
import type { World } from './world.ts';

/** Asks, lets time pass until there is an answer, and returns its data. A refusal, or an answer without data, is reported. */
export async function operate(world: World, method: string, path: string, body?: unknown): Promise<unknown> {
  let status = 0;
  let data: unknown;
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  void world.request(path, init).then(async (answer) => {
    data = answer?.ok ? ((await answer.json()) as { data: unknown }).data : undefined;
    status = answer?.status ?? 599;
  });
  await world.clock.runUntil(() => status !== 0, world.clock.now + MINUTE_MS);
  if (status >= 300) world.report('crashed', `${method} ${path} answered ${status}`);
  return data;
}
