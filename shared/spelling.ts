// One text, many spellings: escapes of HTML, JSON and URLs are undone, and letters are reduced to what is left of them in another system.

/** Escapes inside escapes: a proxy's page that quotes JSON that quotes a URL. */
const MAX_LAYERS = 3;

/** The text without escapes of any kind, and without characters that are not seen. */
export function spelledOut(text: string): string {
  let plain = text;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const next = unescapedOnce(plain);
    if (next === plain) break;
    plain = next;
  }
  return withAsciiDigits(plain.replace(/\p{Default_Ignorable_Code_Point}/gu, ''));
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const JSON_ESCAPES: Record<string, string> = { n: '\n', r: '\n', t: ' ', '"': '"', '/': '/', '\\': '\\' };

function unescapedOnce(text: string): string {
  if (!/[&\\%]/.test(text)) return text;
  return text
    .replace(/&#(\d{1,7});?/g, (all, code) => character(Number(code), all))
    .replace(/&#x([0-9a-f]{1,6});?/gi, (all, code) => character(Number.parseInt(code, 16), all))
    .replace(/&([a-z]{2,8});/gi, (all, name: string) => ENTITIES[name.toLowerCase()] ?? letterOf(name) ?? all)
    .replace(/\\u\{?([0-9a-f]{4,6})\}?|\\x([0-9a-f]{2})/gi, (all, long, short) =>
      character(Number.parseInt(long ?? short, 16), all),
    )
    .replace(/\\([nrt"/\\])/g, (all, char: string) => JSON_ESCAPES[char] ?? all)
    .replace(/(?:%[0-9a-f]{2})+/gi, percentDecoded);
}

/** `&eacute;`, `&szlig;`: the letters that are left without the accent. */
function letterOf(name: string): string | undefined {
  const [, letters] =
    /^([a-z]{1,2})(?:acute|grave|circ|uml|tilde|cedil|ring|slash|caron|lig|breve|macr|ogon|strok)$/i.exec(name) ?? [];
  return letters;
}

function character(code: number, otherwise: string): string {
  try {
    return String.fromCodePoint(code);
  } catch {
    return otherwise;
  }
}

function percentDecoded(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    // Not UTF-8: an older system's one byte for a letter.
    return escaped.replace(/%(..)/g, (all, hex) => character(Number.parseInt(hex, 16), all));
  }
}

/** "٣٠٥" as "305". */
export function withAsciiDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let zero = code;
    // Unicode keeps the ten digits of a script together.
    while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
    return String((code - zero) % 10);
  });
}

const LETTERS: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', þ: 'th', ı: 'i' };

/** Letters and digits only, without case and accents: "O’BRIEN" and "o'brien" are one. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ßæœøđðłþı]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** The digits of the text, without anything between them. */
export function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}
