// Step: the settings that only you know, written into wrangler's configuration files. Nothing is deployed with a faulty setting or rule.

import { RULES_FILE_NAME, readSettings } from '../../workers/consumer/config/settings.ts';
import { findFaults, findWarnings, SOUND_RULES } from '../rules/check.ts';
import { CONSUMER_CONFIG, hasKey, INGEST_CONFIG, readValue, saveValue } from './config-file.ts';
import { type SetupContext, type Step, StepFailed } from './step.ts';

interface Value {
  name: 'GHL_LOCATION_ID' | 'CALLTOOLS_BASE_URL';
  question: string;
  files: string[];
}

const VALUES: Value[] = [
  {
    name: 'GHL_LOCATION_ID',
    question: 'GoHighLevel location id (Settings > Business Profile, or the part after /location/ in the address bar)',
    files: [CONSUMER_CONFIG, INGEST_CONFIG],
  },
  {
    name: 'CALLTOOLS_BASE_URL',
    question: 'CallTools address (of the page when you are logged in, such as https://east-1.calltools.io)',
    files: [CONSUMER_CONFIG],
  },
];

export const values: Step = {
  title: 'Settings and rules',
  why: `${VALUES.map(({ name }) => name).join(' and ')} go into ${CONSUMER_CONFIG} and ${INGEST_CONFIG}, where all other settings stand too. These and ${RULES_FILE_NAME} are checked before anything is made.`,
  commands: [],
  async run(context) {
    const lines: string[] = [];
    for (const value of VALUES) lines.push(await settle(value, context));
    const faults = await findFaults(context.folder);
    if (faults.length > 0) throw new StepFailed(`${faults.join('\n')}\nNothing is deployed with that. Correct it.`);
    lines.push(...(await findWarnings(context.folder)));
    return [...lines, `The rules (${RULES_FILE_NAME}, or SYNC_RULES) and all settings are valid.`];
  },
};

async function settle({ name, question, files }: Value, context: SetupContext): Promise<string> {
  const { folder, env, prompt, write } = context;
  const present = await Promise.all(files.map((file) => readValue(folder, file, name)));
  const given = env[name]?.trim() || present.find(Boolean);
  if (!given && (await hasKey(folder, CONSUMER_CONFIG, 'LOCATIONS')))
    return `${name} is left unset: LOCATIONS names your locations.`;
  let value = given && accept(name, given);
  if (typeof value === 'object') throw new StepFailed(value.fault);
  while (value === undefined || value === '') {
    if (!prompt)
      throw new StepFailed(`${name} is not set: put it into the environment, or into ${files.join(' and ')}.`);
    const accepted = accept(name, await prompt.ask(question));
    if (typeof accepted === 'string') value = accepted;
    else write(`    ${accepted.fault}`);
  }
  let changed = false;
  for (const file of files) changed = (await saveValue(folder, file, name, value)) || changed;
  return `${name} is ${value}${changed ? `: written into ${files.join(' and ')}` : ''}.`;
}

/** The value as it is to be written, or what is wrong with it, as the consumer would say it. */
function accept(name: Value['name'], text: string): string | { fault: string } {
  const others = {
    GHL_LOCATION_ID: 'x',
    GHL_API_KEY: 'x',
    CALLTOOLS_API_KEY: 'x',
    CALLTOOLS_BASE_URL: 'https://x',
    rulesFile: SOUND_RULES,
  };
  try {
    const settings = readSettings({ ...others, [name]: originOf(name, text) });
    return settings[name];
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** A pasted address has a page in it: only its origin counts. A base path other than /api was meant. */
function originOf(name: Value['name'], text: string): string {
  if (name !== 'CALLTOOLS_BASE_URL') return text;
  const url = URL.parse(/^[\w-]+(\.[\w-]+)+(\/|$)/.test(text) ? `https://${text}` : text);
  return url?.hostname.endsWith('.calltools.io') ? url.origin : text;
}
