// Step: who we are at Cloudflare, and which account it is to be.

import * as v from 'valibot';
import { given } from './questions/answers.ts';
import { jsonOf, type SetupContext, type Step, StepFailed } from './step.ts';

const Me = v.object({
  loggedIn: v.literal(true),
  accounts: v.array(v.object({ id: v.string(), name: v.string() })),
});
type Account = v.InferOutput<typeof Me>['accounts'][number];

export const account: Step = {
  title: 'Cloudflare account',
  why: 'All of the following is done on the account that you are logged in to; it needs the Workers paid plan (Queues).',
  commands: ['wrangler whoami', 'wrangler login (only if you are not logged in)'],
  async run(context) {
    const accounts = (await whoAmI(context)) ?? (await logIn(context));
    const chosen = await choose(accounts, context);
    context.wrangler.useAccount(chosen.id);
    return [`Logged in; the account is ${chosen.name} (${chosen.id}).`];
  },
};

/** Null when nobody is logged in. */
async function whoAmI({ wrangler }: SetupContext): Promise<Account[] | null> {
  const me = v.safeParse(Me, jsonOf(await wrangler.run(['whoami', '--json'])));
  return me.success ? me.output.accounts : null;
}

async function logIn(context: SetupContext): Promise<Account[]> {
  const { prompt, wrangler } = context;
  if (prompt && (await prompt.confirm('You are not logged in to Cloudflare. Log in now, in the browser?')))
    await wrangler.runVisibly(['login']);
  const accounts = prompt && (await whoAmI(context));
  if (accounts) return accounts;
  throw new StepFailed(
    'You are not logged in to Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN to a token that may edit Workers, Queues and D1.',
  );
}

async function choose(accounts: Account[], context: SetupContext): Promise<Account> {
  const { prompt, write } = context;
  const wanted = given(context, 'account');
  if (wanted) {
    // A token may be good for an account without being allowed to list it.
    return accounts.find(({ id }) => id === wanted) ?? { id: wanted, name: 'as you named it' };
  }
  const [only, ...others] = accounts;
  if (only && others.length === 0) return only;
  if (!only) throw new StepFailed('Your login has no Cloudflare account. Give its id with --account.');
  if (prompt) {
    const choices = accounts.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }));
    const chosen = await prompt.choose('Which account?', choices);
    return accounts.find(({ id }) => id === chosen) ?? only;
  }
  for (const { id, name } of accounts) write(`    ${name} (${id})`);
  throw new StepFailed(
    'Your login has several Cloudflare accounts (above). Choose one with --account, or CLOUDFLARE_ACCOUNT_ID.',
  );
}
