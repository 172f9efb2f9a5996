// Why a route matches, in words. Only what the rules themselves name is in them, and no value of the contact. Pure.

import type { PlainConditions, Route } from './conditions.ts';
import { asks } from './explain.ts';
import { type Facts, judge } from './match.ts';
import { hasTag, type ReadTags } from './tags.ts';

/** It is stored with the contact. */
const MAX_LENGTH = 120;

/** What made this route match, to be read after "because": `of tag "cold lead"`, `its source is "web"`. */
export function becauseOf(route: Route, facts: Facts): string {
  const keepsOut = route.bucket === null;
  const { not: _, tags: __, words: ___, optOut: ____, ...others } = route;
  const tag = tagOf(route, keepsOut ? facts.allTags : facts.tags);
  const judged = judge(others, facts, keepsOut).map(({ condition }) => clause(condition, route));
  return inShort([...(tag ? [`of ${tag}`] : []), ...judged]);
}

/** The same, where the facts are no longer known: what the route asks for. */
export function becauseOfRoute({
  name,
  not,
  tags,
  words,
  optOut,
  bucket: _,
  calltoolsTag: __,
  ...others
}: Route): string {
  const isByOneTag = tags?.length === 1 && !words && !optOut && !not && Object.keys(others).length === 0;
  return isByOneTag ? `of tag "${tags[0]}"` : `the route "${name}" matches it`;
}

function inShort(clauses: string[]): string {
  const text = clauses.length === 0 ? 'it has nothing that the route rules out' : clauses.join(', and ');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}

function tagOf({ tags, words, optOut }: PlainConditions, read: ReadTags): string | null {
  const tag = tags?.find((one) => hasTag({ tags: [one] }, read));
  if (tag !== undefined) return `tag "${tag}"`;
  const word = words?.find((one) => hasTag({ words: [one] }, read));
  if (word !== undefined) return `a tag with the word "${word}"`;
  return optOut && hasTag({ optOut }, read) ? 'a tag that says "do not call"' : null;
}

/** `condition` as `judge` names it. */
function clause(condition: string, of: PlainConditions): string {
  const verb = condition === 'addedWithinDays' ? 'it was' : condition === 'opportunity' ? 'it has' : 'its';
  return `${verb} ${asks(condition, of)}`;
}
