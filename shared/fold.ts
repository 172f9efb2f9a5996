// One spelling for texts that look the same to people. Classes of characters come from Unicode properties, so new characters are covered.

/** Invisible characters, which mean nothing: soft hyphens, joiners, direction and byte order marks, fillers, controls. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/u;
const EVERY_INVISIBLE = new RegExp(INVISIBLE, 'gu');
/** A zero-width space separates words; the braille blank is a space without the property. */
const SPACES = /[\p{White_Space}\p{Zs}\u200b\u2800]+/gu;
/** `Dash` has the minus signs too. Without the property: hyphen bullet, modifier minus, heavy minus, horizontal line extension. */
const DASHES = /[\p{Dash}\u2043\u02d7\u2796\u23af]/gu;
/**
 * What is typed or pasted for an apostrophe. Unicode has no property for these. In order: the single ones of Quotation_Mark; grave and
 * acute accent; modifier letters (prime, turned comma, apostrophe, reversed comma, half rings, vertical line, acute, grave); combining
 * comma above right; tonos; the apostrophes of Armenian, Hebrew, N'Ko and Greek; primes; ornaments; saltillo; full-width ones.
 */
const APOSTROPHES =
  /['\u2018-\u201b\u2039\u203a`\u00b4\u02b9\u02bb-\u02bf\u02c8\u02ca\u02cb\u0384\u055a\u05f3\u07f4\u07f5\u1fbd\u1fbf\u1fef\u1ffd\u1ffe\u2032\u2035\u275b\u275c\ua78b\ua78c\uff07\uff40]|\u0315/gu;
/** Every other quotation mark (by now the single ones are apostrophes), and what is typed for one: double primes, the modifier double prime, gershayim, double ornaments. */
const QUOTES = /(?!')[\p{Quotation_Mark}\u2033\u2036\u02ba\u02ee\u05f4\u275d\u275e]/gu;

/**
 * The text as it is compared. Compatibility forms, case, invisible characters, spaces, dashes, apostrophes and quotation marks make no
 * difference. Accents do: "café" is not "cafe", however it is composed.
 */
export function fold(text: string): string {
  // The usual text has nothing to replace.
  if (/^[a-z0-9 _-]*$/.test(text)) return text.replace(/ +/g, ' ').trim();
  // Before NFKC, which splits some apostrophes into a space and an accent, and again after it, for the characters that it creates.
  const plain = marks(text).replace(EVERY_INVISIBLE, '').normalize('NFKC');
  // Down, up and down again: some letters have two small forms (ß, ς).
  const folded = plain.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  return marks(folded).replace(EVERY_INVISIBLE, '').normalize('NFKC').trim();
}

/**
 * Every way to read the text, folded; the first is `fold` itself. An invisible character may separate two words or stand within one:
 * "past<soft hyphen>customer" and "cus<zero-width space>tomer" both name a customer.
 */
export function readings(text: string): string[] {
  const usual = fold(text);
  if (!INVISIBLE.test(text)) return [usual];
  return [
    ...new Set([usual, fold(text.replace(EVERY_INVISIBLE, keepSpace)), fold(text.replace(EVERY_INVISIBLE, ' '))]),
  ];
}

/** Tab and line break are controls, but also spaces. */
function keepSpace(character: string): string {
  return /\p{White_Space}/u.test(character) ? ' ' : '';
}

function marks(text: string): string {
  return text.replace(SPACES, ' ').replace(DASHES, '-').replace(APOSTROPHES, "'").replace(QUOTES, '"');
}
