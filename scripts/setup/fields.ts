// Step: the fields that the agent sees. It compares both accounts and proposes a FIELD_MAP; a person takes of it what is right.

import { errorText } from '../../shared/harmless.ts';
import { readSettings, type Settings } from '../../workers/consumer/config/settings.ts';
import { type AccountFields, describedFields } from '../../workers/consumer/doctor/fields/description.ts';
import { unfilledFields } from '../../workers/consumer/doctor/fields/field-map.ts';
import { fieldsLike } from '../../workers/consumer/doctor/fields/fields.ts';
import type { CustomField } from '../../workers/consumer/domain/fields/field-plan.ts';
import { createVendors } from '../../workers/consumer/vendors/clients.ts';
import { SOUND_RULES } from '../rules/check.ts';
import { CONSUMER_CONFIG, fillObject, hasKey, isEmptyObject, readValue, saveValue } from './config-file.ts';
import { deploy } from './deploy.ts';
import { type Proposal, propose } from './propose.ts';
import type { Found, SetupContext, Step } from './step.ts';

const SETTINGS = [
  'GHL_LOCATION_ID',
  'GHL_API_BASE_URL',
  'CALLTOOLS_BASE_URL',
  'CALLTOOLS_PHONE_FIELD',
  'CALLTOOLS_EMAIL_FIELD',
];
const BUDGET_MS = 60_000;
const LATER = 'Later: npm run doctor names the fields that nothing fills, and docs/fields.md says how to map them.';

export const fields: Step = {
  title: 'Fields',
  why: 'Reads which fields both accounts have: asks which is the phone and the email, if the configured ones are not there, and proposes to fill others of like names (FIELD_MAP). Nothing is mapped that you do not choose; with --yes nothing is.',
  commands: [`wrangler deploy -c ${CONSUMER_CONFIG} (only if you choose fields)`],
  async run(context, found) {
    const { folder, prompt, write } = context;
    const keys = keysOf(context, found);
    if (!prompt || keys === null || (await hasKey(folder, CONSUMER_CONFIG, 'LOCATIONS')))
      return [`Nothing is changed. ${LATER}`];
    const settings = await settingsOf(folder, keys);
    const { described, custom, notes } = await readAccounts(settings, context);
    for (const note of notes) write(`    ${note}`);
    if (described === null) return [`Nothing is changed. ${LATER}`];
    const lines = [
      ...(await settleName('CALLTOOLS_PHONE_FIELD', /phone/i, settings, described, context)),
      ...(await settleName('CALLTOOLS_EMAIL_FIELD', /mail/i, settings, described, context)),
      ...(await settleMap(await settingsOf(folder, keys), described, custom, context)),
    ];
    if (lines.length === 0) return [`Nothing is changed. ${LATER}`];
    await deploy(CONSUMER_CONFIG, context);
    return [...lines, 'contact-consumer is deployed again.'];
  },
};

/** With a wrong name contacts arrive without a phone, and nobody is dialed. */
async function settleName(
  name: 'CALLTOOLS_PHONE_FIELD' | 'CALLTOOLS_EMAIL_FIELD',
  alike: RegExp,
  settings: Settings,
  described: AccountFields,
  { folder, prompt, write }: SetupContext,
): Promise<string[]> {
  const candidates = fieldsLike(described.keys(), alike);
  if (described.has(settings[name]) || candidates.length === 0) return [];
  write(`    CallTools has no field ${settings[name]} (${name}). It has:`);
  for (const [index, candidate] of candidates.entries()) write(`    ${index + 1}. ${candidate}`);
  const [chosen, ...more] = choose(
    (await prompt?.ask('    Which of them (its number; Enter for none)')) ?? '',
    candidates,
  );
  if (chosen === undefined || more.length > 0) return [];
  await saveValue(folder, CONSUMER_CONFIG, name, chosen);
  return [`${name} is ${chosen}: written into ${CONSUMER_CONFIG}.`];
}

/** A map that is there stays. */
async function settleMap(
  settings: Settings,
  described: AccountFields,
  custom: readonly CustomField[],
  { folder, prompt, write }: SetupContext,
): Promise<string[]> {
  if (!(await isEmptyObject(folder, CONSUMER_CONFIG, 'FIELD_MAP'))) return [];
  const proposals = propose(unfilledFields(settings, { described, shown: null }), described, custom);
  if (proposals.length === 0) return [];
  for (const [index, proposal] of proposals.entries()) write(`    ${index + 1}. ${shown(proposal)}`);
  const question = '    Map which of them? Numbers such as 1 3, or all; Enter for none';
  const chosen = choose((await prompt?.ask(question)) ?? '', proposals);
  if (chosen.length === 0) return [];
  const map = Object.fromEntries(chosen.map(({ target, entry }) => [target, entry]));
  await fillObject(folder, CONSUMER_CONFIG, 'FIELD_MAP', map);
  return [`${chosen.map(({ target }) => target).join(', ')}: mapped in ${CONSUMER_CONFIG}.`];
}

/** Null where one is not known: it was set in an earlier run, and nobody can read it again. */
function keysOf({ env }: SetupContext, { keys }: Found): Record<string, string> | null {
  const known = ['GHL_API_KEY', 'CALLTOOLS_API_KEY'].map((name) => [name, keys.get(name) ?? env[name]?.trim() ?? '']);
  return known.every(([, value]) => value !== '') ? Object.fromEntries(known) : null;
}

async function settingsOf(folder: string, keys: Record<string, string>): Promise<Settings> {
  const values = await Promise.all(
    SETTINGS.map(async (name) => [name, await readValue(folder, CONSUMER_CONFIG, name)] as const),
  );
  return readSettings({ ...Object.fromEntries(values), ...keys, rulesFile: SOUND_RULES });
}

interface Accounts {
  /** Null where CallTools does not describe its fields. */
  described: AccountFields | null;
  custom: readonly CustomField[];
  notes: string[];
}

/** Never throws: what cannot be read is a note. */
async function readAccounts(settings: Settings, { world }: SetupContext): Promise<Accounts> {
  const notAfter = world.now() + BUDGET_MS;
  const described = await describedFields(settings, world, notAfter);
  if (described === null) return { described, custom: [], notes: ['CallTools does not describe its fields.'] };
  const notes: string[] = [];
  const custom = await createVendors(settings, world, notAfter)
    .ghl.customFields()
    .catch((thrown: unknown) => {
      notes.push(
        `GoHighLevel’s custom fields cannot be read (does the token have the scope locations/customFields.readonly?): ${errorText(thrown)}`,
      );
      return [];
    });
  return { described, custom, notes };
}

function shown({ target, entry }: Proposal): string {
  return typeof entry === 'string' ? `${target} from ${entry}` : `${target} from ${entry.from}, as ${entry.as}`;
}

/** Nothing where the answer has anything else in it: a wrong field is worse than none. */
function choose<T>(answer: string, offered: readonly T[]): T[] {
  if (/^all$/i.test(answer)) return [...offered];
  const numbers = answer.split(/[\s,]+/).filter(Boolean);
  const chosen = numbers.map((number) => (/^\d+$/.test(number) ? offered[Number(number) - 1] : undefined));
  return chosen.every((one) => one !== undefined) ? [...new Set(chosen)] : [];
}
