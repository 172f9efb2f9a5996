// What a webhook, a search row or an answer says of a contact's tags: what is surely there, and whether that is all.

/** Texts are trimmed and never empty. */
export interface SaidTags {
  /** Surely tags of the contact. */
  sure: string[];
  /** May be tags too: entries of an odd form, or parts of a text that may be one tag or several. A sign against dialing, never for it. */
  perhaps: string[];
  /** Nothing is unreadable. False where the contact may have tags that are not among `sure`. */
  whole: boolean;
}

/** Whatever ends a part of a sentence in any script, bars, bullets, ends of lines, and the same escaped. Tags may have . : ! and ? in them. */
const ODD = [
  String.raw`(?![.,:!?])\p{Terminal_Punctuation}`,
  String.raw`[|¦∣❘｜•·‧∙⋅●▪◦‚\n\r\t\v\f\u0085\u2028\u2029]`,
  String.raw`<\/?[a-z]{1,10}[ /]{0,3}>|\\[nrt]|%(?:2C|3B|7C|0A|0D|09)`,
].join('|');
/** Joins tags in texts of senders that we do not know. */
const SEPARATOR = new RegExp(`,|${ODD}`, 'iu');
/** In a text that is doubtful as a whole, whatever a plain list does not have may join tags too. */
const WIDE_SEPARATOR = /[^\p{L}\p{M}\p{Nd} _.:!?'’-]+|\s{2,}/u;
/** A tag of a list that is plainly joined by commas, GoHighLevel's own way (docs/vendors.md, GoHighLevel: workflow actions). */
const PLAIN_TAG = /^[\p{L}\p{Nd}](?:[\p{L}\p{M}\p{Nd}_.:!?'’-]| (?! ))*$/u;
/** Words by which languages and forms print that there is nothing, or a list: that is not to say that there are no tags. */
const PLACEHOLDER =
  /^(?:undefined|null|none|nothing|nil|nan|n\.?a\.?|false|true|array|list|object|empty|blank|unknown|no tags?|system\..*)$/i;
/** JSON, or a list as another language prints it. */
const STRUCTURE = /^\s*[[{("']/;
/** A tag that is looked for is not deeper, nor among more of them. */
const MAX_DEPTH = 5;
const MAX_PERHAPS = 500;

/** Reads any JSON value; nothing said is a list without tags. */
export function readTags(tags: unknown): SaidTags {
  const said: SaidTags = { sure: [], perhaps: [], whole: true };
  if (tags === undefined || tags === null) return said;
  if (typeof tags === 'string') readText(tags, said);
  else if (Array.isArray(tags)) for (const entry of tags) readEntry(entry, said);
  else doubt(tags, said);
  return said;
}

/** A list as one text. */
function readText(text: string, said: SaidTags): void {
  if (['', 'null'].includes(text.trim().toLowerCase())) return;
  const parts = partsOf(text, ',');
  if (!parts.every((part) => PLAIN_TAG.test(part) && !PLACEHOLDER.test(part))) doubt(text, said);
  else for (const part of parts) said.sure.push(part);
}

function readEntry(entry: unknown, said: SaidTags): void {
  if (typeof entry === 'number') said.sure.push(String(entry));
  else if (typeof entry !== 'string' || isList(entry)) doubt(entry, said);
  else {
    const tag = entry.trim();
    if (tag !== '') said.sure.push(tag);
    if (SEPARATOR.test(tag) || STRUCTURE.test(tag)) addPerhaps(partsOf(tag, SEPARATOR).map(bare), said);
  }
}

/** A list within a text, as JSON or as another language prints it; "[VIP] customer" is a tag. */
function isList(text: string): boolean {
  if (!STRUCTURE.test(text)) return false;
  const trimmed = text.trim();
  return typeof parse(text) === 'object' || (/^[[({]\s*['"]/.test(trimmed) && /['"]\s*[\])}]$/.test(trimmed));
}

function doubt(value: unknown, said: SaidTags): void {
  said.whole = false;
  collect(value, said, 0);
}

/** Every text in the value, in whole and in parts, and the keys of what is merely true ({"customer": true}). */
function collect(value: unknown, said: SaidTags, depth: number): void {
  if (depth > MAX_DEPTH || said.perhaps.length >= MAX_PERHAPS) return;
  if (typeof value === 'string') {
    const parsed = STRUCTURE.test(value) ? parse(value) : undefined;
    if (typeof parsed === 'object') collect(parsed, said, depth + 1);
    else addPerhaps([value.trim(), ...partsOf(value, SEPARATOR), ...partsOf(value, WIDE_SEPARATOR)].map(bare), said);
  } else if (typeof value === 'number') addPerhaps([String(value)], said);
  else if (Array.isArray(value)) for (const one of value) collect(one, said, depth + 1);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) collect(isTrue(one) ? key : one, said, depth + 1);
  }
}

/** Of a list or an object not even the text is made: one nested thousands of levels deep has none. */
function isTrue(value: unknown): boolean {
  return typeof value !== 'object' && ['true', 'yes', '1'].includes(String(value).trim().toLowerCase());
}

function addPerhaps(texts: string[], { perhaps }: SaidTags): void {
  for (const text of texts)
    if (text !== '' && perhaps.length < MAX_PERHAPS && !perhaps.includes(text)) perhaps.push(text);
}

function partsOf(text: string, separator: string | RegExp): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter(Boolean);
}

const FRAME = /[\s[\](){}"']/;

/** Without the brackets and quotation marks of the list that it stood in. No pattern for the end: on a long run in the middle it takes minutes. */
function bare(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && FRAME.test(text.charAt(from))) from++;
  while (to > from && FRAME.test(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
