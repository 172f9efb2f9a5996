// The ingest worker as a value: its routes, over whatever world it is given. index.ts gives it the real one.

import { errorText } from '../../shared/harmless.ts';
import { createLog } from '../../shared/log.ts';
import { decideCallHook } from './call-hook.ts';
import { createDeliveryStats } from './delivery-stats.ts';
import type { Env, World } from './env.ts';
import { createKeyring } from './keys.ts';
import { actionRefusal, ingestStatusOf, passToConsumer, roleOf } from './operator-proxy.ts';
import { type Decision, type RequestContext, refused } from './request.ts';
import { respond } from './respond.ts';
import { refusalAnswer } from './responses.ts';
import { createRoutes, type Handlers } from './routes.ts';
import { bearerToken } from './secret.ts';
import { createSettingsReader, type Warning } from './settings.ts';
import { decideWebhook } from './webhook.ts';
import { decideWorkflowWebhook } from './workflow-webhook.ts';

/** The worker. */
export interface Ingest {
  /** Never throws. */
  fetch(request: Request, env: Env, context: { waitUntil(promise: Promise<unknown>): void }): Promise<Response>;
}

/** The worker in this world. Settings and keys are remembered for as long as it lives. */
export function createIngest(world: World): Ingest {
  const log = createLog({ worker: 'webhook-ingest' }, world.write);
  const warn = ({ setting, detail }: Warning) => log('webhook.bad_setting', { setting, detail });
  const settingsOf = createSettingsReader(warn);
  const keyring = createKeyring(warn);
  const routes = createRoutes(createHandlers());

  return {
    async fetch(request, env, context) {
      const startedAt = world.now();
      const waitUntil = (promise: Promise<unknown>) => context.waitUntil(promise);
      try {
        const settings = settingsOf(env);
        return await routes.fetch(request, { env, world, log, settings, keyring, startedAt, waitUntil });
      } catch (error) {
        log('webhook.crashed', { error: errorText(error) });
        const isWebhook = new URL(request.url).pathname.startsWith('/webhook/');
        return refusalAnswer({ reason: isWebhook ? 'webhook_crashed' : 'crashed' });
      }
    },
  };
}

function createHandlers(): Handlers<RequestContext> {
  const noteDelivery = createDeliveryStats();
  const respondAndNote = async (decision: Decision, context: RequestContext) => {
    const response = await respond(decision, context);
    noteDelivery(decision, context);
    return response;
  };

  // The dashboard's files are for everybody. A request for them has no role.
  const pass = (request: Request, { env, log, settings, role = 'viewer' }: RequestContext) =>
    passToConsumer(request, env, log, { ...ingestStatusOf(settings), role });

  return {
    webhook: async (request, context) => respondAndNote(await decideWebhook(request, context), context),
    workflowWebhook: async (request, context) => respondAndNote(await decideWorkflowWebhook(request, context), context),
    callHook: async (request, context) => respondAndNote(await decideCallHook(request, context), context),
    admit: async (request, context) => {
      const role = await roleOf(request, context.settings);
      if (role !== null) {
        context.role = role;
        return undefined;
      }
      // A request without any token may just try paths. Only a wrong token counts in the delivery stats.
      const answer = bearerToken(request) === null ? respond : respondAndNote;
      return answer(refused({ reason: 'wrong_admin_token' }), context);
    },
    operate: async (request, context, route) => {
      const refusal = actionRefusal(request, route, context.role);
      return refusal === null ? pass(request, context) : respond(refused(refusal), context);
    },
    pass,
    refuse: (refusal, context) => respond(refused(refusal), context),
  };
}
