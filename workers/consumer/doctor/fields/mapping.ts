// The checks of FIELD_MAP and OWNERS, which need both accounts.

import type { Settings } from '../../config/settings.ts';
import type { CheckCode } from '../../domain/checks.ts';
import { customRefs } from '../../domain/fields/field-plan.ts';
import type { FieldProblems } from '../../store/fields.ts';
import type { CallTools } from '../../vendors/calltools.ts';
import type { GoHighLevel } from '../../vendors/gohighlevel.ts';
import { type Check, skipped } from '../check.ts';
import { checkTargets, checkUnfilled } from './field-map.ts';
import { checkSources, type Definitions, readDefinitions } from './field-sources.ts';
import type { Fields } from './fields.ts';
import { checkOwners } from './owners.ts';

/** Null: the vendor is not well, and is asked no more. */
interface Accounts {
  settings: Settings;
  ghl: GoHighLevel | null;
  callTools: CallTools | null;
  fields: Fields | null;
  problems: FieldProblems;
}

/** `before`: the checks of both vendors. A list is asked for only where a setting names something of it. Never throws. */
export async function checkMapping(accounts: Accounts, before: readonly Check[]): Promise<Check[]> {
  const { settings, ghl, callTools, fields, problems } = accounts;
  const map = settings.fields;
  const behind = (code: CheckCode, vendor: 'ghl' | 'calltools') => {
    const cause = before.find(({ status, ...one }) => status !== 'ok' && one.code.startsWith(vendor))?.code;
    return skipped(code, `Not asked: see ${cause}.`, cause);
  };
  const refs = customRefs(map);
  const definitions: Definitions = ghl === null ? { kind: 'unasked' } : await readDefinitions(ghl, refs);
  const sources =
    ghl === null && refs.length > 0 ? behind('field-map-gohighlevel', 'ghl') : checkSources(refs, definitions);
  const custom = definitions.kind === 'known' ? definitions.fields : [];
  const mapped = fields && { settings, fields, definitions: custom, problems };
  return [
    mapped ? checkTargets(mapped) : behind('field-map-calltools', 'calltools'),
    sources,
    mapped ? checkUnfilled(mapped) : behind('fields-unfilled', 'calltools'),
    map.owners.size > 0 && ghl === null
      ? behind('owners', 'ghl')
      : map.owners.size > 0 && callTools === null
        ? behind('owners', 'calltools')
        : await checkOwners(map, ghl, callTools),
  ];
}
