// A contact's opportunities against what a route asks of them. Pure.

import type { Opportunities, Opportunity, OpportunityRule, Pipeline } from './conditions.ts';
import { sameName } from './tags.ts';
import type { Verdict } from './values.ts';

/** Whether one of them is what the rule asks for. A contact without opportunities has none that is. */
export function testOpportunities(
  opportunities: Opportunities,
  rule: OpportunityRule,
  pipelines: readonly Pipeline[] | null,
): Verdict {
  if (opportunities === 'unknown') return 'unknown';
  if (opportunities === 'unreadable') return 'doubt';
  const verdicts = opportunities.map((one) => testOne(one, rule, pipelines));
  return verdicts.includes('yes') ? 'yes' : verdicts.includes('doubt') ? 'doubt' : 'no';
}

function testOne(
  { pipelineId, stageId, status }: Opportunity,
  rule: OpportunityRule,
  pipelines: readonly Pipeline[] | null,
): Verdict {
  const named =
    rule.pipeline === undefined
      ? pipelines
      : (pipelines?.filter(({ id, name }) => id === rule.pipeline || sameName(name, rule.pipeline ?? '')) ?? null);
  const verdicts: Verdict[] = [];
  if (rule.pipeline !== undefined) verdicts.push(isOneOf(pipelineId, [rule.pipeline], named));
  if (rule.stages) verdicts.push(isOneOf(stageId, rule.stages, named?.flatMap(({ stages }) => stages) ?? null));
  if (rule.status)
    verdicts.push(status === null ? 'doubt' : rule.status.some((one) => sameName(one, status)) ? 'yes' : 'no');
  return verdicts.includes('no') ? 'no' : verdicts.includes('doubt') ? 'doubt' : 'yes';
}

/** `refs` are names or ids. Where a name is not known, it is not known either whether this is it. */
function isOneOf(
  id: string | null,
  refs: readonly string[],
  known: readonly { id: string; name: string }[] | null,
): Verdict {
  if (id === null) return 'doubt';
  if (refs.includes(id)) return 'yes';
  const named = refs.map((ref) => known?.filter(({ name }) => sameName(name, ref)) ?? []);
  if (named.some((found) => found.some((one) => one.id === id))) return 'yes';
  return named.every((found, index) => found.length > 0 || isId(refs[index] ?? '', known)) ? 'no' : 'doubt';
}

function isId(ref: string, known: readonly { id: string }[] | null): boolean {
  return known?.some(({ id }) => id === ref) ?? false;
}
