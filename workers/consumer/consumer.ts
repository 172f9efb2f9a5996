// The consumer worker as a value: queues, cron and operator routes, over whatever world it is given. index.ts gives it the real one.

import type { MessageBatch, ScheduledController } from '@cloudflare/workers-types';
import { createLog } from '../../shared/log.ts';
import { startRun } from './backstop.ts';
import type { Basis, Edge } from './basis.ts';
import { onCron } from './cron.ts';
import { diagnose } from './doctor.ts';
import type { Env, World } from './env.ts';
import { handleOperator } from './operator-routes.ts';
import { handleBatch } from './queue.ts';
import { readSettings, type Settings } from './settings.ts';

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
        diagnose: (contactId, doors) => diagnose({ env, world, settings: settingsOrFault(env), contactId, doors }),
      }),
    queue: (batch, env) => handleBatch(batch, edgeOf(env)),
    scheduled: ({ cron }, env) => onCron(cron, edgeOf(env), () => basisOf(env)),
  };
}

/** What is wrong with the settings; null when nothing is. */
function faultIn(env: Env): string | null {
  const settings = settingsOrFault(env);
  return 'fault' in settings ? settings.fault : null;
}

function settingsOrFault(env: Env): Settings | { fault: string } {
  try {
    return readSettings(env);
  } catch (thrown) {
    return { fault: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
