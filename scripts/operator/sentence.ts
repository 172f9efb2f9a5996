// An error that is not a bug: its message tells the person what to do.

/** An error whose message is all that a person needs to see. */
export class Sentence extends Error {
  override readonly name = 'Sentence';
}
