// A process that keeps vitest warm and runs test files one after the other, with one source file replaced.

import { relative } from 'node:path';
import { createVitest, type TestProject } from 'vitest/node';
import { probed } from './mutants.ts';

/** What a runner is asked. It answers with an Answer each time. */
export type Task =
  /** Runs the test with this text instead of the file's own. */
  | { kind: 'try'; test: string; file: string; text: string }
  /** Runs the test, and says what it reaches. */
  | { kind: 'reach'; test: string };

export type Answer =
  | { kind: 'ready' }
  | { kind: 'tried'; failed: boolean }
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
    bail: 1,
    // Its key is the file's own text, which is not what runs here.
    fsModuleCache: false,
    testTimeout: 120_000,
    reporters: [{}],
    silent: true,
  },
  { plugins: [plugin], logLevel: 'silent' },
);
const project = vitest.projects[0] as TestProject;

process.on('message', async (task: Task) => {
  process.send?.(await answer(task));
});
process.on('disconnect', () => process.exit());
process.send?.({ kind: 'ready' } satisfies Answer);

async function answer(task: Task): Promise<Answer> {
  if (task.kind === 'try') {
    replace({ path: `${ROOT}${task.file}`, text: task.text });
    return { kind: 'tried', failed: !(await passes(task.test)).ok };
  }
  probing = true;
  const startedAt = performance.now();
  const { ok, reached } = await passes(task.test);
  const ms = Math.round(performance.now() - startedAt);
  return { kind: 'reached', failed: !ok, ms, files: loadedBy(task.test), reached };
}

function replace(next: NonNullable<typeof replaced>): void {
  if (replaced?.path === next.path && replaced.text === next.text) return;
  for (const path of new Set([replaced?.path, next.path])) if (path) vitest.invalidateFile(path);
  replaced = next;
}

async function passes(test: string): Promise<{ ok: boolean; reached: string[] }> {
  const moduleId = `${ROOT}${test}`;
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([project.createSpecification(moduleId)]);
  // vitest remembers the modules of earlier runs, too.
  const ran = testModules.find((module) => module.moduleId === moduleId);
  const reached = (ran?.meta() as { reached?: string[] } | undefined)?.reached ?? [];
  return { ok: unhandledErrors.length === 0 && ran?.ok() === true, reached };
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
