// An end that is not a bug: its message is a sentence that tells the person what to do.

export class Sentence extends Error {
  override readonly name = 'Sentence';
}
