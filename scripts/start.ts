// npm start: the whole pipeline on this machine, until Ctrl-C.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { createCommand, EXIT, type Running, runCommand } from './command/command.ts';
import { WrongUse } from './command/sentence.ts';
import { seedExample } from './local/example.ts';
import { addresses, greeting } from './local/greeting.ts';
import { startPipeline } from './local/pipeline.ts';
import { readPort } from './local/settings.ts';
import { WrongSetting } from './local/wrong-setting.ts';

const { env } = process;
const DEFAULT_PORT = 8787;
/** A close that hangs is ended; the orphan guard then ends workerd. */
const ENDS_WITHIN_MS = 10_000;

/** If nobody reads our output, lines are dropped past this many unread bytes instead of being kept forever. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

const program = createCommand({
  name: 'npm start',
  description:
    'Runs the whole pipeline on this machine until Ctrl-C. A sandbox stands in for each vendor whose address is not set.',
  more: `Settings come from the environment, the workers' own too (docs/configuration.md):
  PORT             of ingest, ${DEFAULT_PORT} unless set; 0 is any free port. The sandbox takes the next one.
  LOCAL_STATE_DIR  keeps the database, secrets and the sandbox's memory, .local unless set.`,
  json: 'a line of JSON with the addresses once it runs ("event": "local.ready"), then one for each log line. Tokens are not among them: secrets.json in LOCAL_STATE_DIR has them',
  done: 'never: it runs until it is interrupted',
  failed: 'it could not start',
});

await runCommand(program, start, { endsWithinMs: ENDS_WITHIN_MS });

async function start({ out, stop }: Running): Promise<number> {
  const write = (line: string) => {
    if (process.stdout.writableLength < MAX_UNREAD_BYTES) process.stdout.write(`${line}\n`);
  };
  const log = (line: string) => write(out.json ? asJson(line) : line);
  out.say('Starting; this takes some seconds.');
  try {
    const stateFolder = resolve(env.LOCAL_STATE_DIR?.trim() || resolve(import.meta.dirname, '../.local'));
    const port = readPort(env.PORT, DEFAULT_PORT);
    const pipeline = await startPipeline({ port, stateFolder, env, log, followClock: true, signal: stop });
    if (pipeline.sandbox && pipeline.standIns.goHighLevel) await seedExample(pipeline.sandbox);
    if (out.json) out.line({ event: 'local.ready', ...addresses(pipeline, stateFolder, env) });
    else write(greeting(pipeline, stateFolder, env));
    if (!stop.aborted) await once(stop, 'abort');
    await pipeline.close();
    return EXIT.interrupted;
  } catch (error) {
    throw error instanceof WrongSetting ? new WrongUse(`npm start: ${error.message}`) : error;
  }
}

/** Workers log JSON; what the runtime itself says is text. */
function asJson(line: string): string {
  return line.startsWith('{') ? line : JSON.stringify({ event: 'local.runtime', detail: line });
}
