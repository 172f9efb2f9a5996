// What a backstop run repairs, by kind, so that an operator sees what webhooks had missed.

/**
 * `missing`: belonged into the dialer and was not there. `misplaced`: was there under another route than its own. `outdated`: its
 * data had changed. `withdrawn`: had to leave, or to be marked do-not-contact. `gone`: the same, because GoHighLevel has it no
 * more. `drifted`: had been changed in CallTools by hand.
 */
export const REPAIRS = ['missing', 'misplaced', 'outdated', 'withdrawn', 'gone', 'drifted'] as const;
export type Repair = (typeof REPAIRS)[number];
