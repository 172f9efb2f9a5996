// How the test contact is called in both systems, and its number.

/** Unmistakable for a person who comes across it. */
export const TEST_NAME = { first: 'Conformance', last: 'Test', whole: 'Conformance Test' };

/** Numbers for fiction: 555-0100 to 555-0199 of any area code ring nobody. */
export function fictionalNumber(random: () => number): string {
  return `+13055550${100 + Math.floor(random() * 100)}`;
}
