// Step: the fields that the agent sees. It compares both accounts and proposes a FIELD_MAP; a person takes of it what is right.

import { errorText } from '../../shared/harmless.ts';
import { readSettings, type Settings } from '../../workers/consumer/config/settings.ts';
import { describedFields } from '../../workers/consumer/doctor/description.ts';
import { unfilledFields } from '../../workers/consumer/doctor/field-map.ts';
import { createVendors } from '../../workers/consumer/vendors/clients.ts';
import { CONSUMER_CONFIG, fillObject, hasKey, isEmptyObject, readValue } from './config-file.ts';
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
  why: 'Reads which fields both accounts have, and proposes to fill those of like names (FIELD_MAP). Nothing is mapped that you do not choose; with --yes nothing is.',
  commands: [`wrangler deploy -c ${CONSUMER_CONFIG} (only if you map fields)`],
  async run(context, found) {
    const { folder, prompt, write } = context;
    const isFree = await isEmptyObject(folder, CONSUMER_CONFIG, 'FIELD_MAP');
    if (!isFree || (await hasKey(folder, CONSUMER_CONFIG, 'LOCATIONS'))) return ['FIELD_MAP stays as it is.'];
    const keys = keysOf(context, found);
    if (!prompt || keys === null) return [`Only name, address, phone and email are written. ${LATER}`];
    const settings = await settingsOf(folder, keys);
    const { proposals, notes } = await compare(settings, context);
    for (const note of notes) write(`    ${note}`);
    if (proposals.length === 0) return [`No other fields of like names were found. ${LATER}`];
    for (const [index, proposal] of proposals.entries()) write(`    ${index + 1}. ${shown(proposal)}`);
    const chosen = choose(
      await prompt.ask('    Map which of them? Numbers such as 1 3, or all; Enter for none'),
      proposals,
    );
    if (chosen.length === 0) return [`None is mapped. ${LATER}`];
    const map = Object.fromEntries(chosen.map(({ target, entry }) => [target, entry]));
    await fillObject(folder, CONSUMER_CONFIG, 'FIELD_MAP', map);
    await deploy(CONSUMER_CONFIG, context);
    return [`${chosen.map(({ target }) => target).join(', ')}: written into ${CONSUMER_CONFIG}, and deployed.`];
  },
};

/** Null where one is not known: it was set in an earlier run, and nobody can read it again. */
function keysOf({ env }: SetupContext, { keys }: Found): Record<string, string> | null {
  const known = ['GHL_API_KEY', 'CALLTOOLS_API_KEY'].map((name) => [name, keys.get(name) ?? env[name]?.trim() ?? '']);
  return known.every(([, value]) => value !== '') ? Object.fromEntries(known) : null;
}

async function settingsOf(folder: string, keys: Record<string, string>): Promise<Settings> {
  const values = await Promise.all(
    SETTINGS.map(async (name) => [name, await readValue(folder, CONSUMER_CONFIG, name)] as const),
  );
  return readSettings({ ...Object.fromEntries(values), ...keys });
}

/** Never throws: what cannot be read is a note. */
async function compare(
  settings: Settings,
  { world }: SetupContext,
): Promise<{ proposals: Proposal[]; notes: string[] }> {
  const notAfter = world.now() + BUDGET_MS;
  const described = await describedFields(settings, world, notAfter);
  if (described === null) return { proposals: [], notes: ['CallTools does not describe its fields.'] };
  const notes: string[] = [];
  const custom = await createVendors(settings, world, notAfter)
    .ghl.customFields()
    .catch((thrown: unknown) => {
      notes.push(
        `GoHighLevel’s custom fields cannot be read (does the token have the scope locations/customFields.readonly?): ${errorText(thrown)}`,
      );
      return [];
    });
  return { proposals: propose(unfilledFields(settings, { described, shown: null }), described, custom), notes };
}

function shown({ target, entry }: Proposal): string {
  return typeof entry === 'string' ? `${target} from ${entry}` : `${target} from ${entry.from}, as ${entry.as}`;
}

/** Nothing where the answer has anything else in it: a wrong field is worse than none. */
function choose(answer: string, proposals: readonly Proposal[]): Proposal[] {
  if (/^all$/i.test(answer)) return [...proposals];
  const numbers = answer.split(/[\s,]+/).filter(Boolean);
  const chosen = numbers.map((number) => (/^\d+$/.test(number) ? proposals[Number(number) - 1] : undefined));
  return chosen.every((one) => one !== undefined) ? [...new Set(chosen)] : [];
}
