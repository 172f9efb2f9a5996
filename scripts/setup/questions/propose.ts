// Which field of CallTools may be filled from which field of GoHighLevel, by their names. Pure; a person confirms.

import type { AccountFields } from '../../../workers/consumer/doctor/fields/description.ts';
import type { CustomField } from '../../../workers/consumer/domain/fields/field-plan.ts';
import { nearest } from '../../../workers/consumer/domain/nearest.ts';

/** One entry of FIELD_MAP. */
export interface Proposal {
  target: string;
  entry: string | { from: string; as: string };
}

/** Fields of every contact that are not written by default, and whose names say what they hold. */
const CONTACT_FIELDS = ['companyName', 'website', 'source', 'timezone', 'dateOfBirth'];

/** A proposal for each of these targets to which a field of GoHighLevel has the same name, or one near it. */
export function propose(
  targets: readonly string[],
  described: AccountFields | null,
  customFields: readonly CustomField[],
): Proposal[] {
  const sources = new Map<string, string>(CONTACT_FIELDS.map((name) => [name, name]));
  for (const { id, key, name, dataType } of customFields) {
    // A second number would be dialed too (docs/fields.md).
    if (dataType === 'PHONE') continue;
    const from = `custom:${key ?? id}`;
    for (const called of [name, key?.replace(/^contact\./, '')]) if (called) sources.set(called, from);
  }
  return targets.flatMap((target): Proposal[] => {
    const [name] = nearest(target, sources.keys());
    const from = name === undefined ? undefined : sources.get(name);
    if (from === undefined) return [];
    const type = described?.get(target)?.type ?? 'text';
    return [{ target, entry: type === 'text' ? from : { from, as: type } }];
  });
}
