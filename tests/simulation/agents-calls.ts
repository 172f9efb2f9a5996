// What histories know of CALL_RESULTS: the setting, and which dispositions of the simulated account say no.

/** How the record of calls is read, and what the history is like. */
export interface CallResults {
  poll: '1m' | '5m';
  /** The first poll goes back to before the start. */
  since: boolean;
  /** Nothing fails: then the time within which a person who said no is out is looked at too. */
  calm: boolean;
  /** What is written to GoHighLevel; `otherwise` for dispositions that the setting does not name. */
  writes: Partial<Record<DispositionName | 'otherwise', Writes>>;
  /** GoHighLevel's PUT of some do-not-disturb channels removes the others. */
  dndReplaces: boolean;
  /** CallTools tells of calls; null = it does not. */
  notices: Notices | null;
}

/** As in CALL_RESULTS. */
export interface Writes {
  tags?: string[];
  dnd?: 'call';
  workflow?: string;
  note?: true;
}

/** How CallTools tells of calls. */
export interface Notices {
  model: 'Historical Call Disposition' | 'Call';
  /** The fields that are sent; null = all. */
  fields: string[] | null;
  /** How often it sends one that is not accepted. */
  tries: number;
}

export const STEPS = ['tags', 'dnd', 'workflow', 'note'] as const;
export type Step = (typeof STEPS)[number];

/** Of these, the setting names the last two; CallTools marks the others as do-not-contact. */
export const NO = ['Do Not Call', 'DNC This Number', 'Not Interested', 'Wrong Number'] as const;
/** The person may still be called. */
export const OTHER = ['No Answer', 'Appointment Set', 'Transferred'] as const;

export type DispositionName = (typeof NO)[number] | (typeof OTHER)[number];

/** By the setting or by its mark, the disposition keeps the person out. */
export function saysNo(disposition: string): boolean {
  return NO.some((name) => name === disposition);
}

const HOLDING: readonly string[] = ['Not Interested', 'Wrong Number'];
/** As people type them. */
const TYPED: Record<string, string> = { 'Not Interested': 'not interested', 'Wrong Number': 'Wrong  Number' };

/** What follows in GoHighLevel from a disposition. */
export function writesOf({ writes }: CallResults, disposition: string): Writes {
  const own = writes[disposition as DispositionName];
  return own ?? (HOLDING.includes(disposition) ? {} : (writes.otherwise ?? {}));
}

/** Whether anything is ever written. */
export function isWriting({ writes }: CallResults): boolean {
  return Object.keys(writes).length > 0;
}

/** The environment of the workers. */
export function callSetting({ poll, since, writes }: CallResults): { CALL_RESULTS: string } {
  const { otherwise, ...named } = writes;
  const results = [...new Set([...HOLDING, ...Object.keys(named)])].map((disposition) => ({
    dispositions: [TYPED[disposition] ?? disposition],
    ...(HOLDING.includes(disposition) && { hold: true }),
    ...writes[disposition as DispositionName],
  }));
  const setting = { poll, results, ...(otherwise && { otherwise }), ...(since && { since: '2026-11-01' }) };
  return { CALL_RESULTS: JSON.stringify(setting) };
}

export const POLL_MS = { '1m': 60_000, '5m': 300_000 };
