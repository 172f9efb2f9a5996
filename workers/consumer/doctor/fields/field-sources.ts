// Does GoHighLevel have the custom fields from which FIELD_MAP takes values?

import { errorText } from '../../../../shared/harmless.ts';
import { type CustomField, resolveFields } from '../../domain/fields/field-plan.ts';
import { nearest } from '../../domain/nearest.ts';
import { type Check, failed, ok, skipped, warning } from '../check.ts';

/** The custom fields of the location, or why they cannot be read. `unasked`: none is mapped. */
export type Definitions =
  | { kind: 'known'; fields: readonly CustomField[] }
  | { kind: 'unknown'; error: string }
  | { kind: 'unasked' };

/** Asks for the list, if a field of it is mapped. Never throws. */
export async function readDefinitions(
  ghl: { customFields(): Promise<CustomField[]> },
  refs: readonly string[],
): Promise<Definitions> {
  if (refs.length === 0) return { kind: 'unasked' };
  try {
    return { kind: 'known', fields: await ghl.customFields() };
  } catch (thrown) {
    return { kind: 'unknown', error: errorText(thrown) };
  }
}

/** Mapped custom fields that GoHighLevel does not have. `refs`: as the map names them. */
export function checkSources(refs: readonly string[], definitions: Definitions): Check {
  const code = 'field-map-gohighlevel';
  if (refs.length === 0 || definitions.kind === 'unasked') return skipped(code, 'No custom field is mapped.');
  if (definitions.kind === 'unknown')
    return warning(
      code,
      `The list of custom fields cannot be read, so names and keys are not found: ${definitions.error}`,
    );
  const missing = missingRefs(refs, definitions.fields);
  if (missing.length === 0) return ok(code, `All ${refs.length} custom fields that are mapped are there.`);
  return failed(code, missing.map((ref) => faultOf(ref, definitions.fields)).join(' '));
}

/** Those that are not there, or are several. */
export function missingRefs(refs: readonly string[], fields: readonly CustomField[]): string[] {
  const resolved = resolveFields(refs, fields);
  return refs.filter((ref) => !(ref in resolved));
}

function faultOf(ref: string, fields: readonly CustomField[]): string {
  const alike = fields.filter(({ name }) => name?.trim().toLowerCase() === ref.trim().toLowerCase());
  const keys = alike.map(({ key, id }) => key ?? id);
  if (keys.length > 1) return `Several custom fields are called ${ref}: name one by its key (${keys.join(', ')}).`;
  const near = nearest(
    ref,
    fields.flatMap(({ key, name }) => [key, name].filter((one) => one !== null)),
  );
  return `Contacts have no custom field ${ref}${near.length === 0 ? '' : ` (${near.join(', ')}?)`}.`;
}
