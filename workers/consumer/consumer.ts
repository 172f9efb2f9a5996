// The consumer worker as a value: queues, cron and operator routes, in the world that it is given. index.ts gives it the real one.

import type { MessageBatch, ScheduledController } from '@cloudflare/workers-types';
import { createLog } from '../../shared/log.ts';
import { startRun } from './backstop/run.ts';
import { forLocation, type InvocationContext } from './config/context.ts';
import type { Env, World } from './config/env.ts';
import { readLocations } from './config/locations.ts';
import { onCron } from './cron/cron.ts';
import { diagnose } from './doctor/diagnose.ts';
import { readPreview } from './doctor/fields/read-preview.ts';
import { type Pages, pageAnswer } from './operator/pages.ts';
import { handleOperator } from './operator/routes.ts';
import { handleBatch } from './queue/handler.ts';

/** The handlers of the worker. */
export interface Consumer {
  fetch(request: Request, env: Env): Promise<Response>;
  queue(batch: MessageBatch<unknown>, env: Env): Promise<void>;
  scheduled(controller: Pick<ScheduledController, 'scheduledTime'>, env: Env): Promise<void>;
}

/** `pages`: the dashboard's files, where it has them. */
export function createConsumer(world: World, pages: Pages = new Map()): Consumer {
  const log = createLog({ worker: 'consumer' }, world.write);
  const unsupportedLookups = new Map<string, Set<string>>();
  const contextOf = (env: Env): InvocationContext => ({ env, world, log, unsupportedLookups });

  return {
    fetch: async (request, env) =>
      pageAnswer(request, pages) ??
      handleOperator(request, {
        env,
        world,
        log,
        locations: await readLocations(env),
        startRun: (startedBy, settings) => startRun(startedBy, forLocation(contextOf(env), settings)),
        diagnose: (location, contactId, ingestStatus) => diagnose({ env, world, location, contactId, ingestStatus }),
        preview: (contactId, settings) => readPreview(contactId, settings, world),
      }),
    queue: (batch, env) => handleBatch(batch, contextOf(env)),
    scheduled: ({ scheduledTime }, env) => onCron(scheduledTime, contextOf(env)),
  };
}
