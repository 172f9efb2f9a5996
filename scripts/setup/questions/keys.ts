// Step: the keys that only a vendor can make, and the address for alerts. Each is checked before anything is deployed with it.

import { CONSUMER_CONFIG, readValue } from '../config-file.ts';
import { listSecrets } from '../secret-list.ts';
import { isOneWord, NOT_ONE_WORD, SECRETS, type Secret } from '../secret-names.ts';
import { type Found, type SetupContext, type Step, StepFailed } from '../step.ts';
import { ASK, type Verdict } from './verdict.ts';

export const keys: Step = {
  title: 'Keys',
  why: 'Asks for the vendors’ keys and the address for alerts, and tries each with one call. They are not shown, and stored nowhere but in Cloudflare (step Secrets). Those that are set stay as they are.',
  commands: [`wrangler secret list -c ${CONSUMER_CONFIG}`],
  async run(context, found) {
    // Before the first deployment there is no worker, and so no secret.
    const present = await listSecrets(CONSUMER_CONFIG, context, { orNone: true });
    const lines: string[] = [];
    for (const secret of SECRETS) {
      const isDue = secret.question !== null && (await isWanted(secret, context, found));
      if (isDue && (!present.has(secret.name) || context.options.renew.includes(secret.name)))
        lines.push(...(await settle(secret, context, found)));
    }
    return lines.length > 0 ? lines : ['No key is asked for.'];
  },
};

/** The vendors' plain keys belong to GHL_LOCATION_ID: those of LOCATIONS have suffixes. A person is asked once for what may be left out. */
async function isWanted({ name, optional }: Secret, context: SetupContext, found: Found): Promise<boolean> {
  const { env, folder, options, prompt } = context;
  if (!optional) return (await readValue(folder, CONSUMER_CONFIG, 'GHL_LOCATION_ID')) !== '';
  return Boolean(env[name]?.trim()) || (prompt !== null && (found.isFirst || options.renew.includes(name)));
}

async function settle(secret: Secret, context: SetupContext, found: Found): Promise<string[]> {
  const { name } = secret;
  const given = context.env[name]?.trim();
  const { value, says } = given ? await checkGiven(secret, given, context) : await ask(secret, context);
  if (value !== null) found.keys.set(name, value);
  return [`${name}: ${says}`];
}

/** The key, null where it is left out, and what is said of it. */
interface Settled {
  value: string | null;
  says: string;
}

/** Nobody can type another one: what is refused is the end. */
async function checkGiven({ name }: Secret, value: string, context: SetupContext): Promise<Settled> {
  if (!isOneWord(value)) throw new StepFailed(`${name} in the environment ${NOT_ONE_WORD}`);
  const { kind, says } = await verdictOn(name, value, context);
  if (kind === 'refused') throw new StepFailed(`${name} in the environment is wrong. ${says}`);
  return { value, says: kind === 'unreached' ? `${says} It is taken unchecked.` : says };
}

/** Until there is one that the vendor takes, or that the person keeps. */
async function ask({ name, question, optional }: Secret, context: SetupContext): Promise<Settled> {
  const { prompt, write } = context;
  if (!prompt) throw new StepFailed(`${name} is not set: put it into the environment, or run this where it can ask.`);
  for (;;) {
    const value = await prompt.askSecret(`${question} (not shown)`);
    if (value === '' && optional) return { value: null, says: 'left out.' };
    if (!isOneWord(value)) {
      write(`    ${value === '' ? 'Nothing arrived: paste it, then press Enter.' : `That ${NOT_ONE_WORD}`}`);
      continue;
    }
    const { kind, says } = await verdictOn(name, value, context);
    if (kind === 'taken') return { value, says };
    write(`    ${says}`);
    if (kind === 'refused') write('    Type it again, or end with Ctrl-C: nothing is deployed yet.');
    else if (await prompt.confirm('It could not be checked. Take it all the same? (No: type it again)', false))
      return { value, says: `${says} It is taken unchecked.` };
  }
}

async function verdictOn(name: Secret['name'], value: string, context: SetupContext): Promise<Verdict> {
  return (await ASK[name]?.(value, context)) ?? { kind: 'taken', says: 'It is taken.' };
}
