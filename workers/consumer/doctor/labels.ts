// Does CallTools have the buckets and tags that the rules name?

import { errorText } from '../../../shared/harmless.ts';
import type { Settings } from '../config/settings.ts';
import { managedLabels } from '../domain/decide.ts';
import { sameName } from '../domain/rules/tags.ts';
import type { CallTools } from '../vendors/calltools.ts';
import type { LabelKind } from '../vendors/calltools-labels.ts';
import type { Label } from '../vendors/calltools-schema.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';

/** An account may have hundreds of names: only so many are shown. */
const SHOWN = 15;

/** `buckets`: all that CallTools has, for the membership check; null where they cannot be read. Never throws. */
export async function checkLabels(
  callTools: CallTools,
  settings: Settings,
): Promise<{ checks: Check[]; buckets: Label[] | null }> {
  const { buckets: bucketNames, tags: tagNames } = managedLabels(settings.rules);
  const bucket = await check(callTools, 'bucket', bucketNames);
  const tag =
    tagNames.length === 0
      ? { check: skipped('calltools-tag', 'No route names a tag.') }
      : await check(callTools, 'tag', tagNames);
  return { checks: [bucket.check, tag.check], buckets: bucket.labels };
}

async function check(
  callTools: CallTools,
  kind: LabelKind,
  names: string[],
): Promise<{ check: Check; labels: Label[] | null }> {
  const code = `calltools-${kind}` as const;
  try {
    const labels = await callTools.labels(kind);
    const found = names.map((name) => ({ name, alike: labels.filter((label) => sameName(label.name, name)) }));
    const missing = found.filter(({ alike }) => alike.length === 0).map(({ name }) => name);
    const several = found.filter(({ alike }) => alike.length > 1).map(({ alike }) => alike.map(spelled).join(', '));
    const doubled = `Several ${kind}s have one name: ${several.join('; ')}.`;
    if (missing.length === 0 && several.length > 0) return { check: warning(code, doubled), labels };
    if (missing.length === 0) return { check: ok(code, `There: ${names.join(', ') || 'none is named'}.`), labels };
    const others = labels.map(({ name }) => name).sort();
    const there = `${others.slice(0, SHOWN).join(', ')}${others.length > SHOWN ? ` and ${others.length - SHOWN} more` : ''}`;
    const absent = `Missing: ${missing.join(', ')}. CallTools has: ${there || 'none'}.`;
    return { check: failed(code, several.length > 0 ? `${absent} ${doubled}` : absent), labels };
  } catch (thrown) {
    return { check: failed(code, errorText(thrown)), labels: null };
  }
}

/** A label as it is shown in CallTools. */
function spelled({ id, name }: Label): string {
  return `"${name}" (${id})`;
}
