// When work is late: alerts, the doctor and the status judge by the same limits.

import { HOUR_MS, MINUTE_MS } from '../../../shared/time.ts';

/** A queue whose oldest message is older than this is not being worked off. */
export const OLD_MESSAGE_MS = 30 * MINUTE_MS;

/** The outbox is drained each minute. */
export const OLD_OUTBOX_MS = 5 * MINUTE_MS;

/** A night and some hours. */
export const OLD_RUN_MS = 30 * HOUR_MS;
