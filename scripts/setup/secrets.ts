// Step: the secrets. They reach wrangler by its stdin and are stored nowhere else.

import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { CONSUMER_CONFIG, INGEST_CONFIG, readValue } from './config-file.ts';
import { consumerWorker, GENERATED, ingestWorker, SECRETS, type Secret } from './secret-names.ts';
import { type Found, jsonOf, mustSucceed, type SetupContext, type Step, StepFailed } from './step.ts';

export const secrets: Step = {
  title: 'Secrets',
  why: `Asks for the vendors' keys (they are not shown or stored here) and generates ${GENERATED.join(', ')}. Secrets that are set stay as they are.`,
  commands: [CONSUMER_CONFIG, INGEST_CONFIG].flatMap((file) => [
    `wrangler secret list -c ${file}`,
    `wrangler secret bulk -c ${file} (the values by stdin)`,
  ]),
  async run(context, found) {
    const lines: string[] = [];
    for (const { worker, file } of [consumerWorker, ingestWorker])
      lines.push(...(await setMissing(worker, file, context, found)));
    return lines;
  },
};

async function setMissing(worker: string, file: string, context: SetupContext, found: Found): Promise<string[]> {
  const present = await listSecrets(file, context);
  const renew = context.options.renew;
  // Without a location of its own at the top the plain keys belong to nobody: those of LOCATIONS have suffixes.
  const plain = (await readValue(context.folder, CONSUMER_CONFIG, 'GHL_LOCATION_ID')) !== '';
  const isWanted = ({ name, optional }: Secret) =>
    !optional || present.has(name) || renew.includes(name) || Boolean(context.env[name]?.trim());
  const mine = SECRETS.filter(
    (secret) => secret.worker === worker && (secret.question === null || plain) && isWanted(secret),
  );
  if (mine.length === 0) return [OF_LOCATIONS];
  const missing = mine.filter(({ name }) => !present.has(name) || renew.includes(name));
  const kept = mine
    .filter((secret) => !missing.includes(secret))
    .map(
      ({ name }) => `${name} was set before, and stays${context.env[name] ? ` (to replace it: --new ${name})` : ''}.`,
    );
  if (missing.length === 0) return kept;

  const values: Record<string, string> = {};
  const made = new Map<string, string>();
  for (const secret of missing) {
    const given = await valueFor(secret, context);
    values[secret.name] = given ?? randomBytes(32).toString('hex');
    if (secret.question !== null && given !== null) found.keys.set(secret.name, given);
    if (given === null) made.set(secret.name, values[secret.name] ?? '');
  }
  const ran = await context.wrangler.run(['secret', 'bulk', '-c', file], { input: JSON.stringify(values) });
  const names = missing.map(({ name }) => name);
  const again =
    made.size > 0
      ? ` If the next run says that one was set before, give it a new value: npm run setup -- --new ${[...made.keys()].join(' ')}`
      : '';
  mustSucceed(ran, `The secrets ${names.join(', ')} of ${worker} cannot be set.${again}`);
  // Before anything else can fail: once set, nobody can read them again.
  for (const [name, value] of made) found.generated.set(name, value);
  const now = await listSecrets(file, context);
  const lost = names.filter((name) => !now.has(name));
  if (lost.length > 0)
    throw new StepFailed(`${worker} does not have ${lost.join(', ')} though wrangler set it. Run this again.`);
  return [...kept, ...names.map((name) => `${name} is set${made.has(name) ? ': made up, and shown at the end' : ''}.`)];
}

/** One pair for each location. The person who wrote LOCATIONS knows them. */
const OF_LOCATIONS =
  'Set the keys of each location in LOCATIONS yourself: npx wrangler secret put GHL_API_KEY_… -c wrangler.consumer.jsonc, and CALLTOOLS_API_KEY_… (docs/locations.md).';

const Names = v.array(v.object({ name: v.string() }));

async function listSecrets(file: string, { wrangler }: SetupContext): Promise<Set<string>> {
  const ran = mustSucceed(
    await wrangler.run(['secret', 'list', '-c', file]),
    'The secrets that are set cannot be listed.',
  );
  const listed = v.safeParse(Names, jsonOf(ran));
  if (!listed.success) throw new StepFailed('wrangler listed the secrets in no known form. Is it another version?');
  return new Set(listed.output.map(({ name }) => name));
}

/** From the environment, or the person; null where it is to be made up. */
async function valueFor({ name, question }: Secret, { env, prompt, write }: SetupContext): Promise<string | null> {
  const given = env[name]?.trim();
  if (given) {
    if (isHeader(given)) return given;
    throw new StepFailed(`${name} in the environment ${NOT_ONE_WORD}`);
  }
  if (question === null) return null;
  if (!prompt) throw new StepFailed(`${name} is not set: put it into the environment, or run this where it can ask.`);
  for (;;) {
    const answer = await prompt.askSecret(`    ${question}`);
    if (isHeader(answer)) return answer;
    write(`    ${answer === '' ? 'Nothing arrived: paste it, then press Enter.' : `That ${NOT_ONE_WORD}`}`);
  }
}

const NOT_ONE_WORD = 'must not have spaces, line breaks or special characters in it: copy it again, alone.';

/** All of them are sent in HTTP headers, or compared with what is. */
function isHeader(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
