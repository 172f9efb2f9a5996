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
import { sendAlert } from './monitoring/alert-send.ts';
import { findByName } from './operator/lists/find-by-name.ts';
import { type Pages, pageAnswer } from './operator/pages.ts';
import { handleOperator } from './operator/routes.ts';
import { takeOut } from './queue/contacts.ts';
import { handleBatch } from './queue/handler.ts';
import { previewRules } from './rules-preview/preview.ts';
import { testContact } from './rules-preview/test-contact.ts';

/** The handlers of the worker. */
export interface Consumer {
  fetch(request: Request, env: Env): Promise<Response>;
  queue(batch: MessageBatch<unknown>, env: Env): Promise<void>;
  scheduled(controller: Pick<ScheduledController, 'scheduledTime'>, env: Env): Promise<void>;
}

/** What the worker carries with it. */
export interface Files {
  /** The dashboard's files. */
  pages?: Pages;
  /** The text of rules.jsonc. Without it, rulesFile in the env is used. */
  rules?: string;
}

/** The worker, in this world. */
export function createConsumer(world: World, { pages = new Map(), rules }: Files = {}): Consumer {
  const complete = rules === undefined ? (env: Env) => env : adding(rules);
  const log = createLog({ worker: 'consumer' }, world.write);
  const unsupportedLookups = new Map<string, Set<string>>();
  const contextOf = (env: Env): InvocationContext => ({ env, world, log, unsupportedLookups });

  return {
    fetch: async (request, given) => {
      const env = complete(given);
      return (
        pageAnswer(request, pages) ??
        handleOperator(request, {
          env,
          world,
          log,
          locations: await readLocations(env),
          startRun: (startedBy, settings) => startRun(startedBy, forLocation(contextOf(env), settings)),
          diagnose: (location, contactId, ingestStatus) => diagnose({ env, world, location, contactId, ingestStatus }),
          findByName: (name, settings) => findByName(name, settings, world),
          preview: (contactId, settings) => readPreview(contactId, settings, world),
          testContact: (contactId, rules, settings) => testContact(contactId, rules, settings, world),
          sendAlert: (url, message) => sendAlert(url, message, world),
          previewRules: (rules, settings) => previewRules(rules, { db: env.DB, settings, world }),
        })
      );
    },
    queue: (batch, env) => handleBatch(batch, contextOf(complete(env))),
    scheduled: ({ scheduledTime }, env) => onCron(scheduledTime, contextOf(complete(env)), takeOut),
  };
}

/** One env is always completed to the same object: readLocations keeps by it what it has read. */
function adding(rules: string): (env: Env) => Env {
  const known = new WeakMap<Env, Env>();
  return (env) => {
    const complete = known.get(env) ?? { ...env, rulesFile: rules };
    known.set(env, complete);
    return complete;
  };
}
