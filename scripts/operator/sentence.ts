// An error that is not a bug: its message tells the person what to do.

export class Sentence extends Error {
  override readonly name = 'Sentence';
}
