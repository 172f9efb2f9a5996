// Numbers, times and names for people.

const NUMBER = new Intl.NumberFormat();
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** @param {number} n */
export function number(n) {
  return NUMBER.format(n);
}

/** @param {string | null} iso */
export function moment(iso) {
  return iso === null ? 'never' : MOMENT.format(new Date(iso));
}

/** @param {string} iso */
export function clock(iso) {
  return CLOCK.format(new Date(iso));
}

/**
 * A day of UTC.
 *
 * @param {string} iso
 */
export function day(iso) {
  return DAY.format(new Date(iso));
}

/** @param {number} seconds */
export function span(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}

/**
 * `kept_out` is "kept out".
 *
 * @param {string} name
 */
export function plain(name) {
  return name.replaceAll('_', ' ');
}
