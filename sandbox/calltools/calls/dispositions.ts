// The dispositions of an account: what an agent can say of a call (docs/vendors.md, CallTools: dispositions).

/** A disposition, as `GET /calldispositions/` shows it. */
export interface Disposition {
  id: number;
  name: string;
  /** False: the call goes on after the agent has picked it, as a transfer does. */
  hang_up_call: boolean;
  /** Nobody was reached. */
  no_contact: boolean;
  /** Sets `do_not_contact` of the contact. */
  set_contact_dnc: boolean;
  /** Sets `do_not_contact` of the number that was called. */
  set_phone_number_dnc: boolean;
}

/** In which form a row of the record names its disposition: its id is believed in; the others are not known. */
export type DispositionForm = 'id' | 'name' | 'object';

/** An automation of the account that takes a contact out of a bucket after a call. */
export interface BucketAutomation {
  /** Names. */
  disposition: string;
  bucket: string;
  /** How long after the agent's pick it runs, ms; the row of the record may appear before or after it. */
  afterMs: number;
}

/** Names and effects as dialers have them. */
export const DISPOSITIONS: Disposition[] = [
  disposition(3001, 'Do Not Call', { set_contact_dnc: true }),
  disposition(3002, 'DNC This Number', { set_phone_number_dnc: true }),
  disposition(3003, 'Not Interested'),
  disposition(3004, 'Wrong Number'),
  disposition(3005, 'Appointment Set'),
  disposition(3006, 'No Answer', { no_contact: true }),
  disposition(3007, 'Answering Machine', { no_contact: true }),
  disposition(3008, 'Callback'),
  disposition(3009, 'Transferred', { hang_up_call: false }),
];

function disposition(id: number, name: string, effects: Partial<Disposition> = {}): Disposition {
  const usual = { hang_up_call: true, no_contact: false, set_contact_dnc: false, set_phone_number_dnc: false };
  return { id, name, ...usual, ...effects };
}
