// npm start: the whole pipeline on this machine, until Ctrl-C.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { seedExample } from './local/example.ts';
import { greeting } from './local/greeting.ts';
import { onNpmGone } from './local/npm-watch.ts';
import { startPipeline } from './local/pipeline.ts';
import { readPort } from './local/settings.ts';
import { WrongSetting } from './local/wrong-setting.ts';

const { env } = process;
const DEFAULT_PORT = 8787;
const CLOSE_LIMIT_MS = 10_000;

/** If nobody reads our output, lines are dropped past this many unread bytes instead of being kept forever. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

function write(line: string): void {
  if (process.stdout.writableLength < MAX_UNREAD_BYTES) process.stdout.write(`${line}\n`);
}

/** Ends a close that hangs; the orphan guard then ends workerd. */
function stopNow(): void {
  setTimeout(() => process.exit(1), CLOSE_LIMIT_MS).unref();
  stop.abort();
}

new Command('npm start --')
  .description(
    'Runs the whole pipeline on this machine until Ctrl-C. A sandbox stands in for each vendor whose address is not set.',
  )
  .addHelpText(
    'after',
    `
Settings come from the environment, the workers' own too (docs/configuration.md):
  PORT             of ingest, ${DEFAULT_PORT} unless set; 0 is any free port. The sandbox takes the next one.
  LOCAL_STATE_DIR  keeps the database, secrets and the sandbox's memory, .local unless set.`,
  )
  .parse();

const stop = new AbortController();
// Under npm a Ctrl-C arrives twice, from the terminal and from npm. The second one changes nothing.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stopNow);
onNpmGone(stopNow);
// A closed output is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  const stateFolder = resolve(env.LOCAL_STATE_DIR?.trim() || resolve(import.meta.dirname, '../.local'));
  const port = readPort(env.PORT, DEFAULT_PORT);
  const { signal } = stop;
  write('Starting; this takes some seconds.');
  const pipeline = await startPipeline({ port, stateFolder, env, log: write, followClock: true, signal });
  if (pipeline.sandbox && pipeline.standIns.goHighLevel) await seedExample(pipeline.sandbox);
  write(greeting(pipeline, stateFolder, env));
  if (!signal.aborted) await once(signal, 'abort');
  await pipeline.close();
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof WrongSetting ? `npm start: ${error.message}` : error);
    process.exitCode = 1;
  }
}
process.exit();
