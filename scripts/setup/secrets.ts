// Step: the secrets. They reach wrangler by its stdin, those that the first deployment needs by a file that is gone after it, and are
// stored nowhere else.

import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { CONSUMER_CONFIG, INGEST_CONFIG, read, readValue } from './config-file.ts';
import { listSecrets } from './secret-list.ts';
import {
  consumerWorker,
  GENERATED,
  ingestWorker,
  isOneWord,
  NOT_ONE_WORD,
  SECRETS,
  type Secret,
} from './secret-names.ts';
import { type Found, mustSucceed, type SetupContext, type Step, StepFailed } from './step.ts';

export const secrets: Step = {
  title: 'Secrets',
  why: `Sets the keys of step Keys, and generates ${GENERATED.join(', ')}. Secrets that are set stay as they are.`,
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

const Names = v.fallback(v.array(v.string()), []);

/** What the configuration requires (`secrets.required`) and the worker does not have yet: it cannot be deployed without. */
export async function requiredSecrets(file: string, context: SetupContext, found: Found): Promise<Value[]> {
  const required = v.parse(Names, await read(context.folder, file, ['secrets', 'required']));
  if (required.length === 0) return [];
  const present = await listSecrets(file, context, { orNone: true });
  const missing = SECRETS.filter(({ name }) => required.includes(name) && !present.has(name));
  return missing.flatMap((secret) => valueFor(secret, context, found));
}

async function setMissing(worker: string, file: string, context: SetupContext, found: Found): Promise<string[]> {
  const present = await listSecrets(file, context);
  const { env, options } = context;
  // What was set in this run is as new as can be.
  const isRenewed = ({ name }: Secret) => options.renew.includes(name) && !found.set.has(name);
  // Without a location of its own at the top the plain keys belong to nobody: those of LOCATIONS have suffixes.
  const plain = (await readValue(context.folder, CONSUMER_CONFIG, 'GHL_LOCATION_ID')) !== '';
  const isWanted = (secret: Secret) => {
    const { name, optional, question } = secret;
    if (optional) return present.has(name) || isRenewed(secret) || found.keys.has(name) || Boolean(env[name]?.trim());
    return question === null || plain;
  };
  const mine = SECRETS.filter((secret) => secret.worker === worker && isWanted(secret));
  const missing = mine.filter((secret) => !present.has(secret.name) || isRenewed(secret));
  const lines = [
    ...(worker === consumerWorker.worker && !plain ? [OF_LOCATIONS] : []),
    ...mine
      .filter((secret) => !missing.includes(secret) && !found.set.has(secret.name))
      .map(({ name }) => `${name} was set before, and stays${env[name] ? ` (to replace it: --new ${name})` : ''}.`),
  ];
  const values = missing.flatMap((secret) => valueFor(secret, context, found));
  if (values.length === 0) return lines;

  const input = JSON.stringify(Object.fromEntries(values.map(({ name, value }) => [name, value])));
  const ran = await context.wrangler.run(['secret', 'bulk', '-c', file], { input });
  const names = values.map(({ name }) => name);
  mustSucceed(ran, `The secrets ${names.join(', ')} of ${worker} cannot be set.${madeAnew(values)}`);
  // Before anything else can fail.
  noteSet(values, found);
  const now = await listSecrets(file, context);
  const lost = names.filter((name) => !now.has(name));
  if (lost.length > 0)
    throw new StepFailed(`${worker} does not have ${lost.join(', ')} though wrangler set it. Run this again.`);
  return [...lines, ...values.map(setLine)];
}

/** Advice where it is not known whether they were set: nobody has seen those that were made up. */
export function madeAnew(values: Value[]): string {
  const made = values.flatMap(({ name, isMade }) => (isMade ? name : []));
  if (made.length === 0) return '';
  return ` If the next run says that one was set before, give it a new value: npm run setup -- --new ${made.join(' ')}`;
}

/** Once set, nobody can read them again. */
export function noteSet(values: Value[], found: Found): void {
  for (const { name, value, isMade } of values) {
    found.set.add(name);
    if (isMade) found.generated.set(name, value);
  }
}

/** What is said of it. */
export function setLine({ name, isMade }: Value): string {
  return `${name} is set${isMade ? ': made up, and shown at the end' : ''}.`;
}

/** One pair for each location. The person who wrote LOCATIONS knows them. */
const OF_LOCATIONS =
  'Set the keys of each location in LOCATIONS yourself: npx wrangler secret put GHL_API_KEY_… -c wrangler.consumer.jsonc, and CALLTOOLS_API_KEY_… (docs/locations.md).';

/** A secret that is to be set now. */
export interface Value {
  name: string;
  value: string;
  /** Made up here. */
  isMade: boolean;
}

/** What was asked for, from the environment, or made up. None for what the person left out. */
function valueFor({ name, question }: Secret, { env }: SetupContext, { keys }: Found): Value[] {
  const given = keys.get(name) ?? env[name]?.trim();
  if (!given) return question === null ? [{ name, value: randomBytes(32).toString('hex'), isMade: true }] : [];
  if (!isOneWord(given)) throw new StepFailed(`${name} in the environment ${NOT_ONE_WORD}`);
  return [{ name, value: given, isMade: false }];
}
