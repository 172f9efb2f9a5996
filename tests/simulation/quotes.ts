/** What all first names of the simulation begin with. */
export const STEM = 'Zo\u00eblinde';

const SPELLINGS: ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.normalize('NFD').replace(/\p{M}/gu, ''),
  (text) => encodeURIComponent(text),
  (text) => text.replace(/\u00eb/gi, '&#235;'),
  (text) => text.replace(/\u00eb/gi, '\\u00eb'),
  (text) => [...text].join(' '),
  (text) => text.replace(/^\+1(\d{3})(\d{3})/, '($1) $2-'),
];

/** The nth error of a vendor that repeats these texts. */
export function quoting(texts: string[], n: number): { detail: string } {
  const spell = SPELLINGS[n % SPELLINGS.length] ?? String;
  return { detail: `Contact ${texts.map((text) => spell(text)).join(', ')} cannot be saved at the moment.` };
}

/** First names and numbers in any JSON. */
export function personalIn(json: string): string[] {
  return [...new Set(json.match(new RegExp(`${STEM}\\d+|\\+1\\d{10}`, 'g')) ?? [])];
}

const NAMED = SPELLINGS.map((spell) => spell(STEM).toLowerCase());
const NUMBERED = /(?<![\w.-])(?:\+|%2b)?1?[ -]?\(?305\)?[ -]?\d ?\d ?\d[ -]?\d ?\d ?\d ?\d(?!\w)/i;

/** True where a log line or a row tells of somebody, in whatever spelling. */
export function tellsOfSomebody(text: string): boolean {
  const small = text.toLowerCase();
  return NAMED.some((name) => small.includes(name)) || NUMBERED.test(text);
}
