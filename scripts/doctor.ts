// npm run doctor: checks everything that can be wrong and says how to mend it. Exit codes: 0 nothing failed, 1 something did, 2 it could not run.

import { readOptions } from './doctor/options.ts';
import { askDoctor } from './doctor/report.ts';
import { show } from './doctor/show.ts';
import { Sentence } from './operator/sentence.ts';

const COULD_NOT_RUN = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const parsed = readOptions(process.argv.slice(2), process.env);
    if (parsed.kind === 'exit') return parsed.code === 0 ? 0 : COULD_NOT_RUN;
    const { ok, reports } = await askDoctor(parsed.options);
    const shown = reports.map((report) => show(report, parsed.options.url.origin));
    console.log(parsed.options.json ? JSON.stringify({ ok, reports }, null, 2) : shown.join('\n\n'));
    return ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    console.error(error.message);
    return COULD_NOT_RUN;
  }
}
