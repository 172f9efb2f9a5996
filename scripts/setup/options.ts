// The command line of the set-up.

import { type Command, Option } from 'commander';
import { createCommand } from '../command/command.ts';
import { type Answers, QUESTIONS, type QuestionName } from './questions/answers.ts';
import { GENERATED, SECRETS, type SecretName } from './secret-names.ts';

/** The command line, read. */
export interface Options {
  /** Only say what would be done. */
  dryRun: boolean;
  /** Ask nothing: take the answers of the options and of the environment. */
  yes: boolean;
  /** CallTools is to tell of calls at once. */
  callHooks: boolean;
  /** The deployed pipeline is asked how it is. */
  checkUp: boolean;
  /** Secrets to be set again even if they are set. */
  renew: SecretName[];
  answers: Answers;
}

const MORE = `It can be run again at any time. It leaves alone what is there already, and after a failure it goes on where it stopped.
Each question is answered by its option, or by the variable of the environment that its help names; it asks for the others.
Secrets come from the environment only: ${SECRETS.map(({ name }) => name).join(', ')}.
${GENERATED.join(', ')} are generated unless the environment has them.`;

/** The command line as commander returns it. */
export interface Raw extends Answers {
  dryRun?: true;
  yes?: true;
  callHooks?: true;
  checkUp: boolean;
  new?: SecretName[];
}

/** The command with its help. */
export function command(): Command {
  const names = SECRETS.map(({ name }) => name);
  return createCommand({
    name: 'npm run setup',
    description: 'Puts the pipeline onto a Cloudflare account: queues, database, both workers, settings and secrets.',
    json: 'whether it succeeded as one JSON document',
    done: 'done, or only shown',
    failed: 'a step failed, or the check-up found something to fix; run it again to go on from there',
    options: (program) => {
      program
        .option('--dry-run', 'show what would be done, and do nothing')
        .option(
          '--yes',
          'ask nothing (needed where nobody can answer); if something is missing, end and say what to set',
        )
        .option('--no-check-up', 'do not ask the deployed pipeline to check itself')
        .option(
          '--call-hooks',
          'have CallTools tell of calls at once (docs/call-results.md): subscribes, and sets the token',
        )
        .addOption(new Option('--new <secret...>', 'set these secrets again, even if they are set').choices(names));
      for (const question of Object.values(QUESTIONS)) {
        const variable = 'variable' in question ? ` (or ${question.variable})` : '';
        const option = new Option(question.flags, `${question.asks}${variable}`);
        program.addOption('choices' in question ? option.choices(question.choices) : option);
      }
      return program;
    },
    more: MORE,
  });
}

/** Reads what commander returns. */
export function readOptions(raw: Raw): Options {
  const names = Object.keys(QUESTIONS) as QuestionName[];
  return {
    dryRun: raw.dryRun === true,
    yes: raw.yes === true,
    callHooks: raw.callHooks === true,
    checkUp: raw.checkUp,
    renew: raw.new ?? [],
    answers: Object.fromEntries(names.flatMap((name) => (raw[name] === undefined ? [] : [[name, raw[name]]]))),
  };
}
