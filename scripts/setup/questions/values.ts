// Step: the settings that only you know, written into wrangler's configuration files. Nothing is deployed with a faulty setting or rule.

import { RULES_FILE_NAME, readSettings } from '../../../workers/consumer/config/settings.ts';
import { listSilos } from '../../../workers/consumer/doctor/silos.ts';
import { findFaults, findWarnings, SOUND_RULES } from '../../rules/check.ts';
import { CONSUMER_CONFIG, hasKey, INGEST_CONFIG, readValue, saveValue } from '../config-file.ts';
import { findDatabase } from '../database.ts';
import type { Prompt } from '../prompt.ts';
import { type Found, type SetupContext, type Step, StepFailed } from '../step.ts';
import { given, type QuestionName, REGIONS, type Region } from './answers.ts';
import { settleDomain } from './domain.ts';

interface Value {
  name: 'GHL_LOCATION_ID' | 'CALLTOOLS_BASE_URL' | 'DEFAULT_COUNTRY';
  answer: QuestionName;
  question: string;
  files: string[];
}

/** Of one location: LOCATIONS has them for each. */
const OF_LOCATION: Value[] = [
  {
    name: 'GHL_LOCATION_ID',
    answer: 'location',
    question: 'GoHighLevel location id (Settings > Business Profile, or the part after /location/ in the address bar)',
    files: [CONSUMER_CONFIG, INGEST_CONFIG],
  },
  {
    name: 'CALLTOOLS_BASE_URL',
    answer: 'calltools',
    question: 'CallTools address (of the page when you are logged in, such as https://east-1.calltools.io)',
    files: [CONSUMER_CONFIG],
  },
];

const COUNTRY: Value = {
  name: 'DEFAULT_COUNTRY',
  answer: 'country',
  question: 'Country of phone numbers without a country code (two letters)',
  files: [CONSUMER_CONFIG],
};

export const values: Step = {
  title: 'Settings and rules',
  why: `Asks for location, silo, country, region and address. The settings go into ${CONSUMER_CONFIG} and ${INGEST_CONFIG}, where all others stand too. They and ${RULES_FILE_NAME} are checked before anything is made.`,
  commands: ['wrangler d1 list (is this the first run?)'],
  async run(context, found) {
    found.isFirst = (await findDatabase(context)) === undefined;
    const lines: string[] = [];
    for (const value of OF_LOCATION) lines.push(await settle(value, context));
    lines.push(await settleCountry(context, found));
    lines.push(await settleRegion(context, found));
    lines.push(await settleDomain(context, found));
    await untilSound(context);
    lines.push(...(await findWarnings(context.folder)));
    return [...lines, `The rules (${RULES_FILE_NAME}, or SYNC_RULES) and all settings are valid.`];
  },
};

/** A person may correct the file and go on; otherwise a fault is the end. */
async function untilSound({ folder, prompt, write }: SetupContext): Promise<void> {
  for (;;) {
    const faults = await findFaults(folder);
    if (faults.length === 0) return;
    const all = faults.join('\n');
    if (!prompt) throw new StepFailed(`${all}\nNothing is deployed with that. Correct it.`);
    write(`    ${all.replaceAll('\n', '\n    ')}`);
    if (!(await prompt.confirm('Nothing is deployed with that. Correct it in your editor. Look again?')))
      throw new StepFailed(all);
  }
}

async function settle(value: Value, context: SetupContext): Promise<string> {
  const { name, files } = value;
  const { folder, prompt, write } = context;
  const present = await Promise.all(files.map((file) => readValue(folder, file, name)));
  const known = given(context, value.answer) || present.find(Boolean);
  if (!known && (await hasKey(folder, CONSUMER_CONFIG, 'LOCATIONS')))
    return `${name} is left unset: LOCATIONS names your locations.`;
  let accepted = known ? accept(name, known) : '';
  if (typeof accepted === 'object') throw new StepFailed(accepted.fault);
  while (accepted === '') {
    if (!prompt)
      throw new StepFailed(`${name} is not set: put it into the environment, or into ${files.join(' and ')}.`);
    const answer = accept(name, await ask(value, prompt, context));
    if (typeof answer === 'string') accepted = answer;
    else write(`    ${answer.fault}`);
  }
  return save(value, accepted, context);
}

/** CallTools' own list of its silos is offered, where it can be read. */
async function ask({ name, question }: Value, prompt: Prompt, { world }: SetupContext): Promise<string> {
  const silos = name === 'CALLTOOLS_BASE_URL' ? await listSilos(world) : [];
  if (silos.length === 0) return prompt.ask(question);
  const choices = silos.map((silo) => ({ value: `https://${silo}.calltools.io`, label: `${silo}.calltools.io` }));
  const other = { value: '', label: 'Another address' };
  return (
    (await prompt.choose('CallTools silo (as in the address bar when you are logged in)', [...choices, other])) ||
    prompt.ask(question)
  );
}

/** The file has one from the start: a person is asked once whether it is the right one. */
async function settleCountry(context: SetupContext, { isFirst }: Found): Promise<string> {
  const { folder, prompt, write } = context;
  const present = (await readValue(folder, CONSUMER_CONFIG, COUNTRY.name)) || 'US';
  const answer = given(context, 'country');
  let accepted = accept(COUNTRY.name, answer ?? present);
  if (answer !== undefined && typeof accepted === 'object') throw new StepFailed(accepted.fault);
  if (answer === undefined && prompt && isFirst) {
    do {
      accepted = accept(COUNTRY.name, await prompt.ask(COUNTRY.question, present));
      if (typeof accepted === 'object') write(`    ${accepted.fault}`);
    } while (typeof accepted === 'object');
  }
  return save(COUNTRY, typeof accepted === 'string' ? accepted : present, context);
}

async function settleRegion(context: SetupContext, found: Found): Promise<string> {
  const answer = given(context, 'region');
  if (!found.isFirst) return `The database stays where it is${answer ? ': a region is chosen when it is made' : ''}.`;
  const choices = Object.entries(REGIONS).map(([value, { label }]) => ({ value, label }));
  const chosen = answer ?? (await context.prompt?.choose('Where should the database be?', choices, 'auto')) ?? 'auto';
  found.region = chosen as Region;
  return `The database will be here: ${REGIONS[found.region].label}.`;
}

async function save({ name, files }: Value, value: string, { folder }: SetupContext): Promise<string> {
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
