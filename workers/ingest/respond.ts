// Acting on a decision: store, answer, and write the one log line that says what became of the webhook.

import { isHarmless } from '../../shared/harmless.ts';
import type { Log } from '../../shared/log.ts';
import type { Message } from '../../shared/messages.ts';
import { acknowledge, type Delivery, type QueueName } from './acknowledge.ts';

import type { Decision, Facts, Ignored } from './decision.ts';
import type { Env, World } from './env.ts';
import { EVENT_TYPES } from './payload.ts';
import { accepted, refusalAnswer } from './responses.ts';
import { WORKFLOW_EVENT } from './workflow-webhook.ts';

/** What acting needs, besides the decision. `startedAt` is epoch ms. */
export interface Scene {
  env: Env;
  world: World;
  log: Log;
  ackBudgetMs: number;
  startedAt: number;
  waitUntil(promise: Promise<unknown>): void;
}

export async function respond(decision: Decision, scene: Scene): Promise<Response> {
  const { facts } = decision;
  switch (decision.kind) {
    case 'refused': {
      const answer = refusalAnswer(decision.refusal);
      const outcome = answer.status === 429 ? 'throttled' : 'refused';
      scene.log(`webhook.${outcome}`, {
        ...logged(facts),
        ...decision.refusal,
        outcome,
        status: answer.status,
        ms: elapsed(scene),
      });
      return answer;
    }
    case 'ignored': {
      const { why, eventId } = decision;
      scene.log('webhook.ignored', {
        ...logged(facts),
        eventId,
        reason: why,
        outcome: 'ignored',
        status: 202,
        ms: elapsed(scene),
      });
      return accepted('ignored', eventId, WHY_IGNORED[why]);
    }
    case 'quarantined': {
      const { eventId, detail } = decision.message;
      return store('quarantined', decision.message, 'dead_letters', facts, scene, () =>
        accepted('quarantined', eventId, detail),
      );
    }
    case 'queued':
      return store('queued', decision.message, 'events', facts, scene, () =>
        accepted('queued', decision.message.eventId),
      );
  }
}

const WHY_IGNORED: Record<Ignored, string> = {
  other_location: 'The location is not among GHL_LOCATION_ID and LOCATIONS.',
  other_app: 'The app is not among GHL_APP_IDS.',
  other_type: 'Events of this type do not concern contacts.',
};

async function store(
  outcome: 'queued' | 'quarantined',
  message: Message & { eventId: string },
  queue: QueueName,
  facts: Facts,
  scene: Scene,
  answer: () => Response,
): Promise<Response> {
  const { env, world, log, ackBudgetMs, waitUntil } = scene;
  const fields = { ...logged(facts), eventId: message.eventId };
  const onLate = (delivery: Delivery) =>
    logDelivery(delivery, outcome, { ...fields, status: 202, budgetHit: true }, scene);
  const result = await acknowledge(message, queue, ackBudgetMs, { env, world, waitUntil, onLate });
  if (result.kind === 'late') {
    log('webhook.late', { ...fields, outcome, status: 202, budgetHit: true, ms: elapsed(scene) });
    return answer();
  }
  const response = result.delivery.stored === 'nowhere' ? refusalAnswer({ reason: 'not_stored' }) : answer();
  logDelivery(result.delivery, outcome, { ...fields, status: response.status, budgetHit: false }, scene);
  return response;
}

/** `webhook.lost` is the one loud line: an event was acknowledged, and then neither the queue nor D1 would take it. */
function logDelivery(
  { stored, sends, ...rest }: Delivery,
  outcome: 'queued' | 'quarantined',
  fields: { status: number; budgetHit: boolean },
  scene: Scene,
): void {
  const event =
    stored === 'nowhere'
      ? fields.budgetHit
        ? 'webhook.lost'
        : 'webhook.throttled'
      : outcome === 'queued' && stored === 'outbox'
        ? 'webhook.outbox'
        : `webhook.${outcome}`;
  scene.log(event, { ...fields, outcome, stored, sends, ...rest, ms: elapsed(scene) });
}

/** A sender's own event type may be any text, a person's name too: only GoHighLevel's are logged, and those that are built alike. */
function logged(facts: Facts): Facts {
  const { eventType } = facts;
  const known = eventType === undefined || EVENT_TYPES.includes(eventType) || eventType === WORKFLOW_EVENT;
  return known || (eventType.length <= 64 && isHarmless(eventType)) ? facts : { ...facts, eventType: 'unnamed' };
}

function elapsed({ world, startedAt }: Scene): number {
  return world.now() - startedAt;
}
