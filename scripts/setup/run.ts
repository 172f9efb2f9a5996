// The set-up from its first step to the words at its end. Each step looks at what is there, so a second run goes on where one failed.

import { WrongUse } from '../command/sentence.ts';
import { account } from './account.ts';
import { callHooks } from './call-hooks.ts';
import { checkUp, firstSync } from './check-up.ts';
import { closing, generatedLines } from './closing.ts';
import { database, migrations } from './database.ts';
import { consumer, ingest } from './deploy.ts';
import { buckets } from './questions/buckets.ts';
import { fields } from './questions/fields.ts';
import { keys } from './questions/keys.ts';
import { values } from './questions/values.ts';
import { queues } from './queues.ts';
import { secrets } from './secrets.ts';
import { type Found, type SetupContext, type Step, StepFailed } from './step.ts';

const NOBODY_TO_ASK =
  'Nothing was done: this deploys to Cloudflare, and there is no terminal to ask in. Add --yes to go ahead without a question (the options and the environment then answer), or --dry-run to see what would be done.';

/** All questions come first: then nobody need stay. */
const QUESTIONS = [account, values, keys, fields, buckets];
const DEPLOYMENT = [queues, database, migrations, consumer, ingest, secrets];

/** The exit code: 0 done (or only planned), 1 a step failed or the check-up found something to fix. Throws a WrongUse where it cannot even begin: without a prompt it must be told that it need not ask. */
export async function run(context: SetupContext): Promise<number> {
  const { options, prompt, write } = context;
  const steps = [...QUESTIONS, ...DEPLOYMENT, ...(options.callHooks ? [callHooks] : []), checkUp, firstSync];
  if (options.dryRun) {
    write('This is what `npm run setup` does, in this order; nothing is done now.');
    for (const line of plan(steps)) write(line);
    return 0;
  }
  if (prompt === null && !options.yes) throw new WrongUse(NOBODY_TO_ASK);
  write('This puts the pipeline onto your Cloudflare account. It leaves alone what is there already.');
  for (const line of plan(steps)) write(line);
  if (prompt && !(await prompt.confirm('Go ahead?'))) return 0;

  const found: Found = {
    isFirst: false,
    region: 'auto',
    url: null,
    generated: new Map(),
    keys: new Map(),
    set: new Set(),
    token: null,
    isWell: null,
  };
  let isDone = false;
  try {
    isDone = await runSteps(steps, context, found);
  } finally {
    // Whatever ends it, Ctrl-C too: nobody can read them again.
    for (const line of generatedLines(found)) write(line);
  }
  if (!isDone) return 1;
  write(closing(found));
  return found.isWell === false ? 1 : 0;
}

/** False where one failed: the steps after it are not run. */
async function runSteps(steps: readonly Step[], context: SetupContext, found: Found): Promise<boolean> {
  const { write } = context;
  for (const [index, step] of steps.entries()) {
    write(`\n[${index + 1}/${steps.length}] ${step.title}`);
    try {
      for (const line of await step.run(context, found)) write(`    ${line}`);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      write(`    Failed: ${error.message.replaceAll('\n', '\n    ')}`);
      write(
        `\nNothing is lost: fix that and run \`npm run setup\` again. It goes on with step ${index + 1}, ${step.title}.`,
      );
      return false;
    }
  }
  return true;
}

function plan(steps: readonly Step[]): string[] {
  return steps.flatMap(({ title, why, commands }, index) => [
    `\n${index + 1}. ${title}\n   ${why}`,
    ...commands.map((command) => `   $ ${command}`),
  ]);
}
