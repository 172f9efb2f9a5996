// npm run rules: the rules, before they are deployed.

import { oddities } from '../workers/consumer/domain/rules/oddities.ts';
import { createCommand, EXIT, type Running, runCommand } from './command/command.ts';
import type { Output } from './command/output.ts';
import { WrongUse } from './command/sentence.ts';
import { type RawAddress, readAddress, withAddress } from './operator/address.ts';
import { findFaults, findWarnings } from './rules/check.ts';
import { readGiven } from './rules/given.ts';
import { askPreview, showPreview } from './rules/preview.ts';
import { readOrRefuse, showTest, tryContact, tryTags } from './rules/try.ts';

interface Raw extends RawAddress {
  check?: true;
  test?: string;
  contact?: string;
  preview?: string | true;
  file?: string;
  deployed?: true;
  location?: string;
}

const program = createCommand({
  name: 'npm run rules',
  description: 'Looks at the rules of this folder: rules.jsonc, and SYNC_RULES in wrangler.consumer.jsonc.',
  json: 'the result as one JSON document',
  done: 'nothing is wrong',
  failed: 'the rules are faulty, or the pipeline refuses or cannot be asked',
  options: (program) =>
    withAddress(
      program
        .option('--check', 'say what is wrong with the rules and settings, without a question to anybody')
        .option('--test <tags>', 'say which route matches these tags, and why: "hot lead, cold lead"')
        .option('--contact <id>', 'the same for a contact, which is read from GoHighLevel now')
        .option('--preview [file]', 'say who would come in, go out or move, over the whole contact list')
        .option('--file <file>', 'rules of this file, in place of those of the folder')
        .option('--deployed', 'with --contact: the rules that are deployed')
        .option('--location <id>', 'the GoHighLevel location, if there are several'),
    ),
  more: '--test asks nobody. --contact and --preview ask the deployed pipeline, which writes nothing.',
});

await runCommand(program, act);

async function act({ out }: Running): Promise<number> {
  const raw = program.opts<Raw>();
  const asked = (['check', 'test', 'contact', 'preview'] as const).filter((name) => raw[name] !== undefined);
  if (asked.length > 1) throw new WrongUse(`Give one of ${asked.map((name) => `--${name}`).join(' and ')} at a time.`);
  if (raw.deployed && raw.contact === undefined) throw new WrongUse('--deployed goes with --contact only.');
  if (raw.test !== undefined) return test(raw.test, raw, out);
  if (raw.contact !== undefined) return contact(raw.contact, raw, out);
  if (raw.preview !== undefined) return preview(raw.preview, raw, out);
  return raw.file === undefined ? check(out) : checkFile(raw.file, out);
}

async function check(out: Output): Promise<number> {
  const faults = await findFaults();
  return say(faults, await findWarnings(), 'The rules and settings of this folder', out);
}

/** One file of rules, as it would be checked in place of rules.jsonc. */
function checkFile(file: string, out: Output): number {
  const given = readGiven(file, undefined);
  return say(
    [],
    oddities(readOrRefuse(given.rules, given.source)).map((what) => `Warning: ${what}`),
    file,
    out,
  );
}

function say(faults: string[], warnings: string[], what: string, out: Output): number {
  for (const line of [...faults, ...warnings]) out.note(line);
  const isSound = faults.length === 0;
  const fine = `${what}: nothing is wrong${warnings.length > 0 ? ', but see the warnings' : ''}.`;
  out.result({ ok: isSound, faults, warnings }, isSound ? () => fine : undefined);
  return isSound ? EXIT.done : EXIT.failed;
}

async function test(tags: string, { file, location }: Raw, out: Output): Promise<number> {
  const given = readGiven(file, location);
  const result = tryTags(tags, given);
  out.result(result, () => showTest(result, given.source));
  return EXIT.done;
}

async function contact(id: string, raw: Raw, out: Output): Promise<number> {
  const { file, deployed, location } = raw;
  if (deployed && file !== undefined) throw new WrongUse('Give --file or --deployed, not both.');
  const given = deployed ? null : readGiven(file, location);
  const result = await tryContact(id, given, location, readAddress(raw, process.env));
  out.result(result, () => showTest(result, given?.source ?? 'as deployed'));
  return EXIT.done;
}

async function preview(named: string | true, raw: Raw, out: Output): Promise<number> {
  const { location } = raw;
  const given = readGiven(named === true ? raw.file : named, location);
  // A mistake is named with its place in the file, and costs no request.
  readOrRefuse(given.rules, given.source);
  const result = await askPreview(given.rules, location, readAddress(raw, process.env));
  out.result(result, () => showPreview(result, given.source));
  return EXIT.done;
}
