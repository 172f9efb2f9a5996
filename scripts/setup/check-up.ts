// Steps: the deployed pipeline checks itself, and starts its first sync. Neither fails the set-up: what is to be pasted is shown all the same.

import * as v from 'valibot';
import type { Doctor } from '../../shared/api/status.ts';
import { Sentence } from '../command/sentence.ts';
import { askDoctor } from '../doctor/report.ts';
import { show } from '../doctor/show.ts';
import type { Address } from '../operator/address.ts';
import { createCaller } from '../operator/call.ts';
import { given } from './questions/answers.ts';
import { isOneWord } from './secret-names.ts';
import type { Found, SetupContext, Step } from './step.ts';

/** A new address and new secrets are known everywhere within this time, as a rule. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 5_000;

const LATER = 'Check it yourself with npm run doctor, as shown below.';

export const checkUp: Step = {
  title: 'Check-up',
  why: 'Has the deployed pipeline check itself, with its own keys and rules, and says what to fix. It changes nothing.',
  commands: ['npm run doctor'],
  async run(context, found) {
    if (!context.options.checkUp) return [`Left out. ${LATER}`];
    const address = await addressOf(context, found);
    if (address === null) return [`ADMIN_TOKEN is not known here, so nothing was checked. ${LATER}`];
    const answer = await patiently(() => askDoctor(address, {}, sending(context)), context, found);
    if (typeof answer === 'string') return [`The pipeline could not be asked: ${answer}`, LATER];
    found.isWell = answer.ok;
    return answer.reports.flatMap((report) => show(report, found.url ?? '').split('\n'));
  },
};

export const firstSync: Step = {
  title: 'First sync',
  why: 'Offers to read the whole contact list now, so that the dialer holds everybody whom the rules name. Otherwise it happens tonight.',
  commands: ['POST /sync/trigger'],
  async run(context, found) {
    const answer = given(context, 'sync');
    if (answer === 'no') return ['Not now.'];
    if (answer !== 'yes' && !found.isFirst) return ['Only the first run of the set-up offers it.'];
    if (found.isWell !== true) return ['Not started: first the check-up must find nothing to fix.'];
    const address = await addressOf(context, found);
    const isWanted = answer === 'yes' || (await context.prompt?.confirm('All is well. Start the first sync now?'));
    if (address === null || !isWanted) return ['Not now. The nightly sync does it (BACKSTOP_AT).'];
    const failed = await createCaller(address, sending(context))(v.unknown(), '/sync/trigger', { body: {} }).then(
      () => null,
      sentenceOf,
    );
    return [failed ?? 'It runs. The dashboard shows how far it is.'];
  },
};

/** Null where the token or the address is not known. A token that was set in an earlier run nobody can read again: a person may have it. */
async function addressOf({ env, prompt }: SetupContext, found: Found): Promise<Address | null> {
  const url = URL.parse(found.url ?? '');
  if (url === null) return null;
  const known = found.generated.get('ADMIN_TOKEN') ?? env.ADMIN_TOKEN?.trim();
  const token =
    found.token ??
    known ??
    (await prompt?.askSecret('ADMIN_TOKEN, to check the pipeline; Enter to leave that out (not shown)'));
  if (!token || !isOneWord(token)) return null;
  found.token = token;
  return { url, token };
}

const sending =
  ({ world }: SetupContext): typeof fetch =>
  (input, init) =>
    world.fetch(String(input), init ?? {});

/** What went wrong, where it stays so. An address that was made a moment ago takes a while to be known everywhere. */
async function patiently(
  ask: () => Promise<Doctor>,
  { world, write }: SetupContext,
  { isFirst }: Found,
): Promise<Doctor | string> {
  const until = world.now() + (isFirst ? PATIENCE_MS : 0);
  for (let tries = 0; ; tries++) {
    const answer = await ask().catch(sentenceOf);
    if (typeof answer !== 'string' || world.now() >= until) return answer;
    if (tries === 0) write('    A new address is not known everywhere at once: this may take a minute.');
    await world.wait(PAUSE_MS);
  }
}

function sentenceOf(thrown: unknown): string {
  if (thrown instanceof Sentence) return thrown.message;
  throw thrown;
}
