// What happened to a contact, newest first: made from what its row, its calls, dead letters and the list of actions keep anyway.

import type { TimelineEntry, TimelineStep } from '../../../../shared/api/contacts.ts';
import { endsOf, type WorkEnd } from '../../domain/history.ts';
import { reasonText } from '../../domain/reason-words.ts';
import type { CallStory } from '../../store/calls/results.ts';
import type { Story } from '../../store/contact-story.ts';
import type { StoredDeadLetter } from '../../store/dead-letter-list.ts';
import type { AuditRow } from '../../store/operator-orders.ts';
import { iso } from '../answer.ts';

/** Entries that are shown. */
const MAX_ENTRIES = 60;

interface Moment {
  /** Epoch ms. */
  at: number;
  step: TimelineStep;
  text: string;
  attempts?: number | undefined;
}

/** Everything that is known of when. */
export function timelineOf({
  story: { contact, dialer, calls },
  letters,
  actions,
}: {
  story: Story;
  letters: StoredDeadLetter[];
  actions: AuditRow[];
}): TimelineEntry[] {
  const ends = contact ? endsOf(contact.history) : [];
  const moments: Moment[] = [
    ...ends.flatMap(momentsOf),
    ...(contact && !ends.some((end) => cameBefore(end, contact.created_at))
      ? [{ at: contact.created_at, step: 'received' as const, text: 'It became known here.' }]
      : []),
    ...dialer.flatMap(({ verified_at, present }) =>
      verified_at === null || present === 0 || ends.some(({ at }) => at === verified_at)
        ? []
        : [{ at: verified_at, step: 'read' as const, text: 'CallTools was read, and holds what it should.' }],
    ),
    ...letters.flatMap((letter) => momentsOfLetter(letter, ends)),
    ...calls.flatMap(momentsOfCall),
    ...actions.flatMap(momentOfAction),
  ];
  const shown = new Map(moments.map((one) => [`${one.at} ${one.step} ${one.text}`, one]));
  return [...shown.values()]
    .sort((a, b) => b.at - a.at || ORDER.indexOf(b.step) - ORDER.indexOf(a.step))
    .slice(0, MAX_ENTRIES)
    .map(({ at, step, text, attempts }) => ({ at: iso(at), step, text, attempts: attempts ?? null }));
}

/** Whether what this work was asked by is what has made the contact known. */
function cameBefore({ at, received }: WorkEnd, createdAt: number): boolean {
  return received !== undefined && at - received <= createdAt;
}

/** Within one millisecond. */
const ORDER: TimelineStep[] = ['operator', 'replayed', 'call', 'received', 'read', 'decided', 'written', 'failed'];

const ASKED_BY: Record<string, string> = {
  webhook: 'A webhook arrived.',
  workflow: 'A workflow action arrived.',
  backstop: 'The nightly sync asked to look at it.',
  replay: 'It was retried.',
  operator: 'It was put into the queue for an operator.',
  followup: 'It was due to be looked at again.',
  doctor: 'The doctor asked to look at it.',
  call: 'What was noted of a call asked to look at it.',
};

function momentsOf({ at, outcome, reason, source, received, read, decided, wrote, tries, because }: WorkEnd): Moment[] {
  const asked = { step: 'received' as const, text: ASKED_BY[source] ?? 'Somebody asked to look at it.' };
  const why = because === undefined ? '' : `, because ${because}`;
  const isOver = outcome === 'done' || outcome === 'skipped';
  const isUnwritten = isOver && wrote === undefined && received !== undefined;
  const decision = `${reasonText(reason)}${why}.${isUnwritten ? ' Nothing had to be written.' : ''}`;
  const decidedAt = at - (decided ?? 0);
  return [
    ...(received === undefined ? [] : [{ at: at - received, ...asked }]),
    ...(read === undefined ? [] : [{ at: at - read, step: 'read' as const, text: 'Read from GoHighLevel.' }]),
    ...(isOver ? [{ at: decidedAt, step: 'decided' as const, text: decision, attempts: tries }] : []),
    ...(isOver && wrote ? [{ at, step: 'written' as const, text: 'Written to CallTools.', attempts: tries }] : []),
    ...(outcome === 'retry'
      ? [{ at, step: 'failed' as const, text: 'A try failed. It is repeated.', attempts: tries ?? 1 }]
      : []),
    ...(outcome === 'dead'
      ? [{ at, step: 'failed' as const, text: `Failed: ${reasonText(reason)}.`, attempts: tries ?? 1 }]
      : []),
  ];
}

/** A letter of the contact's own work came with an entry of its history. */
function momentsOfLetter(
  { deadAt, reason, attempts, replayedAt, settledAt, status }: StoredDeadLetter,
  ends: WorkEnd[],
) {
  const isTold = ends.some((end) => end.outcome === 'dead' && end.reason === reason && end.at === deadAt);
  const moments: Moment[] = isTold
    ? []
    : [{ at: deadAt, step: 'failed', text: `Failed: ${reasonText(reason)}.`, attempts }];
  if (replayedAt !== null) moments.push({ at: replayedAt, step: 'replayed', text: 'Retried.' });
  if (settledAt !== null && status === 'discarded')
    moments.push({ at: settledAt, step: 'operator', text: 'An operator discarded the failure.' });
  return moments;
}

const WRITES: Record<string, string> = {
  tags: 'its tags',
  dnd: 'do-not-disturb',
  workflow: 'a workflow',
  note: 'a note',
};

function momentsOfCall({ disposition, calledAt, seenAt, heldAt, writes }: CallStory): Moment[] {
  const noted = disposition === '' ? 'A call with a disposition that has no name' : `A call: "${disposition}"`;
  return [
    { at: calledAt ?? seenAt, step: 'call', text: `${noted}.` },
    ...(heldAt === null
      ? []
      : [{ at: heldAt, step: 'decided' as const, text: 'Kept out of the dialer because of that call.' }]),
    ...writes.flatMap(({ step, state, at }): Moment[] => {
      const what = WRITES[step] ?? step;
      if (state === 'done') return [{ at, step: 'written', text: `Written to GoHighLevel: ${what}.` }];
      return state === 'failed' ? [{ at, step: 'failed', text: `Not written to GoHighLevel: ${what}.` }] : [];
    }),
  ];
}

const ACTIONS: Record<string, string> = {
  'contact.place': 'An operator asked to place it again',
  'contact.recheck': 'An operator asked to check it again',
  'contact.retry': 'An operator asked to try it again',
  'contact.forget': 'An operator asked to forget it',
  'membership.check': 'An operator asked the doctor about it',
};

function momentOfAction({ at, action, outcome }: AuditRow): Moment[] {
  const text = ACTIONS[action];
  const ended = outcome === 'refused' ? ', and was refused' : outcome === 'failed' ? ', and that failed' : '';
  return text === undefined ? [] : [{ at, step: 'operator', text: `${text}${ended}.` }];
}
