// What may be quoted of a vendor's answer: the sentences of its error without the names and numbers in them, or only how it is built.

import { harmless, isHarmless } from '../../../shared/harmless.ts';
import { isNameOf, type Known, knownFrom } from '../../../shared/known-people.ts';
import { folded } from '../../../shared/spelling.ts';
import type { Call } from './call.ts';

const MAX_CHARS = 300;
/** Of what is no JSON: a page's title says what is wrong, the rest is anything. */
const MAX_PAGE_CHARS = 80;
/** Enough of a page to quote from. */
const PAGE_SOURCE_CHARS = 20_000;
/** A longer 2xx is data, not an error in disguise. */
const MAX_DISGUISED_CHARS = 2_000;
const MAX_DEPTH = 4;
const MAX_SENTENCES = 10;
/** Keys and entries of an error that are looked at: sentences may repeat, and may say nothing. */
const MAX_LOOKS = 200;
const SHOWN_FIELDS = 8;

/** Answers of one batch that are kept in mind, and texts in them that are looked at where one must be quoted. */
const MAX_TOLD = 400;
const MAX_TEXTS = 20_000;
/** Of long answers so much is kept in mind: no more is looked at, and a run reads 200 pages of the contact list in one invocation. */
const MAX_TOLD_CHARS = 2_000_000;

/** What both vendors have told one batch about people, and what it sent about them. Nothing of it may be quoted. */
export interface People {
  /** Kept as it is: it is read only where a vendor's text must be quoted. An answer of this many characters makes room for later ones. */
  note(json: unknown, chars?: number): void;
  /** `more` is what else the text may be about. */
  known(...more: unknown[]): Known;
}

/** Nobody is known yet. */
export function createPeople(): People {
  const told: { json: object; chars: number }[] = [];
  let kept = 0;
  const forget = (at: number) => {
    for (const { chars } of told.splice(at, 1)) kept -= chars;
  };
  return {
    note(json, chars = 0) {
      if (typeof json !== 'object' || json === null) return;
      kept += chars;
      if (told.push({ json, chars }) > MAX_TOLD) forget(0);
      for (let at = 0; kept > MAX_TOLD_CHARS && at < told.length - 1; ) {
        if ((told[at]?.chars ?? 0) > 0) forget(at);
        else at++;
      }
    },
    known: (...more) => knownFrom(textsIn([...more, told.map(({ json }) => json).toReversed()])),
  };
}

/** A vendor's answer as text, and the call that it answers. */
export interface Quotable {
  status: number;
  text: string;
  /** Undefined where the text is no JSON. */
  json: unknown;
  call: Pick<Call, 'path' | 'body' | 'personal'>;
  people: People;
}

