// npm run conformance: tries the open assumptions of docs/vendors.md on a pair of accounts, or on the sandbox.

import { writeFile } from 'node:fs/promises';
import { REAL_WORLD } from '../workers/consumer/config/env.ts';
import { EXIT, type Running, runCommand, version } from './command/command.ts';
import { Sentence, WrongUse } from './command/sentence.ts';
import { lineWidth } from './command/terminal.ts';
import { createAsking } from './conformance/asking.ts';
import { ASSUMPTIONS } from './conformance/assumptions.ts';
import { type Accounts, accountsOf, command, type Raw } from './conformance/options.ts';
import { type Made, type Report, reportOf, type SandboxReport, sandboxReportOf } from './conformance/report.ts';
import { run } from './conformance/run.ts';
import { rehearse } from './conformance/sandbox.ts';
import { beginning, found, rehearsed, summary } from './conformance/show.ts';
import { canAsk, createPrompt } from './setup/prompt.ts';

const NOBODY_TO_ASK =
  'Nothing was done: this writes to both accounts, and there is no terminal to ask in. Add --yes to agree to every write, or --read-only to do without.';
const WITHOUT_KEYS =
  'GHL_API_KEY and CALLTOOLS_API_KEY are not set, so this runs against the sandbox: each assumption, once for each possible answer. It reaches no account.';
const ON_SANDBOX =
  'This runs against the sandbox: each assumption, once for each possible answer. It reaches no account.';
/** To remove the test contacts after Ctrl-C. */
const ENDS_WITHIN_MS = 60_000;

const program = command();
await runCommand(program, conformance, { endsWithinMs: ENDS_WITHIN_MS });

async function conformance({ out, stop }: Running): Promise<number> {
  const raw = program.opts<Raw>();
  const accounts = await accountsOf(raw, process.env, process.cwd(), Math.random);
  const report = accounts === null ? await onSandbox(raw, out) : await onAccounts(raw, accounts, out, stop);
  if (raw.report !== undefined) await save(raw.report, report, out);
  out.result(report);
  return report.on === 'accounts' && report.interrupted ? EXIT.interrupted : report.ok ? EXIT.done : EXIT.failed;
}

async function onSandbox(raw: Raw, out: Running['out']): Promise<SandboxReport> {
  out.say(raw.sandbox ? ON_SANDBOX : WITHOUT_KEYS);
  const report = sandboxReportOf(await rehearse(ASSUMPTIONS), made());
  out.say(`\n${rehearsed(report, lineWidth())}`);
  return report;
}

async function onAccounts(raw: Raw, accounts: Accounts, out: Running['out'], stop: AbortSignal): Promise<Report> {
  const yes = raw.yes === true;
  const readOnly = raw.readOnly === true;
  const mayAsk = !yes && !readOnly && canAsk(process.stdin, process.env);
  if (!yes && !readOnly && !mayAsk) throw new WrongUse(NOBODY_TO_ASK);
  const prompt = mayAsk ? createPrompt(process.stdin, out.json ? process.stderr : process.stdout) : null;
  const asking = createAsking({ prompt, readOnly, say: out.say, stop });
  out.say(
    `${ASSUMPTIONS.length} assumptions are tried on your accounts. It asks before each write. What it makes it removes at the end; Ctrl-C ends it early, and removes it too.`,
  );
  const ran = await run({
    ...accounts,
    assumptions: ASSUMPTIONS,
    world: REAL_WORLD,
    asking,
    stop,
    onBegin: (one, number) => out.say(beginning(one, number, ASSUMPTIONS.length, lineWidth())),
    onFound: (finding) => out.say(found(finding, lineWidth())),
  });
  const report = reportOf(ran, { ...made(), api_version: accounts.settings.apiVersion });
  out.say(summary(report, lineWidth()));
  return report;
}

async function save(file: string, report: Report | SandboxReport, out: Running['out']): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch {
    throw new Sentence(`The report could not be written to ${file}.`);
  }
  out.say(`\nThe report is in ${file}. It holds no personal data, so it can be sent to us.`);
}

function made(): Made {
  return { version: version(), node: process.versions.node, date: new Date().toISOString().slice(0, 10) };
}
