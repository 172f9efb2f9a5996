// What a history may break: each promise of the design by name.

export type Promised =
  /** An older event put back who had been withdrawn. */
  | 'undone'
  /** A number is dialed although another contact with it keeps it out. */
  | 'veto'
  /** Who was taken out in CallTools after a call is dialed again because of us. */
  | 'put back'
  /** Who said no in a call is dialed still, or again. */
  | 'said no'
  /** A disposition that was not kept, or was kept or counted twice; or one that nobody asked for. */
  | 'miscounted'
  /** What was in GoHighLevel before a write is gone. */
  | 'overwritten'
  /** What a call says must be in GoHighLevel is not, and no dead letter says so. */
  | 'unwritten'
  /** Written to GoHighLevel more often than asked for, or although nothing asks for it. */
  | 'rewritten'
  /** A person who is not ours was touched because of a call. */
  | 'stranger'
  /** Two CallTools contacts of ours with one number. */
  | 'doubled'
  /** do-not-contact was cleared. */
  | 'unmarked'
  /** CallTools differs from what the rules say, after a backstop. */
  | 'diverged'
  /** An acknowledged event without any trace: not taken effect, and in no queue, outbox or dead letter. */
  | 'lost'
  /** A contact has failed for good, and no dead letter says so. */
  | 'unseen'
  /** A contact is dialed although what could be read of it keeps it out. */
  | 'hidden'
  /** An acknowledgement before anything had stored the event. */
  | 'unstored'
  /** Queues, outbox or a run that do not come to an end. */
  | 'endless'
  /** An outage used up attempts or left dead letters. */
  | 'outage'
  /** One record's trouble delayed or failed another. */
  | 'isolated'
  /** A withdrawal of which CallTools refused a part, and whose other parts were not done. */
  | 'kept in'
  /** A contact that exists was taken for deleted. */
  | 'deleted'
  /** More new contacts within an hour than the brake allows. */
  | 'overshoot'
  /** A vendor got more calls than it takes. */
  | 'flood'
  /** An unchanged world that is written to. */
  | 'noisy'
  /** A name or a number of a person in a log line or in D1. */
  | 'told'
  /** A vendor that refuses us is said to be down, or the other way round. */
  | 'misnamed'
  /** Something of ours threw. */
  | 'crashed';

export interface Violation {
  promise: Promised;
  detail: string;
  /** Epoch ms. */
  at: number;
}

export type Report = (promise: Promised, detail: string) => void;
