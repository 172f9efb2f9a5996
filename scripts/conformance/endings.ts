// How a try ends without an answer.

/** An assumption that cannot be tried now. The message is a sentence of our own, without anything of an answer but its status. */
export class NotTried extends Error {
  override readonly name: string = 'NotTried';
}

/** It gave no answer, or none that says whether the call took effect. */
export class NoAnswer extends NotTried {}

/** The person ended it, or the process is to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
