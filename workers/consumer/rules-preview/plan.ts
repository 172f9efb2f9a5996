// What rules name by key or name, resolved as of now. Nothing of it is remembered.

import { errorText } from '../../../shared/harmless.ts';
import type { FieldMap, FieldPlan } from '../domain/fields/field-map.ts';
import { namedFields, planOf, resolveFields } from '../domain/fields/field-plan.ts';
import { asksForOpportunities, customConditions, type Pipeline, type Rules } from '../domain/rules/conditions.ts';
import type { GoHighLevel } from '../vendors/gohighlevel.ts';

/** The plan of rules alone: no field is mapped. `notes`: what could not be resolved, so that conditions on it are in doubt. */
export interface RulesPlan {
  plan: FieldPlan;
  notes: string[];
}

/** One call for each list that the rules need. Never throws. */
export async function readRulesPlan(
  rules: Rules,
  ghl: Pick<GoHighLevel, 'customFields' | 'pipelines'>,
): Promise<RulesPlan> {
  const map: FieldMap = { rules: [], countryForm: 'iso2', owners: new Map(), conditions: customConditions(rules) };
  const notes: string[] = [];
  const resolved = await customFields(namedFields(map), ghl, notes);
  const pipelines = asksForOpportunities(rules) ? await readPipelines(ghl, notes) : null;
  const list = { kind: 'custom_fields', resolved, asked: '', failure: null, readAt: 0 } as const;
  return { plan: { ...planOf(map, [list]), pipelines }, notes };
}

async function customFields(
  named: readonly string[],
  ghl: Pick<GoHighLevel, 'customFields'>,
  notes: string[],
): Promise<Record<string, string>> {
  if (named.length === 0) return {};
  try {
    const resolved = resolveFields(named, await ghl.customFields());
    const missing = named.filter((ref) => !(ref in resolved));
    if (missing.length > 0)
      notes.push(
        `GoHighLevel has no custom field, or several, of this name: ${missing.join(', ')}. Conditions on it are in doubt.`,
      );
    return resolved;
  } catch (thrown) {
    notes.push(
      `The list of custom fields cannot be read, so conditions on ${named.join(', ')} are in doubt: ${errorText(thrown)}`,
    );
    return {};
  }
}

async function readPipelines(
  ghl: Pick<GoHighLevel, 'pipelines'>,
  notes: string[],
): Promise<readonly Pipeline[] | null> {
  try {
    const pipelines = await ghl.pipelines();
    if (pipelines !== 'no_scope') return pipelines;
    notes.push('The token needs the scope opportunities.readonly: conditions on opportunities are in doubt.');
  } catch (thrown) {
    notes.push(`The list of pipelines cannot be read, so conditions on them are in doubt: ${errorText(thrown)}`);
  }
  return null;
}
