// Acting on a decision: store, answer, and write the one log line that says what became of the webhook.

import { isHarmless } from '../../shared/harmless.ts';
import type { Message } from '../../shared/messages.ts';
import { acknowledge, type Delivery, type QueueName } from './acknowledge.ts';
import { CALL_EVENT } from './call-hook.ts';
import { EVENT_TYPES } from './payload.ts';
import type { Decision, Facts, Ignored, RequestContext } from './request.ts';
import { accepted, refusalAnswer } from './responses.ts';
import { WORKFLOW_EVENT } from './workflow-webhook.ts';

/** Stores what is to be stored, and answers. Writes one log line, or two where the answer leaves before the message is stored. */
export async function respond(decision: Decision, context: RequestContext): Promise<Response> {
  const { facts } = decision;
  switch (decision.kind) {
    case 'refused': {
      const answer = refusalAnswer(decision.refusal);
      const outcome = answer.status === 429 ? 'throttled' : 'refused';
      context.log(`webhook.${outcome}`, {
        ...logged(facts),
        ...decision.refusal,
        outcome,
        status: answer.status,
        ms: elapsed(context),
      });
      return answer;
    }
    case 'ignored': {
      const { why, eventId } = decision;
      context.log('webhook.ignored', {
        ...logged(facts),
        eventId,
        reason: why,
        outcome: 'ignored',
        status: 202,
        ms: elapsed(context),
      });
      return accepted('ignored', eventId, WHY_IGNORED[why]);
    }
    case 'quarantined': {
      const { message, hint } = decision;
      const answer = () => accepted('quarantined', message.eventId, message.detail);
      const letter = store('quarantined', message, 'dead_letters', facts, context, answer);
      if (hint === null) return letter;
      // The letter's line says what became of the webhook. The hint has one of its own only where its queue was in trouble.
      const log: RequestContext['log'] = (event, said) => void (event !== 'webhook.queued' && context.log(event, said));
      const about = { ...facts, contactId: hint.contactId };
      const [kept, sent] = await Promise.all([
        letter,
        store('queued', hint, 'events', about, { ...context, log }, answer),
      ]);
      return kept.status === 429 ? kept : sent;
    }
    case 'queued':
      return store('queued', decision.message, 'events', facts, context, () =>
        accepted('queued', decision.message.eventId),
      );
  }
}

const WHY_IGNORED: Record<Ignored, string> = {
  other_location: 'The location is not among GHL_LOCATION_ID and LOCATIONS.',
  other_app: 'The app is not among GHL_APP_IDS.',
  no_contact: 'The opportunity names no contact ("contactId"). The nightly sync notices what has changed.',
  other_type: 'Events of this type do not concern contacts. Nothing needs to be done.',
};

async function store(
  outcome: 'queued' | 'quarantined',
  message: Message & { eventId: string },
  queue: QueueName,
  facts: Facts,
  context: RequestContext,
  answer: () => Response,
): Promise<Response> {
  const { env, world, log, settings, waitUntil } = context;
  const { eventId } = message;
  const told = { outcome, eventId, facts: logged(facts) } as const;
  const onLate = (delivery: Delivery) => logDelivery(delivery, { ...told, status: 202, budgetHit: true }, context);
  const result = await acknowledge(message, queue, settings.ackBudgetMs, { env, world, waitUntil, onLate });
  if (result.kind === 'late') {
    log('webhook.late', { ...told.facts, eventId, outcome, status: 202, budgetHit: true, ms: elapsed(context) });
    return answer();
  }
  const response = result.delivery.stored === 'nowhere' ? refusalAnswer({ reason: 'not_stored' }) : answer();
  logDelivery(result.delivery, { ...told, status: response.status, budgetHit: false }, context);
  return response;
}

/** What the line of a delivery says beside the delivery. */
interface Told {
  outcome: 'queued' | 'quarantined';
  eventId: string;
  facts: Facts;
  status: number;
  budgetHit: boolean;
}

/** `webhook.lost` is the one alarming line: an event was acknowledged, and then neither the queue nor D1 accepted it. */
function logDelivery(
  delivery: Delivery,
  { outcome, eventId, facts, status, budgetHit }: Told,
  context: RequestContext,
) {
  const { stored, sends } = delivery;
  context.log(eventOf(stored, outcome, budgetHit), {
    scheme: facts.scheme,
    eventType: facts.eventType,
    locationId: facts.locationId,
    contactId: facts.contactId,
    eventId,
    status,
    budgetHit,
    outcome,
    stored,
    sends,
    error: 'error' in delivery ? delivery.error : undefined,
    ms: elapsed(context),
  });
}

function eventOf(stored: Delivery['stored'], outcome: 'queued' | 'quarantined', budgetHit: boolean) {
  if (stored === 'nowhere') return budgetHit ? 'webhook.lost' : 'webhook.throttled';
  return outcome === 'queued' && stored === 'outbox' ? 'webhook.outbox' : `webhook.${outcome}`;
}

/** An event type may be any text, even a person's name. Only known ones and harmless ones are logged. */
function logged(facts: Facts): Facts {
  const { eventType } = facts;
  const known =
    eventType === undefined || EVENT_TYPES.includes(eventType) || [WORKFLOW_EVENT, CALL_EVENT].includes(eventType);
  return known || (eventType.length <= 64 && isHarmless(eventType)) ? facts : { ...facts, eventType: 'unnamed' };
}

function elapsed({ world, startedAt }: RequestContext): number {
  return world.now() - startedAt;
}
