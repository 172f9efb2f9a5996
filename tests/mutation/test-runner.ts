// A process that keeps vitest warm and runs test files one after the other, with one source file replaced.
// The files of one task share a process and what they load: that is three times as fast. What one leaves behind the next may meet.

import { relative } from 'node:path';
import { BaseSequencer, createVitest, type TestModule, type TestProject, type TestSpecification } from 'vitest/node';
import { probed } from './mutants.ts';

/** What a runner is asked. It answers with an Answer each time. */
export type Task =
  /** Runs the tests in this order, until one fails, with this text instead of the file's own; or as they are. */
  | { kind: 'try'; tests: Cases[]; change: { file: string; text: string } | null }
  /** Runs all cases of a test file, and says what they reach. */
  | { kind: 'reach'; test: string };

/** Some cases of a test file, by vitest's ids. */
export interface Cases {
  test: string;
  ids: string[];
}

/** What one case reaches: `file#number` for functions that ran. */
export interface CaseReach {
  id: string;
  ms: number;
  reached: string[];
}

export type Answer =
  | { kind: 'ready' }
  /** Sent before the answer, each time that a test file begins. */
  | { kind: 'begun'; test: string }
  /** `failed`: the first case that failed; its `ids` are empty where its file failed as a whole. */
  | { kind: 'tried'; failed: Cases | null }
  /** `files`: everything that the test loads, below the root. `shared`: source files that it loads, and functions that run for all cases. */
  | { kind: 'reached'; failed: boolean; files: string[]; shared: string[]; cases: CaseReach[] };

const ROOT = `${process.cwd()}/`;

/** Properties that go through thousands of cases are tried for so long only: most mutants fail one of the first. */
const BRIEF = '\nfc.configureGlobal({ interruptAfterTimeLimit: 3_000 });';

let replaced: { path: string; text: string } | null = null;
let probing = false;
let unhandled = false;

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
    replace(task.change && { path: `${ROOT}${task.change.file}`, text: task.change.text });
    return { kind: 'tried', failed: failedOf(await run(task.tests), task.tests) };
  }
  probing = true;
  const { test } = task;
  const ran = await run([{ test, ids: [] }]);
  const module = ran.get(test);
  const cases = [...(module?.children.allTests() ?? [])].map((one): CaseReach => {
    const { reached = [] } = one.meta() as { reached?: string[] };
    return { id: one.id, ms: Math.round(one.diagnostic()?.duration ?? 0), reached };
  });
  const { reached: shared = [] } = (module?.meta() ?? {}) as { reached?: string[] };
  return { kind: 'reached', failed: failedOf(ran, [{ test, ids: [] }]) !== null, files: loadedBy(test), shared, cases };
}

function replace(next: typeof replaced): void {
  if (replaced?.path === next?.path && replaced?.text === next?.text) return;
  for (const path of new Set([replaced?.path, next?.path])) if (path) vitest.invalidateFile(path);
  replaced = next;
}

/** Runs these cases, all of a file where none is named, until one fails. What was run, by test file. */
async function run(tests: readonly Cases[]): Promise<Map<string, TestModule>> {
  const specifications = tests.map(({ test, ids }) =>
    project.createSpecification(`${ROOT}${test}`, ids.length > 0 ? { testIds: ids } : undefined),
  );
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  unhandled = unhandledErrors.length > 0;
  // vitest remembers the modules of earlier runs, too.
  return new Map(testModules.map((module) => [relative(ROOT, module.moduleId), module]));
}

/** An error outside of any case counts for the last file. */
function failedOf(ran: Map<string, TestModule>, tests: readonly Cases[]): Cases | null {
  const failed = tests.find(({ test }) => ran.get(test)?.ok() !== true);
  if (!failed) return unhandled ? { test: tests.at(-1)?.test ?? '', ids: [] } : null;
  const [first] = ran.get(failed.test)?.children.allTests('failed') ?? [];
  return { test: failed.test, ids: first ? [first.id] : [] };
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
