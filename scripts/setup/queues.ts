// Step: the three queues.

import { CONSUMER_CONFIG } from './config-file.ts';
import { mustSucceed, type SetupContext, type Step } from './step.ts';

/** As in both wrangler configurations; dead letters are kept for as long as Queues allows (docs/vendors.md, Cloudflare: queues). */
const QUEUES = [
  { name: 'contact-events', retention: [] },
  { name: 'contact-backstop', retention: [] },
  { name: 'contact-dead-letters', retention: ['--message-retention-period-secs', '1209600'] },
];

export const queues: Step = {
  title: 'Queues',
  why: 'Webhooks wait in contact-events, the nightly sync in contact-backstop, and what failed in contact-dead-letters (kept for 14 days).',
  commands: QUEUES.map(({ name, retention }) => ['wrangler queues create', name, ...retention].join(' ')),
  async run(context) {
    const lines: string[] = [];
    for (const queue of QUEUES) lines.push(await ensure(queue, context));
    return lines;
  },
};

async function ensure({ name, retention }: (typeof QUEUES)[number], { wrangler }: SetupContext): Promise<string> {
  const command = (action: string, ...more: string[]) =>
    wrangler.run(['queues', action, name, ...more, '-c', CONSUMER_CONFIG]);
  const info = await command('info');
  if (!info.ok && !/does not exist/i.test(info.said)) mustSucceed(info, `The queue ${name} cannot be looked up.`);
  if (!info.ok) {
    const created = await command('create', ...retention);
    if (created.ok) return `${name} is made.`;
    // Made between our look and our try, or by a try whose answer was lost.
    if (!/already (taken|exists)/i.test(created.said))
      mustSucceed(
        created,
        `The queue ${name} cannot be created. Messages that are kept for 14 days need the Workers paid plan: is the account on it?`,
      );
  }
  if (retention.length > 0)
    mustSucceed(await command('update', ...retention), `How long ${name} keeps its messages cannot be set.`);
  return `${name} is there.`;
}
