// Errors that are not bugs: the message tells the person what to do, and the kind decides the exit code.

/** An error whose message is all that a person needs to see. The command failed: exit code 1. */
export class Sentence extends Error {
  override readonly name: string = 'Sentence';
}

/** The command line or the environment cannot be used as given, and nothing was done: exit code 2. */
export class WrongUse extends Sentence {
  override readonly name = 'WrongUse';
}

/** The pipeline was reached, refuses the request, and says why. */
export class Refused extends Sentence {
  override readonly name = 'Refused';
}
