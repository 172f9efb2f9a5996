// A process that keeps vitest warm and runs test files one after the other, with one source file replaced.
// The files of one task share a process and what they load: that is three times as fast. What one leaves behind the next may meet.

import { relative } from 'node:path';
import { BaseSequencer, createVitest, type TestProject, type TestSpecification } from 'vitest/node';
import { probed } from './mutants.ts';

/** What a runner is asked. It answers with an Answer each time. */
export type Task =
  /** Runs the tests in this order, until one fails, with this text instead of the file's own. */
  | { kind: 'try'; tests: string[]; file: string; text: string }
  /** Runs the test, and says what it reaches. */
  | { kind: 'reach'; test: string };

export type Answer =
  | { kind: 'ready' }
  /** Sent before the answer, each time that a test file begins. */
  | { kind: 'begun'; test: string }
  /** `failed`: the first test that failed. */
  | { kind: 'tried'; failed: string | null }
  /** `files`: everything that the test loads, below the root. `reached`: source files, and `file#number` for functions that ran. */
  | { kind: 'reached'; failed: boolean; ms: number; files: string[]; reached: string[] };

const ROOT = `${process.cwd()}/`;

/** Properties that go through thousands of cases are tried for so long only: most mutants fail one of the first. */
const BRIEF = '\nfc.configureGlobal({ interruptAfterTimeLimit: 3_000 });';

let replaced: { path: string; text: string } | null = null;
let probing = false;

const plugin = {
  name: 'mutation',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    if (replaced?.path === id) return { code: replaced.text, map: null };
    const file = relative(ROOT, id);
    if (file.startsWith('tests/') && code.includes("import fc from 'fast-check'"))
      return { code: `${code}${BRIEF}`, map: null };
    if (!probing || !file.startsWith('workers/') || !file.endsWith('.ts')) return null;
    const probe = (what: string) => `globalThis.__reached.add(${JSON.stringify(what)})`;
    return { code: `${probed(file, code, (number) => probe(`${file}#${number}`))}\n${probe(file)};`, map: null };
  },
};

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

const vitest = await createVitest(
  'test',
  {
    config: false,
    root: ROOT,
    watch: false,
    include: ['tests/{unit,mutation}/**/*.test.ts'],
    setupFiles: ['tests/mutation/probe.ts'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
    bail: 1,
    sequence: { sequencer: InOrder },
    // Its key is the file's own text, which is not what runs here.
    fsModuleCache: false,
    testTimeout: 120_000,
    reporters: [{ onTestModuleStart: ({ moduleId }) => send({ kind: 'begun', test: relative(ROOT, moduleId) }) }],
    silent: true,
  },
  { plugins: [plugin], logLevel: 'silent' },
);
const project = vitest.projects[0] as TestProject;

process.on('message', async (task: Task) => {
  send(await answer(task));
});
process.on('disconnect', () => process.exit());
send({ kind: 'ready' });

function send(answer: Answer): void {
  process.send?.(answer);
}

async function answer(task: Task): Promise<Answer> {
  if (task.kind === 'try') {
    replace({ path: `${ROOT}${task.file}`, text: task.text });
    return { kind: 'tried', failed: (await run(task.tests)).failed };
  }
  probing = true;
  const startedAt = performance.now();
  const { failed, reached } = await run([task.test]);
  const ms = Math.round(performance.now() - startedAt);
  return { kind: 'reached', failed: failed !== null, ms, files: loadedBy(task.test), reached };
}

function replace(next: NonNullable<typeof replaced>): void {
  if (replaced?.path === next.path && replaced.text === next.text) return;
  for (const path of new Set([replaced?.path, next.path])) if (path) vitest.invalidateFile(path);
  replaced = next;
}

/** The first test that fails, and what the last one reached. */
async function run(tests: readonly string[]): Promise<{ failed: string | null; reached: string[] }> {
  const specifications = tests.map((test) => project.createSpecification(`${ROOT}${test}`));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  // vitest remembers the modules of earlier runs, too.
  const ran = new Map(testModules.map((module) => [relative(ROOT, module.moduleId), module]));
  const failed = tests.find((test) => ran.get(test)?.ok() !== true) ?? null;
  const last = tests.at(-1) ?? '';
  const reached = (ran.get(last)?.meta() as { reached?: string[] } | undefined)?.reached ?? [];
  return { failed: failed ?? (unhandledErrors.length > 0 ? last : null), reached };
}

/** What vitest loaded for the test, that is ours. */
function loadedBy(test: string): string[] {
  const graph = project.vite.environments.ssr.moduleGraph;
  const seen = new Set<string>();
  const visit = (id: string) => {
    if (seen.has(id) || !id.startsWith(ROOT) || id.includes('/node_modules/')) return;
    seen.add(id);
    for (const { id: next } of graph.getModuleById(id)?.importedModules ?? []) if (next) visit(next);
  };
  visit(`${ROOT}${test}`);
  return [...seen].map((id) => relative(ROOT, id)).sort();
}
