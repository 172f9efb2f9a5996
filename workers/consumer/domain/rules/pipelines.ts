// Pipelines and stages that the rules name, and what is remembered of a location's. Pure.

import type { OpportunityRule, Pipeline } from './conditions.ts';
import { sameName } from './tags.ts';

/** A pipeline or a stage as a rule names it, by name or id. `pipeline` null: a stage of any pipeline. */
export interface PipelineRef {
  pipeline: string | null;
  /** Null: the pipeline itself. */
  stage: string | null;
}

/** All that these rules name. */
export function pipelineRefs(rules: readonly OpportunityRule[]): PipelineRef[] {
  return rules.flatMap(({ pipeline = null, stages = [] }) => [
    ...(pipeline === null ? [] : [{ pipeline, stage: null }]),
    ...stages.map((stage) => ({ pipeline, stage })),
  ]);
}

/** The ids of those with this name or id. */
export function idsOf({ pipeline, stage }: PipelineRef, known: readonly Pipeline[]): string[] {
  const isCalled = (ref: string) => (one: { id: string; name: string }) => one.id === ref || sameName(one.name, ref);
  const pipelines = pipeline === null ? known : known.filter(isCalled(pipeline));
  const found = stage === null ? pipelines : pipelines.flatMap(({ stages }) => stages).filter(isCalled(stage));
  return found.map(({ id }) => id).sort();
}

/** Those of which the location has none. */
export function unknownRefs(refs: readonly PipelineRef[], known: readonly Pipeline[]): PipelineRef[] {
  return refs.filter((ref) => idsOf(ref, known).length === 0);
}

/** As they are remembered: `pipeline id` or `pipeline id/stage id` → name. */
export function rememberedPipelines(pipelines: readonly Pipeline[]): Record<string, string> {
  return Object.fromEntries(
    pipelines.flatMap(({ id, name, stages }) => [
      [id, name],
      ...stages.map((stage): [string, string] => [`${id}/${stage.id}`, stage.name]),
    ]),
  );
}

/** The opposite of `rememberedPipelines`. */
export function pipelinesOf(remembered: Readonly<Record<string, string>>): Pipeline[] {
  const entries = Object.entries(remembered);
  return entries
    .filter(([key]) => !key.includes('/'))
    .map(([id, name]) => ({
      id,
      name,
      stages: entries
        .filter(([key]) => key.startsWith(`${id}/`))
        .map(([key, stage]) => ({ id: key.slice(id.length + 1), name: stage })),
    }));
}
