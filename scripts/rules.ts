// npm run rules: the rules, before they are deployed. Exit codes: 0 fine, 1 faulty or refused, 2 usage or connection.

import { Command } from 'commander';
import { oddities } from '../workers/consumer/domain/rules/oddities.ts';
import { type RawAddress, readAddress } from './operator/address.ts';
import { runCommand, withAddress } from './operator/command.ts';
import { Sentence } from './operator/sentence.ts';
import { findFaults, findWarnings } from './rules/check.ts';
import { readGiven } from './rules/given.ts';
import { askPreview, showPreview } from './rules/preview.ts';
import { readOrRefuse, showTest, tryContact, tryTags } from './rules/try.ts';

const FAULTY = 1;

interface Raw extends RawAddress {
  check?: true;
  test?: string;
  contact?: string;
  preview?: string | true;
  file?: string;
  deployed?: true;
  location?: string;
  json?: true;
}

const MORE = `
--test asks nobody. --contact and --preview ask the deployed pipeline, which writes nothing.
Exit codes: 0 nothing is wrong, 1 the rules are faulty or the pipeline refuses, 2 usage or connection.`;

const program = withAddress(
  new Command('npm run rules --')
    .description('Looks at the rules of this folder: rules.jsonc, and SYNC_RULES in wrangler.consumer.jsonc.')
    .option('--check', 'say what is wrong with the rules and settings, without a question to anybody')
    .option('--test <tags>', 'say which route matches these tags, and why: "hot lead, cold lead"')
    .option('--contact <id>', 'the same for a contact, which is read from GoHighLevel now')
    .option('--preview [file]', 'say who would come in, go out or move, over the whole contact list')
    .option('--file <file>', 'rules of this file, in place of those of the folder')
    .option('--deployed', 'with --contact: the rules that are deployed')
    .option('--location <id>', 'the GoHighLevel location, if there are several')
    .option('--json', 'for machines'),
).addHelpText('after', MORE);

process.exitCode = await runCommand(program, act, FAULTY);

async function act(): Promise<number> {
  const raw = program.opts<Raw>();
  const asked = (['check', 'test', 'contact', 'preview'] as const).filter((name) => raw[name] !== undefined);
  if (asked.length > 1) throw new Sentence(`Give one of ${asked.map((name) => `--${name}`).join(' and ')} at a time.`);
  if (raw.deployed && raw.contact === undefined) throw new Sentence('--deployed goes with --contact only.');
  if (raw.test !== undefined) return test(raw.test, raw);
  if (raw.contact !== undefined) return contact(raw.contact, raw);
  if (raw.preview !== undefined) return preview(raw.preview, raw);
  return raw.file === undefined ? check() : checkFile(raw.file);
}

async function check(): Promise<number> {
  const faults = await findFaults();
  return say(faults, await findWarnings(), 'The rules and settings of this folder');
}

/** One file of rules, as it would be checked in place of rules.jsonc. */
function checkFile(file: string): number {
  const given = readGiven(file, undefined);
  return say(
    [],
    oddities(readOrRefuse(given.rules, given.source)).map((what) => `Warning: ${what}`),
    file,
  );
}

function say(faults: string[], warnings: string[], what: string): number {
  for (const line of [...faults, ...warnings]) console.error(line);
  if (faults.length > 0) return FAULTY;
  console.log(`${what}: nothing is wrong${warnings.length > 0 ? ', but see the warnings' : ''}.`);
  return 0;
}

async function test(tags: string, { file, location, json }: Raw): Promise<number> {
  const given = readGiven(file, location);
  const result = tryTags(tags, given);
  console.log(json ? JSON.stringify(result, null, 2) : showTest(result, given.source));
  return 0;
}

async function contact(id: string, raw: Raw): Promise<number> {
  const { file, deployed, location, json } = raw;
  if (deployed && file !== undefined) throw new Sentence('Give --file or --deployed, not both.');
  const given = deployed ? null : readGiven(file, location);
  const result = await tryContact(id, given, location, readAddress(raw, process.env));
  console.log(json ? JSON.stringify(result, null, 2) : showTest(result, given?.source ?? 'as deployed'));
  return 0;
}

async function preview(named: string | true, raw: Raw): Promise<number> {
  const { location, json } = raw;
  const given = readGiven(named === true ? raw.file : named, location);
  // A mistake is named with its place in the file, and costs no request.
  readOrRefuse(given.rules, given.source);
  const result = await askPreview(given.rules, location, readAddress(raw, process.env));
  console.log(json ? JSON.stringify(result, null, 2) : showPreview(result, given.source));
  return 0;
}
