// The theme of odd forms: the history of another theme, told in typographic tags and unreadable fields, and with numbers in prose.

import { TAG_FORMS } from './forms.ts';
import { type Action, type History, PEOPLE, PROSE, type Step } from './history.ts';
import type { Rng } from './rng.ts';

/** Tags of the usual vocabulary, and what stands in their place in the rules `typed`. */
const TYPED: Record<string, string> = { lost: "don't call", 'vip client': 'stage:won', customize: "won't answer" };
/** The number that cannot be dialed becomes one in prose. */
const UNUSABLE = 4;

export function withForms(ofHistory: Rng, { seed, setup, steps }: History): History {
  const rng = ofHistory.fork('forms');
  const channel = rng.pick(['Call', 'call', 'All', 'Voice', 'Phone Calls']);
  const odd = Array.from({ length: rng.int(1, 3) }, (): [number, Step[]] => {
    const person = rng.int(0, rng.int(0, PEOPLE - 1));
    const where = rng.pick(['answer', 'answer', 'webhook'] as const);
    const act: Action = { do: 'odd-form', person, where, form: rng.int(0, TAG_FORMS.length - 1) };
    const odd = [
      { gap: rng.spread(5, 60_000), act },
      { gap: rng.spread(5, 60_000), act: said(rng, person) },
    ];
    return [rng.int(1, steps.length), odd];
  });
  return {
    seed,
    setup: {
      ...setup,
      rules: 'typed',
      pageSize: Math.max(2, setup.pageSize),
      callTools: { ...setup.callTools, pageSizeMax: 2 },
      forms: { channel, oddRows: rng.chance(0.4), movingLists: rng.chance(0.5) },
    },
    steps: steps.flatMap(({ gap, act }, index) => [
      { gap, act: typed(act) },
      ...odd.flatMap(([at, added]) => (at === index + 1 ? added : [])),
    ]),
  };
}

/** What is said of a person in the odd form: best a sign against dialing. */
function said(rng: Rng, person: number): Action {
  if (rng.chance(0.4)) return { do: 'dnd', person, all: true, fates: [[30]] };
  const tags = rng.pick([["don't call"], ['cold lead', 'past customer'], ['cold lead'], []]);
  return { do: 'retag', person, tags, fates: [[30]] };
}

function typed(act: Action): Action {
  if (act.do === 'delete-bucket') return { ...act, bucket: 'Cold Leads' };
  if (act.do === 'by-hand') return { ...act, bucket: 'Cold Leads' };
  const tags = 'tags' in act ? { tags: act.tags.map((tag) => TYPED[tag] ?? tag) } : {};
  const phone = 'phone' in act && act.phone === UNUSABLE ? { phone: PROSE } : {};
  return { ...act, ...tags, ...phone } as Action;
}
