// Step: the buckets that the rules name. It shows which ones CallTools has and which campaigns draw from them, and offers those of the
// account where the rules name another.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../../shared/harmless.ts';
import { RULES_FILE_NAME, type Settings } from '../../../workers/consumer/config/settings.ts';
import { managedLabels } from '../../../workers/consumer/domain/decide.ts';
import { sameName } from '../../../workers/consumer/domain/rules/tags.ts';
import type { Label } from '../../../workers/consumer/vendors/calltools-schema.ts';
import { createVendors } from '../../../workers/consumer/vendors/clients.ts';
import { harmless } from '../../command/text.ts';
import { CONSUMER_CONFIG, hasKey, saveValue, valueAt } from '../config-file.ts';
import { type SetupContext, type Step, StepFailed } from '../step.ts';
import { given } from './answers.ts';
import { type Campaign, drawingFrom, readCampaigns } from './campaigns.ts';
import { keyOf, notAfter, settingsWith } from './vendor-settings.ts';

const LATER = 'Later: npm run doctor says whether CallTools has them. A campaign must draw from each.';

export const buckets: Step = {
  title: 'Buckets and campaigns',
  why: `Compares the buckets that the rules name with those of the account, and says which campaigns draw from them. Where one is not there it asks which of the account’s is meant, and writes that into ${RULES_FILE_NAME}.`,
  commands: [],
  async run(context, found) {
    const key = keyOf('CALLTOOLS_API_KEY', context, found);
    if (key === undefined || (await hasKey(context.folder, CONSUMER_CONFIG, 'LOCATIONS'))) return [LATER];
    const settings = await settingsWith({ CALLTOOLS_API_KEY: key }, context);
    const account = await readAccount(settings, context);
    if (typeof account === 'string') return [`The buckets cannot be read: ${account}.`, LATER];
    const lines: string[] = [];
    for (const name of managedLabels(settings.rules).buckets) lines.push(...(await settle(name, account, context)));
    return [...lines, ...liveOnes(account)];
  },
};

interface Account {
  labels: readonly Label[];
  /** Null where the account does not show them. */
  campaigns: readonly Campaign[] | null;
}

/** What is wrong where the buckets cannot be read. */
async function readAccount(settings: Settings, context: SetupContext): Promise<Account | string> {
  const until = notAfter(context);
  try {
    const labels = await createVendors(settings, context.world, until).callTools.labels('bucket');
    return { labels, campaigns: await readCampaigns(settings, context.world, until) };
  } catch (thrown) {
    return errorText(thrown);
  }
}

async function settle(name: string, account: Account, context: SetupContext): Promise<string[]> {
  const there = account.labels.find((label) => sameName(label.name, name));
  const wanted = answerFor(name, context);
  if (there && wanted === null) return [drawn(there, account)];
  const chosen = wanted === null ? await choose(name, account, context) : named(wanted, account);
  if (chosen === undefined)
    return [`CallTools has no bucket "${name}". It is made with the first contact; let a campaign draw from it.`];
  await rename(name, chosen.name, context);
  return [
    `The rules now say "${harmless(chosen.name)}" where they said "${name}": written into ${RULES_FILE_NAME}.`,
    drawn(chosen, account),
  ];
}

/** From `--bucket "Cold Leads=Florida Cold"`; null where it is about another bucket. */
function answerFor(name: string, context: SetupContext): string | null {
  const [, from = '', to = ''] = /^([^=]*)=(.*)$/s.exec(given(context, 'bucket') ?? '') ?? [];
  return from !== '' && sameName(from, name) ? to.trim() : null;
}

function named(wanted: string, { labels }: Account): Label {
  const label = labels.find((one) => sameName(one.name, wanted));
  if (label) return label;
  const all = labels.map((one) => harmless(one.name)).sort();
  throw new StepFailed(`CallTools has no bucket "${wanted}" (--bucket). It has: ${all.join(', ') || 'none'}.`);
}

/** Undefined where none of the account's is meant, or nobody is there to say. */
async function choose(name: string, account: Account, { prompt }: SetupContext): Promise<Label | undefined> {
  const { labels, campaigns } = account;
  if (!prompt || labels.length === 0) return undefined;
  const choices = labels.map((label) => {
    const drawing = drawingFrom(label, campaigns ?? []);
    return {
      value: String(label.id),
      label: harmless(label.name),
      ...(drawing.length > 0 && { hint: `campaign ${harmless(drawing.join(', '))}` }),
    };
  });
  const keep = { value: '', label: `None: "${name}" is right, and is made with the first contact` };
  const chosen = await prompt.choose(`CallTools has no bucket "${name}", which the rules name. Which one is meant?`, [
    ...choices,
    keep,
  ]);
  return labels.find(({ id }) => String(id) === chosen);
}

function drawn(label: Label, { campaigns }: Account): string {
  const name = `"${harmless(label.name)}"`;
  if (campaigns === null) return `${name} is there. Look in CallTools whether a campaign draws from it.`;
  const drawing = drawingFrom(label, campaigns);
  return drawing.length > 0
    ? `${name}: ${drawing.map(harmless).join(', ')} ${drawing.length > 1 ? 'draw' : 'draws'} from it.`
    : `Warning: ${name} is there, but no campaign draws from it: nobody in it is called.`;
}

function liveOnes({ campaigns }: Account): string[] {
  const live = (campaigns ?? []).filter(({ isLive }) => isLive).map(({ name }) => harmless(name));
  if (live.length === 0) return [];
  return [
    `${live.join(', ')}: on a live filter, which looks at no bucket. To be dialed there, a route needs a calltoolsTag (docs/configuration.md, Connect CallTools).`,
  ];
}

/** In the file of the rules, in every route that names this bucket. */
async function rename(from: string, to: string, { folder }: SetupContext): Promise<void> {
  if (await hasKey(folder, CONSUMER_CONFIG, 'SYNC_RULES'))
    throw new StepFailed(
      `The rules are in SYNC_RULES: say "${to}" there, where they say "${from}", and run this again.`,
    );
  const text = await readFile(join(folder, RULES_FILE_NAME), 'utf8');
  const routes = valueAt(text, ['routes'], RULES_FILE_NAME);
  for (const [index, route] of (Array.isArray(routes) ? routes : []).entries()) {
    const { bucket } = Object(route) as { bucket?: unknown };
    if (typeof bucket === 'string' && sameName(bucket, from))
      await saveValue(folder, RULES_FILE_NAME, ['routes', index, 'bucket'], to);
  }
}
