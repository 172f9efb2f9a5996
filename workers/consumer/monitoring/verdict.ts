// One sentence on how things stand, with its cause. Pure.

import type { Status } from '../../../shared/api/status.ts';
import type { Cause, SetUpStep, VendorInWords, Verdict } from '../../../shared/api/verdict.ts';

/** What it is made from. */
export interface VerdictInputs {
  status: Status;
  /** The worst first. */
  causes: Cause[];
  vendors: VendorInWords[];
  /** Null: everything is done. */
  steps: SetUpStep[] | null;
  /** New contacts that MAX_NEW_PLACEMENTS holds back, and since when (ISO 8601). */
  held: { n: number; since: string | null };
  /** What a location is called, where there are several; null: there is one. */
  nameOf: ((id: string) => string) | null;
}

/** Faults first, then what a person must confirm, then setting up. */
export function verdictOf({ status, causes, vendors, steps, held, nameOf }: VerdictInputs): Verdict {
  const [worst] = causes;
  if (worst) {
    const { since, next, action } = worst;
    const isMine = causes.some((one) => one.action !== null);
    const title = status === 'stopped' ? 'Stopped' : isMine ? 'Needs you' : 'Waiting';
    return { title, sentence: sentenceOf(worst, vendors, nameOf), since, next, action };
  }
  if (held.n > 0) {
    const who = held.n === 1 ? '1 new contact is held back' : `${held.n} new contacts are held back`;
    const sentence = `${who}, because more than MAX_NEW_PLACEMENTS came within an hour.`;
    const action = { label: 'See who they are', path: '/contacts?reason=held_by_brake' };
    return {
      title: 'Needs you',
      sentence,
      since: held.since,
      next: 'Nobody of them is dialed until a person confirms it.',
      action,
    };
  }
  const step = steps?.find(({ done }) => !done);
  if (steps && step) {
    const many = steps.filter(({ done }) => done).length;
    const sentence = `${many} of ${steps.length} steps are done. ${step.what}`;
    return { title: 'Setting up', sentence, since: null, next: step.what_to_do, action: step.action };
  }
  return {
    title: 'All is well',
    sentence: 'Both systems answer, and nothing waits for you.',
    since: null,
    next: 'Changes are carried over as they come, and the whole list is compared at night.',
    action: null,
  };
}

/** Of a vendor the short sentence: the cause itself has the vendor's words and times. */
function sentenceOf(cause: Cause, vendors: VendorInWords[], nameOf: VerdictInputs['nameOf']): string {
  const where = nameOf !== null && cause.location_id !== null ? `${nameOf(cause.location_id)}: ` : '';
  const inTrouble = vendors.filter(({ state }) => !['well', 'not_asked_yet'].includes(state));
  const [vendor] = inTrouble.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return `${where}${cause.code === 'circuits' && vendor ? vendor.sentence : cause.what}`;
}

const ORDER: VendorInWords['state'][] = ['refused', 'down', 'throttled'];
