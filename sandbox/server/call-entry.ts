// Reads a call that a person lets an agent make over the control API.

import type { AgentCallInput } from '../calltools/calls/agents.ts';
import type { CallTools } from '../calltools.ts';
import { BadEntry, type Entry, isCount } from './entry.ts';

/** The contact's id, and how the call goes. Throws BadEntry. */
export function callEntry({ contact, phone, ...entry }: Entry, callTools: CallTools): [id: number, AgentCallInput] {
  const found = phone === undefined ? contact : callTools.withPhone(String(phone))[0]?.id;
  if (!callTools.contacts().some(({ id }) => id === found))
    throw new BadEntry('give the "contact" (its id in CallTools) or the "phone" of one that is there');
  const names = callTools.settings.dispositions.map(({ name }) => name);
  if (!names.includes(String(entry.disposition)))
    throw new BadEntry(`"disposition" must be one of ${names.join(', ')}`);
  for (const [name, value] of Object.entries(entry)) {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof AgentCallInput] : undefined;
    if (!rule) throw new BadEntry(`a call has no "${name}"; it has contact, phone, ${Object.keys(RULES).join(', ')}`);
    const [wanted, fits] = rule;
    if (!fits(value)) throw new BadEntry(`"${name}" must be ${wanted}`);
  }
  return [found as number, entry as unknown as AgentCallInput];
}

const MS: [string, (value: unknown) => boolean] = ['milliseconds', isCount];
const YES: [string, (value: unknown) => boolean] = ['true or false', (value) => typeof value === 'boolean'];

/** Of each part of a call: what it must be, in words, and whether a value is that. */
const RULES: { [name in keyof AgentCallInput]-?: [string, (value: unknown) => boolean] } = {
  disposition: ['a text', (value) => typeof value === 'string'],
  force: YES,
  agent: ["a user's id, or null", (value) => value === null || typeof value === 'string'],
  campaign: ['a number, or null', (value) => value === null || isCount(value)],
  talkMs: MS,
  rowAfterMs: MS,
  lateId: YES,
};
