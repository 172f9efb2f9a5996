// Calls of the demo: what an agent notes in CallTools takes the person out of the dialer, and GoHighLevel is told.

import { DO_NOT_CALL_TAG, NOT_INTERESTED_TAG } from '../../sandbox/observe/check.ts';
import { dialedAs, OUT, OUT_DNC } from '../../sandbox/observe/sight.ts';
import { person, type Scenario, takenOut } from './scenario.ts';
import { NotSeen, type Stage } from './stage.ts';

const SENT = 'an agent calls from the bucket, and notes it in CallTools';

/** An agent calls and picks the disposition. Resolves once the person is held because of it, out of the bucket. */
async function agentNotes(disposition: string, out: string, { sandbox, contact, until, sight, reason }: Stage) {
  const { callTools } = sandbox;
  await until(dialedAs(`${contact.firstName} ${contact.lastName}`), sight);
  const call = callTools.agentCalls(callTools.withPhone(contact.phone)[0]?.id ?? 0, { disposition });
  if (!call.called) throw new NotSeen(`expected: the dialer calls; seen: ${call.why}`);
  await until(out, sight);
  await until('said_no', reason);
}

/** Between two minutes of the demo. */
const MINUTE_MS = 2000;

/** GoHighLevel is written to with the next minute, which comes now, and again soon. Waits until the contact there is as expected. */
async function written(expected: string, { sandbox, contact, inApp, cron, until }: Stage) {
  let dueAt = 0;
  const seen = async () => {
    if (performance.now() >= dueAt) {
      await cron();
      dueAt = performance.now() + MINUTE_MS;
    }
    const [now] = sandbox.ghl.contacts().filter(({ id }) => id === contact.id);
    return [...(now?.tags ?? []), `calls ${now?.dndSettings.Call?.status ?? 'allowed'}`].join(', ');
  };
  await inApp(() => until(expected, seen));
}

/** These do not disturb each other, nor anybody else. */
export const CALLS: Scenario[] = [
  {
    name: 'Not Interested',
    sent: SENT,
    person: person('Hugo Lindgren', '0121'),
    placed: true,
    async act(stage) {
      await agentNotes('Not Interested', OUT, stage);
      await written(`cold lead, ${NOT_INTERESTED_TAG}, calls allowed`, stage);
      return `held: said_no; tag "${NOT_INTERESTED_TAG}" in GoHighLevel`;
    },
    ...takenOut('said_no'),
  },
  {
    name: 'Do Not Call',
    sent: SENT,
    person: person('Ines Moreau', '0122'),
    placed: true,
    async act(stage) {
      await agentNotes('Do Not Call', OUT_DNC, stage);
      await written(`cold lead, ${DO_NOT_CALL_TAG}, calls active`, stage);
      return `held: said_no; tag "${DO_NOT_CALL_TAG}" and no calls in GoHighLevel`;
    },
    answer: 202,
    callTools: OUT_DNC,
    reason: 'dnd',
  },
];
