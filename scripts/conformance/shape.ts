// How an answer is built, without its values: names of fields and types. Names that may belong to somebody are left out.

import { isHarmless } from '../../shared/harmless.ts';

/** `text`, `{"id": "number"}`, `[{…}]`: names and types only. */
export type Shape = string | Shape[] | { [field: string]: Shape };

/** Names of fields in vendors' answers that are no plain words (docs/vendors.md). */
const KNOWN = new Set(
  `picklistOptions pipelines stages assignedTo dateOfBirth succeded followers attributionSource lastAttributionSource monetary_value
  filter_state_hours_holidays all_phone_numbers_fdnc last_call_outbound_human calls_outbound_human hang_up_call resthook_model
  swagger openapi paths definitions components schemas properties`.split(/\s+/),
);
const FIELD = /^[A-Za-z_]\w{0,63}$/;
const OTHERS = '(other fields)';
const MAX_DEPTH = 5;
/** Of a list these many kinds of entries are shown. */
const MAX_KINDS = 3;
const MAX_ENTRIES = 50;
const MAX_FIELDS = 100;

/** Tells how any JSON is built; undefined is what was no JSON. Keeps in mind which names it has looked up. */
export function createShapes(): (json: unknown) => Shape {
  const known = new Map<string, boolean>();
  function isShown(name: string): boolean {
    const isKnown = known.get(name) ?? isField(name);
    known.set(name, isKnown);
    return isKnown;
  }

  function shapeOf(json: unknown, depth: number): Shape {
    if (json === undefined) return 'not JSON';
    if (json === null) return 'null';
    if (typeof json === 'string') return 'text';
    if (typeof json !== 'object') return typeof json;
    if (depth === MAX_DEPTH) return '…';
    if (Array.isArray(json)) {
      const shapes = json.slice(0, MAX_ENTRIES).map((one) => shapeOf(one, depth + 1));
      return [...new Map(shapes.map((one) => [JSON.stringify(one), one])).values()].slice(0, MAX_KINDS);
    }
    const entries = Object.entries(json);
    const shown = entries.filter(([name]) => isShown(name)).slice(0, MAX_FIELDS);
    const hidden = entries.length - shown.length;
    return {
      ...Object.fromEntries(shown.map(([name, value]) => [name, shapeOf(value, depth + 1)])),
      ...(hidden > 0 && { [OTHERS]: String(hidden) }),
    };
  }

  return (json) => shapeOf(json, 0);
}

function isField(name: string): boolean {
  return KNOWN.has(name) || (FIELD.test(name) && isHarmless(name));
}
