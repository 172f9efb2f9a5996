// Names that look like a misspelled one, for a message that says what was probably meant.

/** Most names that are suggested. */
const MAX_SUGGESTIONS = 3;

/**
 * The words that look like this one, nearest first; at most three, and none where nothing is near. Case, `_`, `-`, dots and spaces make
 * no difference. A word that holds the other counts as near: zip is near zip_code.
 */
export function nearest(word: string, words: Iterable<string>): string[] {
  const plain = simplified(word);
  return [...new Set(words)]
    .map((other) => ({ other, distance: distanceOf(plain, simplified(other)) }))
    .filter(({ distance }) => distance !== null)
    .sort((a, b) => Number(a.distance) - Number(b.distance) || (a.other < b.other ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ other }) => other);
}

/** ` Did you mean x?`, or nothing. To be put behind a sentence. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const near = nearest(word, words);
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
}

/** A name longer than this is compared by its beginning. */
const MAX_COMPARED = 100;

function simplified(word: string): string {
  return word
    .toLowerCase()
    .replace(/[\s_.-]+/g, '')
    .slice(0, MAX_COMPARED);
}

/** Null where the words have too little in common. */
function distanceOf(word: string, other: string): number | null {
  const distance = edits(word, other);
  const isPart = word.length >= 3 && other.includes(word);
  const isMost = other.length >= 3 && other.length >= word.length / 2 && word.includes(other);
  if (isPart || isMost) return Math.min(distance, 1.5);
  return distance <= Math.max(1, Math.floor(Math.max(word.length, other.length) / 4)) ? distance : null;
}

/** Characters to insert, remove or replace, and neighbours to swap (optimal string alignment). */
function edits(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const cost = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      // Before its first character a text has none.
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      next.push(swapped ? Math.min(cost, (before[column - 2] ?? 0) + 1) : cost);
    }
    [before, last] = [last, next];
  }
  return last[other.length] ?? 0;
}
