// npm run bench: measures this pipeline against floors that are measured in the same run, and prints what it found.

import { InvalidArgumentError, Option } from 'commander';
import { benchBackstop } from './bench/backstop.ts';
import { benchBatching } from './bench/batching.ts';
import { benchBurst } from './bench/burst.ts';
import { benchCalls } from './bench/calls.ts';
import { benchConsumer } from './bench/consumer.ts';
import { costFigures, cpuOf } from './bench/cost.ts';
import { benchDayOne } from './bench/day-one.ts';
import { benchIngest } from './bench/ingest.ts';
import { bytesOfWebhook } from './bench/logs.ts';
import { type Figure, isMet } from './bench/measure/figure.ts';
import { benchLatency } from './bench/measure/latency.ts';
import { machineLine, thisMachine } from './bench/measure/machine.ts';
import { benchMillion } from './bench/million.ts';
import { countOperations } from './bench/operations.ts';
import { comparePeers } from './bench/peers/compare.ts';
import { benchProfile } from './bench/profile.ts';
import { benchRefused } from './bench/refused.ts';
import { benchScale } from './bench/scale.ts';
import { sectionTable } from './bench/show.ts';
import { benchSize } from './bench/size.ts';
import { createCommand, EXIT, type Running, runCommand } from './command/command.ts';
import { lineWidth } from './command/terminal.ts';

interface Options {
  only: string[];
  contacts: number;
  leads: number;
  peers?: true;
  verbose?: true;
}

type Log = (line: string) => void;
type Section = (options: Options, log: Log) => Promise<Figure[]>;

/** What the sections have found so far. */
const found: Figure[] = [];

/** In the order in which they run. */
const SECTIONS: Record<string, Section> = {
  size: () => benchSize(),
  ingest: () => benchIngest({ tell }),
  profile: () => benchProfile(),
  operations: async () => (await countOperations()).figures,
  consumer: () => benchConsumer(),
  calls: () => benchCalls({ tell }),
  latency: (_, log) => benchLatency({ log }),
  refused: (_, log) => benchRefused({ log }),
  burst: (_, log) => benchBurst({ log, tell }),
  cost: async () =>
    costFigures({ ...(await countOperations()), ingestLogged: await bytesOfWebhook(), cpu: cpuOf(found) }),
  backstop: ({ contacts }, log) => benchBackstop({ contacts, log, tell }),
  million: () => benchMillion({ tell }),
  'day-one': ({ leads }) => benchDayOne({ leads, tell }),
  scale: async () => benchScale(),
  batching: (_, log) => benchBatching({ log, tell }),
  peers: () => comparePeers({ tell }),
};
/** `peers` needs packages that are no part of this project, and `batching` explains a choice: both are asked for by name. */
const UNASKED = Object.keys(SECTIONS).filter((name) => !['peers', 'batching'].includes(name));

const program = createCommand({
  name: 'npm run bench',
  description:
    'Measures the pipeline on this machine. Figures are compared within one run; nothing else should be running.',
  options: (program) =>
    program
      .addOption(
        new Option('--only <sections>', `some of ${Object.keys(SECTIONS).join(', ')}, joined by commas`)
          .argParser(sectionNames)
          .default(UNASKED, 'all but batching and peers'),
      )
      .option('--contacts <n>', 'contacts of the backstop run', whole, 100_000)
      .option('--leads <n>', 'leads on day one', whole, 50_000)
      .option('--peers', 'also compare ingest with what others would have built; installs them into .local/peers')
      .option('-v, --verbose', "show the workers' log lines"),
  json: 'the machine and all figures as one JSON document',
  done: 'every target was met',
  failed: 'a target was missed, or something could not be measured',
});

await runCommand(program, bench);

function tell(line: string): void {
  console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`);
}

async function bench({ out }: Running): Promise<number> {
  const options = program.opts<Options>();
  const machine = thisMachine();
  out.say(machineLine(machine));
  const log = options.verbose ? out.note : () => {};
  for (const name of new Set([...options.only, ...(options.peers ? ['peers'] : [])])) {
    const figures = await (SECTIONS[name] as Section)(options, log);
    out.say(`\n${name}\n${sectionTable(figures, lineWidth())}`);
    found.push(...figures);
  }
  const missed = found.filter((figure) => isMet(figure) === false).length;
  const judged = found.filter((figure) => isMet(figure) !== null).length;
  out.result({ machine, figures: found }, () => `\n${judged - missed} of ${judged} targets met.`);
  return missed === 0 ? EXIT.done : EXIT.failed;
}

function sectionNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no section "${unknown}".`);
  return Object.keys(SECTIONS).filter((name) => names.includes(name));
}

function whole(text: string): number {
  if (/^\d{1,7}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999999.');
}
