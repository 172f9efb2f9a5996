// The ingest worker as a value: routes and the two webhooks, over whatever world it is given. index.ts gives it the real one.

import { errorText } from '../../shared/harmless.ts';
import { createLog } from '../../shared/log.ts';
import { type Decision, refused } from './decision.ts';
import { createTally } from './delivery-stats.ts';
import type { Env, World } from './env.ts';
import { createKeyring } from './keys.ts';
import { ingestStatusOf, operatorRefusal, passToConsumer } from './operator-proxy.ts';
import { respond, type Scene } from './respond.ts';
import { type Refusal, refusalAnswer } from './responses.ts';
import { createRoutes } from './routes.ts';
import { bearerToken } from './secret.ts';
import { createSettingsReader, type Settings, type Warning } from './settings.ts';
import { decideWebhook } from './webhook.ts';
import { decideWorkflowWebhook } from './workflow-webhook.ts';

/** One request, and all that handling it may touch. */
type Visit = Scene & { settings: Settings };

export interface Ingest {
  fetch(request: Request, env: Env, context: { waitUntil(promise: Promise<unknown>): void }): Promise<Response>;
}

export function createIngest(world: World): Ingest {
  const log = createLog({ worker: 'webhook-ingest' }, world.write);
  const warn = ({ setting, detail }: Warning) => log('webhook.bad_setting', { setting, detail });
  const settingsOf = createSettingsReader(warn);
  const keyring = createKeyring(warn);
  const refuse = (refusal: Refusal, visit: Visit) => respond(refused(refusal), visit);
  const basis = ({ settings }: Visit) => ({ settings, keyring, now: world.now });

  const tally = createTally();
  const answer = async (decision: Decision, visit: Visit) => {
    const response = await respond(decision, visit);
    tally(decision, visit);
    return response;
  };

  const routes = createRoutes<Visit>({
    webhook: async (request, visit) => answer(await decideWebhook(request, basis(visit)), visit),
    workflowWebhook: async (request, visit) => answer(await decideWorkflowWebhook(request, basis(visit)), visit),
    admit: async (request, visit) => {
      const refusal = await operatorRefusal(request, visit.settings.adminToken);
      if (!refusal) return undefined;
      // Who sends no token at all may be anybody who tries paths, not one who tries tokens.
      return bearerToken(request) === null ? refuse(refusal, visit) : answer(refused(refusal), visit);
    },
    pass: (request, visit) => passToConsumer(request, visit.env, log, ingestStatusOf(visit.settings)),
    refuse,
  });

  return {
    async fetch(request, env, context) {
      const startedAt = world.now();
      try {
        const settings = settingsOf(env);
        const waitUntil = (promise: Promise<unknown>) => context.waitUntil(promise);
        return await routes.fetch(request, {
          env,
          world,
          log,
          settings,
          ackBudgetMs: settings.ackBudgetMs,
          startedAt,
          waitUntil,
        });
      } catch (error) {
        log('webhook.crashed', { error: errorText(error) });
        return refusalAnswer({
          reason: new URL(request.url).pathname.startsWith('/webhook/') ? 'webhook_crashed' : 'crashed',
        });
      }
    },
  };
}
