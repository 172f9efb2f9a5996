// What webhooks say of a contact's opportunities, compared with what the search shows. The search lags behind webhooks too, so the
// stricter of the two counts until a read is surely newer (told.ts). Pure.

import { type ContactChanged, OPPORTUNITY_EVENTS, type Told } from '../../../shared/messages.ts';
import type { Decision, Intent } from './decide.ts';
import type { Opportunity, Pipeline, Rules } from './rules/conditions.ts';
import { testOpportunities } from './rules/opportunities.ts';

type Statements = NonNullable<Told['opportunities']>;
type Statement = Statements[number];

/** No contact has more changes of opportunities within two minutes that all still count. */
const MAX_STATEMENTS = 50;
/** Statements that contradict each other are tried in all combinations, but no more than so many. */
const MAX_VARIANTS = 32;

/** What a webhook says of an opportunity; undefined where it says nothing that can be read. */
export function opportunityTold({ eventType, opportunity, occurredAt, receivedAt }: ContactChanged) {
  if (opportunity === undefined || !OPPORTUNITY_EVENTS.includes(eventType)) return undefined;
  const { pipelineId, stageId, status, deleted } = opportunity;
  const isWhole = deleted || (pipelineId !== null && stageId !== null && status !== null);
  const unsure = occurredAt === null || !isWhole;
  return [{ ...opportunity, at: occurredAt ?? receivedAt, ...(unsure && { unsure }) }];
}

/**
 * The statements that no newer one replaces, in whatever order they came. Several of one opportunity are left where they have the same
 * time, or where the newer one has no time of its own or does not say everything. Then the strictest counts.
 */
export function mergeOpportunities(one: Statements | undefined, other: Statements | undefined): Statements | undefined {
  if (!one || !other) return one ?? other;
  const all = [
    ...new Map(
      [...one, ...other].map((said) => [JSON.stringify([said.at, said.unsure, contentOf(said)]), said]),
    ).values(),
  ];
  const isReplaced = ({ id, at }: Statement) => all.some((by) => by.id === id && by.at > at && !by.unsure);
  const left = all.filter((said) => !isReplaced(said));
  return left.sort((a, b) => b.at - a.at).slice(0, MAX_STATEMENTS);
}

function contentOf({ id, pipelineId, stageId, status, deleted }: Statement): string {
  return JSON.stringify(deleted ? [id] : [id, pipelineId, stageId, status]);
}

/** The statement is known already: the same was said of the opportunity, and nothing else. */
export function isKnown(said: Statement, known: Statements = []): boolean {
  const before = known.filter(({ id }) => id === said.id);
  return before.length > 0 && before.every((one) => contentOf(one) === contentOf(said));
}

/** A decision, and the times of the webhooks about opportunities that contradict the read, epoch ms. */
export interface Weighed {
  decision: Decision;
  against: number[];
}

/**
 * The decision by the opportunities that the search `shown`, made no less strict than what webhooks say of them. Statements that lead to
 * no other outcome contradict nothing. `decideBy` decides by a list of opportunities.
 */
export function weighOpportunities(
  shown: readonly Opportunity[],
  told: Statements | undefined,
  decideBy: (opportunities: readonly Opportunity[] | 'unreadable') => Decision,
): Weighed {
  const decision = decideBy(shown);
  const news = (told ?? []).filter((said) => differs(said, shown));
  const changed = new Set(news.map(({ id }) => id));
  // Of two that contradict each other one may say what is shown: it may be true beside what others say.
  const open = (told ?? []).filter(({ id }) => changed.has(id));
  const others = variantsOf(shown, open)
    .map(decideBy)
    .filter((other) => isOther(other, decision));
  if (news.length === 0 || others.length === 0) return { decision, against: [] };
  const [strictest = decision] = others.sort((a, b) => strictness(b.intent) - strictness(a.intent));
  const against = news.map(({ at }) => at);
  if (strictness(strictest.intent) <= strictness(decision.intent)) return { decision, against };
  const { condition: _, ...held } = strictest;
  return { decision: { ...held, reason: 'webhook_said_out', person: null }, against };
}

function differs(said: Statement, shown: readonly Opportunity[]): boolean {
  const row = shown.find(({ id }) => id === said.id);
  if (said.deleted || row === undefined) return said.deleted === (row !== undefined);
  const { pipelineId, stageId, status } = current(said, row);
  return pipelineId !== row.pipelineId || stageId !== row.stageId || status !== row.status;
}

/** What a webhook leaves out is as the search shows it. */
function current({ id, pipelineId, stageId, status }: Statement, row: Opportunity | undefined): Opportunity {
  return {
    id,
    pipelineId: pipelineId ?? row?.pipelineId ?? null,
    stageId: stageId ?? row?.stageId ?? null,
    status: status ?? row?.status ?? null,
  };
}

/** The opportunities as they may be at present, if webhooks are right. More than one where statements contradict each other. */
function variantsOf(shown: readonly Opportunity[], told: Statements): (readonly Opportunity[] | 'unreadable')[] {
  let variants: (readonly Opportunity[])[] = [shown];
  for (const [id, said] of Map.groupBy(told, (one) => one.id)) {
    const row = shown.find((one) => one.id === id);
    const states = said.map((one) => (one.deleted ? [] : [current(one, row)]));
    variants = variants.flatMap((list) => states.map((state) => [...list.filter((one) => one.id !== id), ...state]));
    if (variants.length > MAX_VARIANTS) return ['unreadable'];
  }
  return variants;
}

/** Nobody is dialed by either, or both lead to the same bucket, and both keep the number from others or neither: no other outcome. */
function isOther(one: Decision, two: Decision): boolean {
  return one.intent !== two.intent || (one.intent === 'place' && one.priority !== two.priority);
}

function strictness(intent: Intent): number {
  return BY_STRICTNESS.indexOf(intent);
}

/** From the least strict to the strictest. */
export const BY_STRICTNESS: readonly Intent[] = ['place', 'none', 'out', 'dnc'];

/**
 * The route that keeps the contact out by what webhooks say of its opportunities, whatever else there is to know of it; null where they do
 * not say so. `pipelines` null: only ids of pipelines and stages are known.
 */
export function outByOpportunities(
  { routes }: Rules,
  told: Statements | undefined,
  pipelines: readonly Pipeline[] | null,
): number | null {
  const there = (told ?? []).filter(({ deleted }) => !deleted);
  for (const [priority, { name: _, bucket, opportunity, ...more }] of routes.entries()) {
    if (bucket !== null && opportunity === undefined) return null;
    if (bucket !== null || opportunity === undefined || Object.keys(more).length > 0) continue;
    if (testOpportunities(there, opportunity, pipelines) === 'yes') return priority;
  }
  return null;
}
