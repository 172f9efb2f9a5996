// JSON with comments and trailing commas, as people write it. A mistake is named by line and column, with what to do there.

import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/**
 * The value that the text holds. Throws an Error such as `line 7, column 3: a comma is missing before "bucket"`; both count from 1. A
 * name that stands twice in one object is an error too: JSON.parse would drop the first without a word.
 */
export function readJsonc(text: string): unknown {
  const errors: ParseError[] = [];
  // Windows' editors put an invisible mark before the text.
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first && text.trim() === '') throw at(0, text, 'nothing stands here: it is empty');
  if (first) throw at(first.offset, text, complaint(first, text));
  if (!tree) throw at(0, text, 'there is no value');
  return convert(tree, text);
}

/** Not jsonc-parser's own conversion: it lets a name such as __proto__ change what the object is. */
function convert({ type, value, children = [] }: Node, text: string): unknown {
  if (type === 'array') return children.map((child) => convert(child, text));
  if (type !== 'object') return value;
  const entries = new Map<string, unknown>();
  for (const { children: [name, held] = [] } of children) {
    if (!name || !held) continue;
    if (entries.has(name.value))
      throw at(name.offset, text, `"${name.value}" stands twice in one { }: remove one of them`);
    entries.set(name.value, convert(held, text));
  }
  return Object.fromEntries(entries);
}

function at(offset: number, text: string, what: string): Error {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return new Error(`line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${what}`);
}

/** Longest piece of the text that is quoted. */
const MAX_QUOTED = 40;

function complaint({ error, offset, length }: ParseError, text: string): string {
  const token = text.slice(offset, offset + length).replace(/\p{Cc}/gu, ' ');
  const shown = token.length > MAX_QUOTED ? `${token.slice(0, MAX_QUOTED)}…` : token;
  const before = shown === '' ? 'the end' : shown;
  if (token.startsWith('#')) return '# begins no comment here: write //';
  switch (printParseErrorCode(error)) {
    case 'CommaExpected':
      if (token === ':') return 'the list before this is not closed: a ] is missing';
      if (token === '}' || token === ']') return `a ${token === '}' ? ']' : '}'} is missing before ${token}`;
      return `a comma is missing before ${before}`;
    case 'ColonExpected':
      return `a colon is missing before ${before}`;
    case 'ValueExpected':
      if (token === ',') return 'a value is missing, or there is one comma too many';
      return `a value is missing before ${before}`;
    case 'PropertyNameExpected':
      if (token === ',') return 'there is one comma too many';
      return `a name in double quotes is missing before ${before}`;
    case 'CloseBraceExpected':
      return 'a } is missing at the end';
    case 'CloseBracketExpected':
      return 'a ] is missing at the end';
    case 'EndOfFileExpected':
      return `nothing may follow here, remove ${before}`;
    case 'UnexpectedEndOfString':
      return `the closing double quote of ${before} is missing`;
    case 'UnexpectedEndOfComment':
      return 'the comment is never closed: */ is missing';
    case 'InvalidEscapeCharacter':
    case 'InvalidUnicode':
      return `${before} has a backslash that means nothing: write \\\\ for a backslash`;
    case 'InvalidCharacter':
      return `${before} has a tab or another invisible character in it`;
    default:
      return /^["'‘’“”„`]/.test(token) || /^[\p{L}_$]/u.test(token)
        ? `${shown} must stand in straight double quotes, unless it is a number, true, false or null`
        : `${before} is not expected here`;
  }
}
