// The consumer worker as a value: queues, cron and operator routes, over whatever world it is given. index.ts gives it the real one.

import type { MessageBatch, ScheduledController } from '@cloudflare/workers-types';
import { createLog } from '../../shared/log.ts';
import { startRun } from './backstop.ts';
import type { Basis, Edge } from './basis.ts';
import { onCron } from './cron.ts';
import type { Env, World } from './env.ts';
import { handleOperator } from './operator-routes.ts';
import { handleBatch } from './queue.ts';
import { readSettings } from './settings.ts';

export interface Consumer {
  fetch(request: Request, env: Env): Promise<Response>;
  queue(batch: MessageBatch<unknown>, env: Env): Promise<void>;
  scheduled(controller: Pick<ScheduledController, 'cron'>, env: Env): Promise<void>;
}

export function createConsumer(world: World): Consumer {
  const log = createLog({ worker: 'consumer' }, world.write);
  const unsupportedLookups = new Set<string>();
  const edgeOf = (env: Env): Edge => ({ env, world, log, unsupportedLookups });
  const basisOf = (env: Env): Basis => ({ ...edgeOf(env), settings: readSettings(env) });

  return {
    fetch: (request, env) =>
      handleOperator(request, {
        ...{ env, world, log },
        configurationError: faultIn(env),
        startRun: (startedBy) => startRun(startedBy, basisOf(env)),
      }),
    queue: (batch, env) => handleBatch(batch, edgeOf(env)),
    scheduled: ({ cron }, env) => onCron(cron, edgeOf(env), () => basisOf(env)),
  };
}

/** What is wrong with the settings; null when nothing is. */
function faultIn(env: Env): string | null {
  try {
    readSettings(env);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
