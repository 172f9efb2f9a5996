// What a scenario of the demo is made of, and the people and ends that scenarios share.

import type { ContactInput } from '../../sandbox/gohighlevel.ts';
import { ABSENT, dialedAs, OUT } from '../../sandbox/observe/sight.ts';
import type { Stage } from './stage.ts';

/** One row of the demo’s table. */
export interface Scenario {
  name: string;
  /** For the table. */
  sent: string;
  /** In GoHighLevel from the start; no webhook was sent about it. */
  person: ContactInput & { firstName: string; lastName: string };
  /** In the dialer beforehand; that is not timed. */
  placed?: true;
  /** What happens; the clock runs from here. Returns a remark for the table. */
  act(stage: Stage): Promise<unknown>;
  /** Of every request of `act`. */
  answer: 202 | 401;
  /** What CallTools shows of the person in the end. */
  callTools: string;
  /** What GET /contacts/:id says in the end. */
  reason: string;
  /** Nothing may follow: no call to GoHighLevel, nothing in CallTools. */
  nothingFollows?: true;
}

/** Tags. */
export const LEAD = ['cold lead'];
export const CUSTOMER = ['cold lead', 'customer'];

/** Somebody who is made up; a lead unless `more` says otherwise. */
export const person = (name: string, lastDigits: string, more: ContactInput = {}) => {
  const [firstName = '', lastName = ''] = name.split(' ');
  const email = `${firstName}.${lastName}@example.com`.toLowerCase();
  return { firstName, lastName, email, phone: `+1305555${lastDigits}`, tags: LEAD, source: 'website form', ...more };
};

/** How the contact ends. */
export const dialed = (name: string) => ({ answer: 202, callTools: dialedAs(name), reason: 'placed' }) as const;
export const takenOut = (reason: string) => ({ answer: 202, callTools: OUT, reason }) as const;
export const NOT_KNOWN = { reason: 'not known', callTools: ABSENT, answer: 401, nothingFollows: true } as const;
