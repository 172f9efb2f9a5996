// What histories know of CALL_RESULTS: the setting, and which dispositions of the simulated account say no.

/** How the record of calls is read, and what the history is like. */
export interface CallResults {
  poll: '1m' | '5m';
  /** The first poll goes back to before the start. */
  since: boolean;
  /** Nothing fails: then the time within which a person who said no is out is looked at too. */
  calm: boolean;
}

/** Of these, the setting names the last two; CallTools marks the others as do-not-contact. */
export const NO = ['Do Not Call', 'DNC This Number', 'Not Interested', 'Wrong Number'] as const;
/** Nothing follows from these. */
export const OTHER = ['No Answer', 'Appointment Set', 'Transferred'] as const;

export type DispositionName = (typeof NO)[number] | (typeof OTHER)[number];

/** By the setting or by its mark, the disposition keeps the person out. */
export function saysNo(disposition: string): boolean {
  return NO.some((name) => name === disposition);
}

/** The environment of the workers. */
export function callSetting({ poll, since }: CallResults): { CALL_RESULTS: string } {
  const results = [{ dispositions: ['not interested', 'Wrong  Number'], hold: true }];
  return { CALL_RESULTS: JSON.stringify({ poll, results, ...(since && { since: '2026-11-01' }) }) };
}

export const POLL_MS = { '1m': 60_000, '5m': 300_000 };