/** At most 300 characters that a log, a dead letter or an alert may hold. */
export function quoted({ status, text, json, call, people }: Quotable): string {
  const isJson = /^\s*[[{]/.test(text);
  if (isJson && (typeof json !== 'object' || json === null || (status < 300 && !isDisguised(json, text))))
    return built(text, json);
  if (text === '') return '';
  const known = people.known(factsIn(json), [...queryOf(call).values()]);
  const rules = { known, allowed: ownWords(call), looks: 0 };
  if (!isJson) {
    const page = text.slice(0, PAGE_SOURCE_CHARS);
    const [, title = ''] = /<title[^>]*>([\s\S]*?)<\/title>/i.exec(page) ?? [];
    const plain = page.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ');
    return cut(harmless(title.trim() || plain, rules), MAX_PAGE_CHARS);
  }
  const sentences = firstSentences(json, rules);
  return sentences.length === 0 ? built(text, json) : cut(sentences.reduce(followedBy), MAX_CHARS);
}

/** No more than is quoted is looked for: an error may have 20,000 keys. */
function firstSentences(json: unknown, rules: Rules): string[] {
  const sentences = new Set<string>();
  let chars = 0;
  for (const sentence of sentencesIn(json, rules, '', 0)) {
    if (sentences.has(sentence)) continue;
    sentences.add(sentence);
    chars += sentence.length;
    if (sentences.size >= MAX_SENTENCES || chars > MAX_CHARS) break;
  }
  return [...sentences];
}

/** Words that we have sent and that name nobody: ids in the path, names of fields, and what a body says that is not about a person. */
function ownWords({ path, body, personal }: Quotable['call']): ReadonlySet<string> {
  const sent = typeof body === 'object' && body !== null ? body : {};
  const values = personal ? [] : [...textsIn(sent)].flatMap((text) => text.split(/\s+/));
  return new Set([...path.replace(/\?.*/, '').split('/'), ...Object.keys(sent), ...values]);
}

/** Queries hold phone numbers. */
function queryOf({ path }: Quotable['call']): URLSearchParams {
  return new URLSearchParams(/\?.*/.exec(path)?.[0]);
}

function followedBy(text: string, next: string): string {
  return `${text}${/[.!?]$/.test(text) ? '' : ';'} ${next}`;
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}

/** Names of fields in which vendors put what they have to say. */
const SAYS =
  /^(?:detail|details|message|messages|msg|error|errors|error_?description|error_?message|non_field_errors|title|description|reason)$/i;
/** A short fact about the error itself. */
const MARKS = /^(?:code|error_?code|type|trace_?id|request_?id|ray_?id|reference)$/i;
/** It says nothing beyond the HTTP status. */
const STATUS = /^(?:status|status_?code|success|ok)$/i;

/** A 2xx that holds an error and nothing else: it may be quoted as one. */
function isDisguised(json: object, text: string): boolean {
  const keys = Object.keys(json);
  const says = keys.every((key) => SAYS.test(key) || MARKS.test(key) || STATUS.test(key));
  return says && keys.length > 0 && !Array.isArray(json) && text.length <= MAX_DISGUISED_CHARS;
}

/** How an answer is built, without its values: it may hold a whole contact. */
function built(text: string, json: unknown): string {
  const fields = typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.keys(json) : [];
  const named = fields.filter((field) => /^[a-z_][A-Za-z0-9_]{0,63}$/.test(field) && isHarmless(field));
  const shown = named.slice(0, SHOWN_FIELDS).join(', ');
  return `JSON of ${text.length} characters${shown && ` with ${shown}`}`;
}

interface Rules {
  known: Known;
  allowed: ReadonlySet<string>;
  /** Keys and entries that were looked at so far. */
  looks: number;
}

/** "mobile_phone_number: This field is required.", "Invalid JWT": each text of the error, after the field that it is about. */
function* sentencesIn(json: unknown, rules: Rules, field: string, depth: number): Generator<string> {
  const about = field === '' ? '' : `${field}: `;
  if (typeof json === 'string' || typeof json === 'number') {
    const said = harmless(String(json), rules);
    if (said !== '') yield `${about}${said}`;
  } else if (typeof json === 'object' && json !== null && depth < MAX_DEPTH) {
    if (Array.isArray(json)) yield* sentencesOfList(json, rules, field, depth);
    else yield* sentencesOf(json, rules, field, depth);
  }
}

function* sentencesOfList(json: readonly unknown[], rules: Rules, field: string, depth: number): Generator<string> {
  for (const one of json) {
    if (rules.looks++ >= MAX_LOOKS) return;
    yield* sentencesIn(one, rules, field, depth + 1);
  }
}

function* sentencesOf(json: object, rules: Rules, field: string, depth: number): Generator<string> {
  for (const [key, value] of Object.entries(json)) {
    if (rules.looks++ >= MAX_LOOKS) return;
    if (STATUS.test(key)) continue;
    const says = SAYS.test(key);
    const name = says ? field : [field, fieldName(key, rules)].filter(Boolean).join('.');
    // A bare value is what a record holds; a list is what is wrong with it.
    if (says || MARKS.test(key) || typeof value === 'object') yield* sentencesIn(value, rules, name, depth + 1);
    else yield `${name}: …`;
  }
}

/** Names of fields are the vendor's, or the account's own: not where the contact's data is used as one. */
function fieldName(key: string, { known, allowed }: Rules): string {
  if (allowed.has(key)) return key;
  if (!/^[a-z_][A-Za-z0-9_]{0,63}$/.test(key)) return '[field]';
  const parts = [key, ...key.split('_'), ...key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').split('_')].map(folded);
  const fold = folded(key);
  const ofSomebody = parts.some((part) => isNameOf(known, part)) && !isHarmless(key);
  const holdsName = [...known.names].some((name) => name.length >= 4 && fold.includes(name)) && !isHarmless(key);
  return !ofSomebody && !holdsName && !/\d{4}/.test(key) ? key : '[field]';
}

/** What an error answer holds beside its sentences: the record that it is about, perhaps. */
function factsIn(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  return Object.fromEntries(
    Object.entries(json).flatMap(([key, value]) => {
      if (MARKS.test(key) || STATUS.test(key) || Array.isArray(value)) return [];
      if (SAYS.test(key)) return typeof value === 'object' ? [[key, factsIn(value)]] : [];
      return [[key, value]];
    }),
  );
}

/** Ids name nobody, and are worth reading; of other times than a birthday that is true too. */
const NOT_PERSONAL = /^(?:id|uuid)$|_id$|Id$|^(?:date(?:Added|Updated)|created_on|updated_on|searchAfter|sort)$/;

/** Every text and number of it, the values only. */
function* textsIn(json: unknown): Generator<string> {
  const open: unknown[] = [json];
  for (let texts = 0; open.length > 0 && texts < MAX_TEXTS; ) {
    const value = open.pop();
    if (typeof value === 'string' || typeof value === 'number') {
      texts++;
      yield String(value);
    } else if (Array.isArray(value)) for (const one of value) open.push(one);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) if (!NOT_PERSONAL.test(key)) open.push(inner);
  }
}
