// The command line of the replay script.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { FAILURES } from '../../workers/consumer/domain/explanations.ts';
import { createCommand } from '../command/command.ts';
import { WrongUse } from '../command/sentence.ts';
import { type Address, type RawAddress, readAddress, withAddress } from '../operator/address.ts';

/** The command line, read. */
export interface Options extends Address {
  action: 'list' | 'group' | 'replay' | 'discard';
  dryRun: boolean;
  /** Act without asking. */
  yes: boolean;
  /** Query of `GET /dead-letters`, without paging. */
  filter: Record<string, string>;
  /** Letters named one by one; each that cannot be replayed then counts as failed. Null = selected by the filter. */
  ids: string[] | null;
  /** Goes on with an interrupted replay of letters that died no later than this (epoch ms); null = a new replay. */
  resumeFrom: number | null;
  /** Letters a second. */
  rate: number;
  /** How long to wait for the outcomes; 0 = not at all. */
  waitSeconds: number;
}

const EXAMPLES = `Examples:
  How many wait for which reason, and what to do:
    npm run replay -- --group
  What waits:
    npm run replay -- --list
  What would be replayed:
    npm run replay -- --dry-run --reason exhausted
  Replay, after a question:
    npm run replay -- --older-than 12h --rate 5
  Replay these, without a question:
    npm run replay -- --ids d-1f6b…,d-77a0… --yes
  Retry one contact, even if its letter was discarded:
    npm run replay -- --contact nmFm…
  Discard:
    npm run replay -- --discard --reason backstop_page_failed

Without --url and --token, the address and the token come from PIPELINE_URL and ADMIN_TOKEN.
Ctrl-C finishes the request that is under way and says how to go on (--resume). A second Ctrl-C ends at once.`;

/** As commander reads them. */
export interface Raw extends RawAddress {
  list?: true;
  group?: true;
  discard?: true;
  dryRun?: true;
  yes?: true;
  status?: string;
  reason?: string;
  olderThan?: string;
  newerThan?: string;
  location?: string;
  contact?: string;
  error?: string;
  ids?: string[];
  resume?: number;
  rate: number;
  wait: number;
}

/** The command with its help. */
export function command(): Command {
  return createCommand({
    name: 'npm run replay',
    description: 'Shows dead letters, puts them back into the queue (the default), or discards them.',
    options: (program) => withAddress(withOptions(program).optionsGroup('Where:')),
    more: EXAMPLES,
    json: 'the letters, or what became of them, as one JSON document',
    done: 'all succeeded',
    failed: 'some failed again, were not replayable or are still on their way, or the pipeline cannot be asked',
  });
}

function withOptions(program: Command): Command {
  return program
    .option('--list', 'only show them')
    .option('--group', 'only show how many there are for each reason')
    .option('--discard', 'give them up instead of replaying them')
    .option('--dry-run', 'show what would be replayed or discarded, and change nothing')
    .optionsGroup('Which ones (all that wait, if nothing is said):')
    .addOption(new Option('--reason <reason>', 'failed for this reason').choices(Object.keys(FAILURES)))
    .option('--older-than <duration>', 'dead for longer than 30m, 12h, 7d …')
    .option('--newer-than <duration>', 'dead for less than that')
    .option('--location <id>', 'of this GoHighLevel location')
    .option(
      '--contact <id>',
      'of this GoHighLevel contact; where none waits, the contact itself is retried if it has failed',
    )
    .option('--error <text>', 'with this text in the error')
    .option('--ids <ids>', 'these, separated by commas', idList)
    .addOption(
      new Option('--status <status>', 'with --list or --group: those that no longer wait').choices([
        'waiting',
        'replayed',
        'discarded',
        'resolved',
        'all',
      ]),
    )
    .optionsGroup('How:')
    .option('--resume <time>', 'go on with an interrupted replay: leave out what has died again since it began', moment)
    .option('--rate <n>', 'replay at most so many a second', number(0.01, 1000), 10)
    .option('--wait <seconds>', 'then wait so long for the outcome of each; 0 = do not', number(0, 86_400), 120)
    .option('--yes', 'do not ask (needed where nobody can answer)');
}

/** Throws a WrongUse where options do not go together. */
function refuseContradictions(raw: Raw): void {
  const shows = raw.list ? '--list' : raw.group ? '--group' : null;
  if (raw.list && raw.group) throw new WrongUse('Choose one of --list and --group.');
  if (shows && (raw.discard || raw.dryRun || raw.resume !== undefined))
    throw new WrongUse(`${shows} changes nothing: leave out --discard, --dry-run and --resume.`);
  if (raw.status && !shows)
    throw new WrongUse('Only letters that wait can be replayed or discarded: use --status with --list or --group.');
  if (raw.discard && raw.resume !== undefined)
    throw new WrongUse('--resume goes on with a replay: leave out --discard.');
}

/** What the person wants. Throws a WrongUse where options do not go together, or the address or the token is wrong. */
export function readOptions(raw: Raw, env: Record<string, string | undefined>): Options {
  refuseContradictions(raw);
  const filter = {
    status: raw.status,
    reason: raw.reason,
    older_than: raw.olderThan,
    newer_than: raw.newerThan,
    location: raw.location,
    contact: raw.contact,
    error: raw.error,
  };
  const given = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return {
    action: raw.list ? 'list' : raw.group ? 'group' : raw.discard ? 'discard' : 'replay',
    dryRun: raw.dryRun === true,
    yes: raw.yes === true,
    filter: Object.fromEntries(given),
    ids: raw.ids ?? null,
    resumeFrom: raw.resume ?? null,
    rate: raw.rate,
    waitSeconds: raw.wait,
    ...readAddress(raw, env),
  };
}

function idList(text: string): string[] {
  const ids = [...new Set(text.split(',').map((id) => id.trim()))].filter(Boolean);
  if (ids.length === 0) throw new InvalidArgumentError('Name at least one.');
  return ids;
}

function moment(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be the time that the interrupted replay named.');
  return at;
}

function number(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max))
      throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
    return value;
  };
}
