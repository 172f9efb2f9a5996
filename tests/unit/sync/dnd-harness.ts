// A person that is dialed, and then asks not to be called.

import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { person } from './people-harness.ts';

export const [PERSON, OTHER] = ['mmmmmmmmmmmmmmmmmmmm', 'zzzzzzzzzzzzzzzzzzzz'] as const;
/** Leads a number that it shares with one of them. */
export const FIRST = 'aaaaaaaaaaaaaaaaaaaa';

/** A person that is dialed. `marked`: their CallTools contact as it is now. */
export async function dialedPerson() {
  const stage = backstopStage();
  await person(stage, PERSON, phoneOf(0));
  const [theirs] = stage.callTools.contacts();
  if (!theirs) throw new Error('placed');
  const marked = () => stage.callTools.contacts().find(({ id }) => id === theirs.id);
  return { stage, id: theirs.id, marked };
}

export const OUT_AND_MARKED = { buckets: [], doNotContact: true };
