// Step: the fields that the agent sees. It compares both accounts and proposes a FIELD_MAP; a person takes of it what is right.

import { errorText } from '../../../shared/harmless.ts';
import type { Settings } from '../../../workers/consumer/config/settings.ts';
import { type AccountFields, describedFields } from '../../../workers/consumer/doctor/fields/description.ts';
import { unfilledFields } from '../../../workers/consumer/doctor/fields/field-map.ts';
import { fieldsLike } from '../../../workers/consumer/doctor/fields/fields.ts';
import type { CustomField } from '../../../workers/consumer/domain/fields/field-plan.ts';
import { createVendors } from '../../../workers/consumer/vendors/clients.ts';
import { CONSUMER_CONFIG, hasKey, read, saveValue } from '../config-file.ts';
import { type Found, type SetupContext, type Step, StepFailed } from '../step.ts';
import { given } from './answers.ts';
import { type Proposal, propose } from './propose.ts';
import { keyOf, notAfter, settingsWith } from './vendor-settings.ts';

const LATER = 'Later: npm run doctor names the fields that nothing fills, and docs/fields.md says how to map them.';

export const fields: Step = {
  title: 'Fields',
  why: 'Reads which fields both accounts have: asks which is the phone and the email, and proposes to fill others of like names (FIELD_MAP). Nothing is mapped that you do not choose.',
  commands: [],
  async run(context, found) {
    const [ghl, callTools] = (['GHL_API_KEY', 'CALLTOOLS_API_KEY'] as const).map((name) => keyOf(name, context, found));
    const isAnswered = (['phoneField', 'emailField', 'map'] as const).some((name) => given(context, name));
    const hasAnswers = context.prompt !== null || isAnswered;
    if (!hasAnswers || !ghl || !callTools || (await hasKey(context.folder, CONSUMER_CONFIG, 'LOCATIONS')))
      return [`Nothing is changed. ${LATER}`];
    const keys = { GHL_API_KEY: ghl, CALLTOOLS_API_KEY: callTools };
    const settings = await settingsWith(keys, context);
    const { described, custom, notes } = await readAccounts(settings, context);
    for (const note of notes) context.write(`    ${note}`);
    const phone = await settleName(PHONE, settings, described, context, found);
    const email = await settleName(EMAIL, settings, described, context, found);
    const map = described && (await settleMap(await settingsWith(keys, context), described, custom, context));
    const lines = [...phone, ...email, ...(map ?? [])];
    return lines.length > 0 ? lines : [`Nothing is changed. ${LATER}`];
  },
};

interface NamedField {
  name: 'CALLTOOLS_PHONE_FIELD' | 'CALLTOOLS_EMAIL_FIELD';
  answer: 'phoneField' | 'emailField';
  what: string;
  alike: RegExp;
}
const PHONE: NamedField = { name: 'CALLTOOLS_PHONE_FIELD', answer: 'phoneField', what: 'phone', alike: /phone/i };
const EMAIL: NamedField = { name: 'CALLTOOLS_EMAIL_FIELD', answer: 'emailField', what: 'email', alike: /mail/i };

/** With a wrong name contacts arrive without a phone, and nobody is dialed. */
async function settleName(
  { name, answer, what, alike }: NamedField,
  settings: Settings,
  described: AccountFields | null,
  context: SetupContext,
  { isFirst }: Found,
): Promise<string[]> {
  const candidates = fieldsLike(described?.keys() ?? [], alike);
  const isThere = described?.has(settings[name]) ?? false;
  const wanted = given(context, answer);
  if (wanted !== undefined && described !== null && !described.has(wanted))
    throw new StepFailed(
      `CallTools has no field ${wanted} (${name}). It has: ${candidates.join(', ') || 'none like it'}.`,
    );
  const isOpen = !isThere || (isFirst && candidates.length > 1);
  const chosen = wanted ?? (isOpen ? await choose() : undefined);
  if (chosen === undefined || chosen === '') return [];
  const changed = await saveValue(context.folder, CONSUMER_CONFIG, name, chosen);
  return [`${name} is ${chosen}${changed ? `: written into ${CONSUMER_CONFIG}` : ''}.`];

  async function choose(): Promise<string | undefined> {
    if (candidates.length === 0) return undefined;
    if (!isThere) context.write(`    CallTools has no field ${settings[name]} (${name}).`);
    const choices = candidates.map((value) => ({ value, label: value }));
    const none = { value: '', label: 'None of these' };
    const question = `Which field of CallTools is the ${what}?`;
    return context.prompt?.choose(
      question,
      isThere ? choices : [...choices, none],
      isThere ? settings[name] : undefined,
    );
  }
}

/** A map that is there stays. */
async function settleMap(
  settings: Settings,
  described: AccountFields,
  custom: readonly CustomField[],
  context: SetupContext,
): Promise<string[]> {
  const present = await read(context.folder, CONSUMER_CONFIG, 'FIELD_MAP');
  if (JSON.stringify(present) !== '{}') return [];
  const proposals = propose(unfilledFields(settings, { described, shown: null }), described, custom);
  const chosen = await chooseOf(proposals, context);
  if (chosen.length === 0) return [];
  const map = Object.fromEntries(chosen.map(({ target, entry }) => [target, entry]));
  await saveValue(context.folder, CONSUMER_CONFIG, 'FIELD_MAP', map);
  return [`${chosen.map(({ target }) => target).join(', ')}: mapped in ${CONSUMER_CONFIG}.`];
}

/** A name that is not proposed is an error: a wrong field is worse than none. */
async function chooseOf(proposals: readonly Proposal[], context: SetupContext): Promise<readonly Proposal[]> {
  const answer = given(context, 'map');
  if (answer === 'none' || (answer === undefined && proposals.length === 0)) return [];
  if (answer === 'all') return proposals;
  const choices = proposals.map((proposal) => ({ value: proposal.target, label: shown(proposal) }));
  const names =
    answer === undefined
      ? ((await context.prompt?.chooseSome(
          'Which of these should be filled? (Space ticks one, Enter goes on)',
          choices,
        )) ?? [])
      : answer.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => proposals.every(({ target }) => target !== name));
  if (unknown.length > 0)
    throw new StepFailed(
      `Not proposed: ${unknown.join(', ')} (--map). Proposed: ${proposals.map(({ target }) => target).join(', ') || 'nothing'}.`,
    );
  return proposals.filter(({ target }) => names.includes(target));
}

interface Accounts {
  /** Null where CallTools does not describe its fields. */
  described: AccountFields | null;
  custom: readonly CustomField[];
  notes: string[];
}

/** Never throws: what cannot be read is a note. */
async function readAccounts(settings: Settings, context: SetupContext): Promise<Accounts> {
  const { world } = context;
  const until = notAfter(context);
  const described = await describedFields(settings, world, until);
  if (described === null) return { described, custom: [], notes: ['CallTools does not describe its fields.'] };
  const notes: string[] = [];
  const custom = await createVendors(settings, world, until)
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
