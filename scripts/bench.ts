// npm run bench: measures this pipeline against floors that are measured in the same run, and prints what it found.

import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { benchBackstop } from './bench/backstop.ts';
import { benchBatching } from './bench/batching.ts';
import { benchBurst } from './bench/burst.ts';
import { benchCalls } from './bench/calls.ts';
import { benchConsumer } from './bench/consumer.ts';
import { costFigures } from './bench/cost.ts';
import { benchIngest } from './bench/ingest.ts';
import { type Figure, isMet } from './bench/measure/figure.ts';
import { benchLatency } from './bench/measure/latency.ts';
import { machineLine, thisMachine } from './bench/measure/machine.ts';
import { countOperations } from './bench/operations.ts';
import { comparePeers } from './bench/peers/compare.ts';
import { benchProfile } from './bench/profile.ts';
import { benchRefused } from './bench/refused.ts';
import { benchScale } from './bench/scale.ts';
import { sectionTable } from './bench/show.ts';
import { benchSize } from './bench/size.ts';
import { onNpmGone } from './local/npm-watch.ts';

interface Options {
  only: string[];
  json?: string;
  contacts: number;
  peers?: true;
  verbose?: true;
}

type Log = (line: string) => void;
type Section = (options: Options, log: Log) => Promise<Figure[]>;

/** CPU of one webhook, where the burst was measured before the cost is reckoned. */
let cpuMs: number | null = null;

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
  async burst(_, log) {
    const { figures, cpuMsPerWebhook } = await benchBurst({ log, tell });
    cpuMs = cpuMsPerWebhook;
    return figures;
  },
  cost: async () => costFigures(await countOperations(), cpuMs),
  backstop: ({ contacts }, log) => benchBackstop({ contacts, log, tell }),
  scale: async () => benchScale(),
  batching: (_, log) => benchBatching({ log, tell }),
  peers: () => comparePeers({ tell }),
};
/** `peers` needs packages that are no part of this project, and `batching` explains a choice: both are asked for by name. */
const UNASKED = Object.keys(SECTIONS).filter((name) => !['peers', 'batching'].includes(name));
const INTERRUPTED = 130;

const options = new Command('npm run bench --')
  .description(
    'Measures the pipeline on this machine. Figures are compared within one run; nothing else should be running.',
  )
  .addOption(
    new Option('--only <sections>', `some of ${Object.keys(SECTIONS).join(', ')}, joined by commas`)
      .argParser(sectionNames)
      .default(UNASKED, 'all but batching and peers'),
  )
  .option('--json <file>', 'also write all figures there')
  .option('--contacts <n>', 'contacts of the backstop run', whole, 100_000)
  .option('--peers', 'also compare ingest with what others would have built; installs them into .local/peers')
  .option('-v, --verbose', "show the workers' log lines")
  .parse()
  .opts<Options>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(INTERRUPTED));
onNpmGone(() => process.exit(INTERRUPTED));

function tell(line: string): void {
  console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`);
}

const machine = thisMachine();
console.log(machineLine(machine));
const figures: Figure[] = [];
const log = options.verbose ? console.error : () => {};
for (const name of new Set([...options.only, ...(options.peers ? ['peers'] : [])])) {
  const found = await (SECTIONS[name] as Section)(options, log);
  console.log(`\n${name}\n${sectionTable(found)}`);
  figures.push(...found);
}
const missed = figures.filter((figure) => isMet(figure) === false).length;
const judged = figures.filter((figure) => isMet(figure) !== null).length;
console.log(`\n${judged - missed} of ${judged} targets met.`);
if (options.json) await writeFile(options.json, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
process.exit();

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
