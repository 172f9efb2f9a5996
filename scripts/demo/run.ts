// Plays scenarios and measures: how soon webhooks are answered, and how soon CallTools shows what it must.

import type { Scenario } from './scenario.ts';
import { createStage, NotSeen, type Stage } from './stage.ts';
import type { Answer, World } from './world.ts';

/** A scenario's line in the table. */
export interface Row {
  name: string;
  sent: string;
  answer: string;
  /** What was seen. If the scenario failed, what was expected too. */
  happened: string;
  /** Until CallTools showed it; null if nothing was to happen. */
  ms: number | null;
  ok: boolean;
}

/** After a refused webhook nothing may happen for this long. */
const QUIET_MS = 2000;

/** Plays groups one after the other, and the scenarios of a group at once. `onRow` is called after each scenario. */
export async function playAll(
  groups: readonly (readonly Scenario[])[],
  world: World,
  signal: AbortSignal,
  onRow: () => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const group of groups) {
    const played = group.map((scenario) => play(scenario, world, signal).finally(onRow));
    rows.push(...(await Promise.all(played)));
  }
  return rows;
}

async function play(scenario: Scenario, world: World, signal: AbortSignal): Promise<Row> {
  const { name, sent } = scenario;
  let answers: Answer[] = [];
  try {
    const contact = await world.sandbox.ghl.addContact(scenario.person, { silent: true });
    const stage = createStage(world, contact, signal);
    answers = stage.answers;
    if (scenario.placed) await place(stage);
    const { happened, ms } = await perform(scenario, stage);
    return { name, sent, answer: answerText(answers), happened, ms, ok: true };
  } catch (error) {
    const happened = error instanceof NotSeen ? error.message : signal.aborted ? 'given up' : String(error);
    return { name, sent, answer: answerText(answers), happened, ms: null, ok: false };
  }
}

async function place(stage: Stage): Promise<void> {
  await stage.guide('ContactCreate');
  await stage.until('placed', stage.reason);
  stage.answers.length = 0;
}

async function perform(scenario: Scenario, stage: Stage): Promise<{ happened: string; ms: number | null }> {
  const { answers, sandbox, contact } = stage;
  const at = performance.now();
  const told = await scenario.act(stage);
  const unlike = answers.find(({ status }) => status !== scenario.answer);
  if (unlike) throw new NotSeen(`expected: answer ${scenario.answer}; seen: ${unlike.status}`);
  if (scenario.nothingFollows) await stage.pause(QUIET_MS);
  await stage.until(scenario.callTools, stage.sight);
  const ms = performance.now() - at;
  await stage.until(scenario.reason, stage.reason);
  if (!scenario.nothingFollows) {
    const texts = [scenario.callTools, typeof told === 'string' ? told : `reason: ${scenario.reason}`];
    return { happened: texts.join('; '), ms };
  }
  const asked = sandbox.ghl.calls.count({ path: `/contacts/${contact.id}` });
  if (asked > 0) throw new NotSeen(`expected: nothing follows; seen: GoHighLevel was asked about the contact`);
  return { happened: `nothing: GoHighLevel not asked, ${scenario.callTools}`, ms: null };
}

/** `202 ×5 ≤31 ms` */
function answerText(answers: Answer[]): string {
  const slowest = Math.ceil(Math.max(...answers.map(({ ms }) => ms)));
  const statuses = [...new Set(answers.map(({ status }) => status))].join(', ');
  if (answers.length === 0) return 'none';
  return answers.length === 1 ? `${statuses} in ${slowest} ms` : `${statuses} ×${answers.length} ≤${slowest} ms`;
}
