// What is sent to CallTools for a wanted state.

import type { Settings } from '../config/settings.ts';
import type { Wanted } from '../domain/decide.ts';
import type { ContactBody } from '../vendors/calltools.ts';
import { allIds, type LabelIds, type ManagedIds, NO_LABELS } from './labels.ts';

/** The person's data alone: who is in which bucket stays as it is. */
export function dataOf(wanted: Wanted, settings: Settings): ContactBody {
  return bodyFor(wanted, NO_LABELS, settings, false);
}

/** The write, in one call: fields, buckets and tags together. Removals are left out of a POST. */
export function bodyFor(wanted: Wanted, ids: LabelIds, settings: Settings, removals: boolean): ContactBody {
  const bucket = wanted.kind === 'place' ? ids.bucket.get(wanted.bucket)?.[0] : undefined;
  const tag = wanted.kind === 'place' && wanted.tag !== null ? ids.tag.get(wanted.tag)?.[0] : undefined;
  const others = (managed: ManagedIds, kept: number | undefined) => allIds(managed).filter((id) => id !== kept);
  const lists = {
    add_buckets: bucket === undefined ? [] : [bucket],
    remove_buckets: removals ? others(ids.bucket, bucket) : [],
    add_tags: tag === undefined ? [] : [tag],
    remove_tags: removals ? others(ids.tag, tag) : [],
  };
  const filled = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
  if (wanted.kind === 'out') return { ...filled, ...(wanted.doNotContact && { do_not_contact: true as const }) };
  const { person } = wanted;
  return {
    ...person.fields,
    [settings.CALLTOOLS_PHONE_FIELD]: person.phone,
    ...(person.email && settings.CALLTOOLS_EMAIL_FIELD && { [settings.CALLTOOLS_EMAIL_FIELD]: person.email }),
    ...(settings.CALLTOOLS_EXTERNAL_ID_FIELD && { [settings.CALLTOOLS_EXTERNAL_ID_FIELD]: person.contactId }),
    ...filled,
  };
}
