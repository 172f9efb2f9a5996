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

/**
 * A boundary between words, or nothing. It stands in open readings only: folding keeps this noncharacter, and a tag that holds one is read
 * openly.
 */
const MAYBE_SPACE = '\ufdd0';
/** What may make an open reading: enclosed letters and digits, invisible characters, and what may be styled (see `isStyled`). */
const OPEN = new RegExp(
  String.raw`[\p{L}\p{N}]\ufe0f?\p{Me}+|${INVISIBLE.source}|[\p{Me}\p{Lm}\p{No}\p{Nl}\p{S}ªº${MAYBE_SPACE}]`,
  'gu',
);

/**
 * Doubtful readings of the text, for what keeps out: `hasOpenly` and `isOpenly` compare them. Each invisible character and enclosing mark
 * may separate two words or be nothing. So may the edges of a styled letter or digit, which folding glues to its neighbours: "Customer™",
 * "VIP①customer", "won²". In a second reading these are spaces. None where the text has no such character.
 */
export function openReadings(text: string): string[] {
  if (/^[ -~]*$/.test(text)) return [];
  let hasStyled = false;
  const opened = (blank: boolean) =>
    text.replace(OPEN, (found) => {
      const plain = found.replace(/[\ufe0f\p{Me}]/gu, '');
      const isEnclosed = plain !== found && plain !== '';
      if (isEnclosed || isStyled(plain)) {
        hasStyled = true;
        return blank ? ' ' : MAYBE_SPACE + plain + MAYBE_SPACE;
      }
      const isSeen = plain !== '' && !INVISIBLE.test(plain);
      // Tab and line break are controls, but also spaces.
      return isSeen || /\p{White_Space}/u.test(plain) ? plain : MAYBE_SPACE;
    });
  const open = opened(false);
  if (open === text) return [];
  return (hasStyled ? [open, opened(true)] : [open]).map(foldOpen).filter(Boolean);
}

/** Symbols, raised letters and numerals that become letters or digits when folded. The half-width mark of length is part of its word. */
function isStyled(character: string): boolean {
  if (character === 'ｰ') return false;
  const plain = character.normalize('NFKC');
  return plain !== character && /[\p{L}\p{N}]/u.test(plain);
}

function foldOpen(text: string): string {
  const joined = fold(text).replace(/[ \ufdd0]+/g, (run) => (run.includes(' ') ? ' ' : MAYBE_SPACE));
  return joined.replace(/^[ \ufdd0]|[ \ufdd0]$/g, '');
}

/** Where the folded text `part` ends that begins there in an open reading; -1 where it does not stand there. */
function endOf(part: string, open: string, from: number): number {
  let at = from;
  for (const character of part) {
    // A space is a space, or what may be one. Every other character may have such a one before it.
    if (open[at] === MAYBE_SPACE && character !== ' ') at++;
    const isThere = open.startsWith(character, at) || (character === ' ' && open[at] === MAYBE_SPACE);
    if (!isThere) return -1;
    at += character.length;
  }
  return at;
}

/** Whether the open reading may be this folded text. */
export function isOpenly(open: string, text: string): boolean {
  return endOf(text, open, 0) === open.length;
}

/** Whether the folded text may stand in the open reading, between what `isBoundary` calls a boundary. What may be a space is one. */
export function hasOpenly(open: string, text: string, isBoundary: (text: string, at: number) => boolean): boolean {
  const isEdge = (at: number) => open[at] === MAYBE_SPACE || open[at - 1] === MAYBE_SPACE || isBoundary(open, at);
  const [first] = text;
  if (first === undefined) return false;
  for (let at = open.indexOf(first); at >= 0; at = open.indexOf(first, at + 1)) {
    const end = endOf(text, open, at);
    if (end > 0 && isEdge(at) && isEdge(end)) return true;
  }
  return false;
}

/** Tab and line break are controls, but also spaces. */
function keepSpace(character: string): string {
  return /\p{White_Space}/u.test(character) ? ' ' : '';
}

function marks(text: string): string {
  return text.replace(SPACES, ' ').replace(DASHES, '-').replace(APOSTROPHES, "'").replace(QUOTES, '"');
}
