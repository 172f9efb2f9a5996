// Whether two texts are the same phone number, without keeping the number.

/** How many of the last digits count: spellings with and without country code or trunk prefix agree in them. */
const DIGITS = 9;

/**
 * A mark of a phone number, equal for all spellings of one: 16 bits as four hexadecimal digits, far too few to tell the number from. 'none'
 * for no number, null for what is not a number's text.
 */
export function phoneMark(phone: unknown): string | null {
  if (phone === null || phone === undefined) return 'none';
  if (typeof phone !== 'string' && typeof phone !== 'number') return null;
  const text = String(phone).normalize('NFKC').trim();
  if (text === '' || text === 'null') return 'none';
  const digits = text.replace(/[^0-9]/g, '').slice(-DIGITS);
  return digits === '' ? null : hash16(digits);
}

/** FNV-1a of ASCII, folded to 16 bits. */
function hash16(ascii: string): string {
  let hash = 0x811c9dc5;
  for (const character of ascii) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return (((hash >>> 16) ^ hash) & 0xffff).toString(16).padStart(4, '0');
}
