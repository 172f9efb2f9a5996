// POST /api/v1/rules/test with a contact: reads it now, and says what rules make of it. Nothing is written, and no value is shown or logged.

import type { RulesTest, RulesTested } from '../../../shared/api/rules.ts';
import { errorText } from '../../../shared/harmless.ts';
import type { World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import { type Known, requireOurs } from '../domain/contact.ts';
import { type DecideBy, type Decision, decide } from '../domain/decide.ts';
import { explain } from '../domain/explanations.ts';
import { toE164 } from '../domain/phone.ts';
import type { Opportunities, Rules } from '../domain/rules/conditions.ts';
import { explainRoutes, keepsOut, places } from '../domain/rules/explain.ts';
import { factsOf } from '../domain/rules/match.ts';
import { createVendors } from '../vendors/clients.ts';
import type { GoHighLevel } from '../vendors/gohighlevel.ts';
import { readRulesPlan } from './plan.ts';

/** What came of it. `error` quotes no personal data. */
export type ContactTest =
  | { kind: 'tested'; test: RulesTest & Pick<RulesTested, 'reason' | 'notes'> }
  | { kind: 'gone' }
  | { kind: 'unread'; error: string };

/** For all vendor calls together. */
const BUDGET_MS = 45_000;

/** Never throws. */
export async function testContact(
  contactId: string,
  rules: Rules,
  settings: Settings,
  world: World,
): Promise<ContactTest> {
  const { ghl } = createVendors(settings, world, world.now() + BUDGET_MS);
  try {
    const read = await ghl.read(contactId);
    if (read.kind === 'gone') return { kind: 'gone' };
    if (read.kind === 'doubtful') return { kind: 'unread', error: read.failure.error };
    requireOurs(read);
    const { plan, notes } = await readRulesPlan(rules, ghl);
    const by = { rules, country: settings.DEFAULT_COUNTRY, plan, now: world.now() };
    const { decision, opportunities } = await decideWhole(read, by, contactId, ghl);
    const phone = toE164(read.contact.phone, by.country);
    const toPhone = (text: string) => toE164(text, by.country);
    const facts = factsOf(read.contact, { plan, now: by.now, phone, toPhone, opportunities });
    return { kind: 'tested', test: { ...explainRoutes(rules, facts), ...outcomeOf(decision, rules), notes } };
  } catch (thrown) {
    return { kind: 'unread', error: errorText(thrown) };
  }
}

/** Asks for the opportunities only where the outcome depends on them. */
async function decideWhole(
  read: Known,
  by: DecideBy,
  contactId: string,
  ghl: Pick<GoHighLevel, 'opportunitiesOf'>,
): Promise<{ decision: Decision; opportunities: Opportunities }> {
  const decision = decide(read, by);
  if (!decision.asksForOpportunities) return { decision, opportunities: 'unknown' };
  const found = await ghl.opportunitiesOf(contactId);
  const opportunities = found === 'no_scope' ? 'unreadable' : found;
  return { decision: decide(read, { ...by, opportunities }), opportunities };
}

function outcomeOf(
  { intent, reason, route, priority, condition, unread }: Decision,
  { routes }: Rules,
): Pick<RulesTested, 'outcome' | 'reason' | 'route' | 'bucket' | 'explanation'> {
  const bucket = routes[priority]?.bucket ?? null;
  if (intent === 'place' && unread) {
    const explanation = `GoHighLevel’s answer cannot be read at ${unread.join(', ')}, and doubt means that it is not dialed.`;
    return { outcome: 'kept_out', reason: 'unexpected_response', route, bucket: null, explanation };
  }
  if (intent === 'place' && route !== null && bucket !== null)
    return { outcome: 'placed', reason: null, route, bucket, explanation: places(route, bucket) };
  const why = reason === 'route' && route !== null ? keepsOut(route) : explain(reason).what;
  const named = condition === undefined || condition === '' ? '' : ` The condition: ${condition}.`;
  return { outcome: 'kept_out', reason, route, bucket: null, explanation: `${why}${named}` };
}
