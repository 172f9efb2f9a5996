// What is not wrong in rules, and hardly meant. Pure.

import type { Rules } from './conditions.ts';
import { unknownRegions } from './unknown-regions.ts';
import { unreachableRoutes } from './unreachable.ts';

/** A line each, with a small letter and a full stop or question mark: routes that can never match, and states and countries that nobody knows. */
export function oddities(rules: Rules): string[] {
  return [...unreachableRoutes(rules).map(({ why }) => why), ...unknownRegions(rules)].map((what) =>
    what.endsWith('?') ? what : `${what.replace(/\.$/, '')}.`,
  );
}
