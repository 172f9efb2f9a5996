// The theme of rules that ask for more than tags: fields that change with and without webhooks, odd values, and days that pass.

import { DAY_MS } from '../../shared/time.ts';
import { ANSWERS, type AskedAction, DAYS, OPT_OUTS } from './asked.ts';
import { type Fates, type History, PEOPLE, type Step, USUAL } from './history.ts';
import type { Rng } from './rng.ts';

/** The same history, in which people have fields that the rules ask for. */
export function withAnswers(ofHistory: Rng, history: History): History {
  const rng = ofHistory.fork('asked');
  let days = 0;
  const steps = history.steps.flatMap((step): Step[] => {
    const { act, gap } = step;
    const filled: Step[] =
      act.do === 'create' ? [{ gap: rng.int(0, 400), act: answer(rng, act.person, { whole: rng.chance(0.8) }) }] : [];
    const more: Step[] = [];
    if (rng.chance(0.5)) more.push({ gap: rng.spread(5, 60_000), act: answer(rng, rng.int(0, PEOPLE - 1)) });
    if (rng.chance(0.15) && days < 15) {
      const passed = rng.int(1, 9);
      days += passed;
      more.push({ gap: rng.spread(5, 60_000), act: { do: 'jump', ms: passed * DAY_MS } });
      if (rng.chance(0.7)) more.push({ gap: rng.int(10, 5000), act: { do: 'backstop', by: 'trigger' } });
    }
    const tagged = act.do === 'create' || act.do === 'retag';
    if (!tagged || !rng.chance(0.1)) return [step, ...filled, ...more];
    return [{ gap, act: { ...act, tags: [...act.tags, rng.pick(OPT_OUTS)] } }, ...filled, ...more];
  });
  // Everybody's consent grows too old at once: a run that verifies a contact or two does not find all of them.
  if (rng.chance(0.4)) steps.push({ gap: 60_000, act: { do: 'jump', ms: 23 * DAY_MS } });
  // Days pass, and nothing but the list shows what they have changed.
  return { ...history, setup: { ...history.setup, verifyDays: 90, searchHidesCallDnd: false }, steps };
}

/** `whole`: all that is needed to be dialed. */
function answer(rng: Rng, person: number, { whole = false } = {}): AskedAction {
  const fields = Object.keys(ANSWERS) as (keyof typeof ANSWERS)[];
  const asked = fields.filter((field) => (whole && ['consent', 'product'].includes(field)) || rng.chance(0.35));
  const one = (field: keyof typeof ANSWERS) =>
    whole || rng.chance(0.4) ? rng.int(0, 1) : rng.int(0, ANSWERS[field].length - 1);
  const answers = Object.fromEntries(asked.map((field) => [field, one(field)]));
  const form = rng.int(0, whole || rng.chance(0.8) ? DAYS.length - 1 : DAYS.length + 2);
  const consented = whole || rng.chance(0.4) ? { form, daysAgo: rng.int(rng.chance(0.9) ? 0 : -4, 22) } : undefined;
  const fates: Fates = rng.chance(0.6) ? USUAL : rng.chance(0.6) ? [[]] : [[rng.spread(300, 400_000)]];
  return { do: 'answer', person, answers, ...(consented && { consented }), fates };
}
