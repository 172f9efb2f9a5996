// May the token read opportunities, and does the location have the pipelines and stages that the rules name?

import { errorText } from '../../../shared/harmless.ts';
import type { Settings } from '../config/settings.ts';
import { didYouMean } from '../domain/nearest.ts';
import { asksForOpportunities, type Pipeline } from '../domain/rules/conditions.ts';
import { idsOf, type PipelineRef, unknownRefs } from '../domain/rules/pipelines.ts';
import type { GoHighLevel } from '../vendors/gohighlevel.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';

const CODE = 'opportunities';
const NO_SCOPE =
  'The token lacks the scope opportunities.readonly, so nobody is dialed by a rule that asks for opportunities.';

/** `ghl` null: GoHighLevel is not well, as one of `before` says. Asks for nothing where no rule does. Never throws. */
export async function checkOpportunities(
  { rules, fields }: Pick<Settings, 'rules' | 'fields'>,
  ghl: Pick<GoHighLevel, 'pipelines' | 'opportunityPage'> | null,
  before: readonly Check[],
): Promise<Check> {
  if (!asksForOpportunities(rules)) return skipped(CODE, 'No rule asks for opportunities.');
  const cause = before.find(({ status }) => status !== 'ok')?.code;
  if (ghl === null) return skipped(CODE, `Not asked: see ${cause}.`, cause);
  try {
    const [pipelines, page] = [await ghl.pipelines(), await ghl.opportunityPage(null)];
    if (pipelines === 'no_scope' || page === 'no_scope') return failed(CODE, NO_SCOPE);
    const refs = fields.pipelines ?? [];
    const unknown = unknownRefs(refs, pipelines);
    if (unknown.length > 0) return failed(CODE, [...new Set(unknown.map((ref) => faultOf(ref, pipelines)))].join(' '));
    return ok(
      CODE,
      `They can be read, and ${refs.length === 0 ? 'no rule names a pipeline or a stage' : 'all pipelines and stages that rules name are there'}.`,
    );
  } catch (thrown) {
    return warning(CODE, `They cannot be read at present: ${errorText(thrown)}`);
  }
}

function faultOf({ pipeline, stage }: PipelineRef, known: readonly Pipeline[]): string {
  const within =
    pipeline === null ? known : known.filter(({ id }) => idsOf({ pipeline, stage: null }, known).includes(id));
  if (stage === null)
    return `There is no pipeline ${pipeline}.${didYouMean(
      String(pipeline),
      known.map(({ name }) => name),
    )}`;
  const names = within.flatMap(({ stages }) => stages).map(({ name }) => name);
  return `${pipeline === null ? 'No pipeline' : `The pipeline ${pipeline}`} has ${pipeline === null ? 'a' : 'no'} stage ${stage}.${didYouMean(stage, names)}`;
}
