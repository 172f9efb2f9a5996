// Step, only with --call-hooks: CallTools tells the pipeline of calls at once. A subscription that is there stays.

import { randomBytes } from 'node:crypto';
import { errorText } from '../../shared/harmless.ts';
import { CALL_MODELS, HOOK_PATH, type Hook, isOurs } from '../../workers/consumer/vendors/calls/calltools-hooks.ts';
import { createVendors } from '../../workers/consumer/vendors/clients.ts';
import { CONSUMER_CONFIG, hasKey, INGEST_CONFIG, readValue } from './config-file.ts';
import { keyOf, notAfter, settingsWith } from './questions/vendor-settings.ts';
import { HOOK_SECRET } from './secret-names.ts';
import { type Found, mustSucceed, type SetupContext, type Step, StepFailed } from './step.ts';

const DESCRIPTION = 'Has the record of calls read at once (GoHighLevel to CallTools pipeline)';
const OF_LOCATIONS =
  'Subscribe for each location in LOCATIONS yourself: docs/call-results.md (At once) says how the address must look.';

export const callHooks: Step = {
  title: 'Notices of calls',
  why: `Has CallTools tell the pipeline of each call (a subscription in CallTools), and sets ${HOOK_SECRET}, which admits that. It asks before it subscribes. A subscription that is there stays.`,
  commands: [`wrangler secret bulk -c ${INGEST_CONFIG} (the token by stdin)`],
  async run(context, found) {
    const location = await readValue(context.folder, CONSUMER_CONFIG, 'GHL_LOCATION_ID');
    if (location === '') return [OF_LOCATIONS];
    const address = addressOf(context, found, location);
    const callTools = await clientFor(context, found);
    const known = await callTools.hooks().catch(unread);
    const there = known.find((hook) => isOurs(hook, location) && URL.parse(hook.address)?.origin === address.origin);
    const shown = `${address.origin}${address.pathname}`;
    const mayAsk = there === undefined && context.prompt !== null;
    if (mayAsk && !(await context.prompt?.confirm(`Subscribe ${shown} to calls in CallTools?`)))
      return ['Nothing is changed.'];
    address.searchParams.set('token', await setToken(there, context, found));
    const model = there?.model ?? (await subscribe(callTools, address));
    return [
      `CallTools tells ${shown} of each new ${model}${there ? ': it did before, and stays so' : ''}.`,
      ...((await hasKey(context.folder, CONSUMER_CONFIG, 'CALL_RESULTS'))
        ? []
        : [`CALL_RESULTS is not set in ${CONSUMER_CONFIG}: until it is, notices do nothing (docs/call-results.md).`]),
    ];
  },
};

/** Without the token. */
function addressOf({ env }: SetupContext, { url }: Found, location: string): URL {
  const base = URL.parse(env.PIPELINE_URL?.trim() || (url ?? ''));
  if (!base) throw new StepFailed('The address of contact-ingest is not known. Set PIPELINE_URL to it.');
  return new URL(`${HOOK_PATH}?location=${location}`, base);
}

type CallTools = ReturnType<typeof createVendors>['callTools'];

async function clientFor(context: SetupContext, found: Found): Promise<CallTools> {
  const { prompt, world } = context;
  const key = keyOf('CALLTOOLS_API_KEY', context, found) ?? (await prompt?.askSecret('CallTools API key (not shown)'));
  if (!key) throw new StepFailed('CALLTOOLS_API_KEY is not known here: put it into the environment.');
  return createVendors(await settingsWith({ CALLTOOLS_API_KEY: key }, context), world, notAfter(context)).callTools;
}

function unread(thrown: unknown): never {
  throw new StepFailed(`The subscriptions in CallTools cannot be read: ${errorText(thrown)}`);
}

/** The token of the subscription that is there, else the environment's, else a new one. Set before CallTools uses it. */
async function setToken(there: Hook | undefined, { env, wrangler }: SetupContext, found: Found): Promise<string> {
  const given = env[HOOK_SECRET]?.trim();
  const used = there && (URL.parse(there.address)?.searchParams.get('token') ?? '');
  if (used === '' || (used && given && used !== given))
    throw new StepFailed(
      `CallTools has a subscription with ${used === '' ? 'no token' : `another token than ${HOOK_SECRET} in the environment`}. Delete it in CallTools, and run this again.`,
    );
  const token = used ?? (given || randomBytes(32).toString('hex'));
  const ran = await wrangler.run(['secret', 'bulk', '-c', INGEST_CONFIG], {
    input: JSON.stringify({ [HOOK_SECRET]: token }),
  });
  mustSucceed(ran, `${HOOK_SECRET} of contact-ingest cannot be set.`);
  if (!used && !given) found.generated.set(HOOK_SECRET, token);
  return token;
}

/** The model that CallTools has hooks of. */
async function subscribe(callTools: CallTools, address: URL): Promise<string> {
  for (const model of CALL_MODELS) {
    const isDone = await callTools.subscribe(model, address.href, DESCRIPTION).catch((thrown: unknown) => {
      throw new StepFailed(`CallTools does not subscribe it: ${errorText(thrown)}`);
    });
    if (isDone) return model;
  }
  throw new StepFailed(`CallTools has no hooks of any of these: ${CALL_MODELS.join(', ')}.`);
}
