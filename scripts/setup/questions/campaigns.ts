// Which campaigns of a CallTools account dial from which bucket (docs/vendors.md, CallTools: buckets and tags).

import * as v from 'valibot';
import type { World } from '../../../workers/consumer/config/env.ts';
import type { Settings } from '../../../workers/consumer/config/settings.ts';
import { sameName } from '../../../workers/consumer/domain/rules/tags.ts';
import { LIST, listOf } from '../../../workers/consumer/vendors/calltools-lists.ts';
import type { Label } from '../../../workers/consumer/vendors/calltools-schema.ts';
import { createHttp } from '../../../workers/consumer/vendors/http.ts';

/** A campaign, and where it takes its contacts from. */
export interface Campaign {
  name: string;
  /** Id or name of its bucket; null where it has none. */
  bucket: number | string | null;
  /** It dials by a filter, and looks at no bucket. */
  isLive: boolean;
}

const Ref = v.union([v.number(), v.string()]);
/** What a row looks like beside its `bucket` or `live_filter` is inferred: an id may be an object that has one. */
const Row = v.object({
  id: v.optional(Ref),
  name: v.optional(v.string()),
  bucket: v.fallback(
    v.nullish(
      v.union([
        Ref,
        v.pipe(
          v.object({ id: Ref }),
          v.transform(({ id }) => id),
        ),
      ]),
    ),
    null,
  ),
  live_filter: v.optional(v.unknown()),
});

/** All campaigns; null where the account does not show them. Never throws. */
export async function readCampaigns(settings: Settings, world: World, notAfter: number): Promise<Campaign[] | null> {
  const base = settings.CALLTOOLS_BASE_URL;
  const http = createHttp({
    vendor: 'calltools',
    baseUrl: base.endsWith('/api') ? base : `${base}/api`,
    headers: { authorization: `Token ${settings.CALLTOOLS_API_KEY}`, accept: 'application/json' },
    timeoutMs: settings.VENDOR_TIMEOUT_MS,
    throttleMs: () => 0,
    meaning: () => 'refused',
    hint: () => null,
    notAfter,
    world,
  });
  const found: Campaign[] = [];
  try {
    for await (const row of listOf(http, '/campaigns/', LIST, '?page_size=100')) {
      const { success, output } = v.safeParse(Row, row);
      if (!success) return null;
      const { id, name, bucket = null, live_filter } = output;
      found.push({ name: name ?? `number ${id}`, bucket, isLive: live_filter !== null && live_filter !== undefined });
    }
  } catch {
    return null;
  }
  return found;
}

/** The names of those that draw from this bucket. */
export function drawingFrom({ id, name }: Label, campaigns: readonly Campaign[]): string[] {
  const isIt = ({ bucket }: Campaign) =>
    bucket === id || bucket === String(id) || (typeof bucket === 'string' && sameName(bucket, name));
  return campaigns.filter(isIt).map((campaign) => campaign.name);
}
