/** What all first names of the simulation begin with. */
export const STEM = 'Zo\u00eblinde';
/** What all texts begin with that only mapped and custom fields hold. */
export const FIELD_STEM = 'Vr\u00ebkolt';

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

/** Names, numbers and texts of fields in any JSON. */
export function personalIn(json: string): string[] {
  return found(json, new RegExp(`(?:${STEM}|${FIELD_STEM})\\d+|\\+1\\d{10}`, 'g'));
}

/** The same in what was sent, with the numbers and dates of fields: nobody can tell one that was never seen from an id or a time. */
export function personalInSent(json: string): string[] {
  return [...personalIn(json), ...found(json, /\b7391\d{4}\b|\b197[1-9]-\d\d-\d\d/g)];
}

function found(json: string, pattern: RegExp): string[] {
  return [...new Set(json.match(pattern) ?? [])];
}

const NAMED = [STEM, FIELD_STEM].flatMap((stem) => SPELLINGS.map((spell) => spell(stem).toLowerCase()));
/** Numbers and dates that only mapped and custom fields hold (field-forms.ts). */
const OF_FIELDS = /(?<![\w.-])7 ?3,? ?9 ?1 ?\d,? ?\d ?\d ?\d(?![\w-])|(?<!\d)197[1-9]-\d\d-\d\d/;
const NUMBERED = /(?<![\w.-])(?:\+|%2b)?1?[ -]?\(?305\)?[ -]?\d ?\d ?\d[ -]?\d ?\d ?\d ?\d(?!\w)/i;

/** True where a log line or a row tells of somebody, in whatever spelling. */
export function tellsOfSomebody(text: string): boolean {
  const small = text.toLowerCase();
  return NAMED.some((name) => small.includes(name)) || NUMBERED.test(text) || OF_FIELDS.test(text);
}
