// /resthooksubscriptions/, /resthookerrorlogs/, /httprequests/, /automations/ and /webhookactions/ (docs/vendors.md, CallTools: call
// hooks). What is missing or of no known kind is refused in Django REST framework's words (inferred).

import { json } from '../../answers.ts';
import type { Account } from '../account.ts';
import { page } from '../paging.ts';
import { spellTime } from '../times.ts';
import type { Errors } from '../write.ts';
import { HOOK_MODELS } from './hook-sender.ts';
import type { HookKind, HookObject } from './record.ts';

type Body = Record<string, unknown>;

/** What a field takes: its complaint about any other value, and the value where none is given. A field without one is required. */
interface Rule {
  complaint(value: unknown, account: Account): string | null;
  absent?: unknown;
}

const text: Rule = { complaint: (value) => (typeof value === 'string' ? null : 'Not a valid string.') };
const url: Rule = {
  complaint: (value) => (/^https?:\/\/[^\s/]+/.test(String(value)) ? null : 'Enter a valid URL.'),
};
const bool: Rule = {
  complaint: (value) => (typeof value === 'boolean' ? null : 'Must be a valid boolean.'),
  absent: true,
};
const object: Rule = {
  complaint: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'Value must be a JSON object.',
};
const oneOf = (choices: readonly string[]): Rule => ({
  complaint: (value) => (choices.some((choice) => choice === value) ? null : `"${value}" is not a valid choice.`),
});
const pointer = (kind: HookKind): Rule => ({
  complaint: (value, { record }) =>
    record.hooks[kind].some(({ id }) => id === value) ? null : `Invalid pk "${value}" - object does not exist.`,
});
const optional = (rule: Rule, absent: unknown): Rule => ({ ...rule, absent });

const RULES: Record<HookKind, Record<string, Rule>> = {
  resthooksubscriptions: { resthook_model: oneOf(HOOK_MODELS), url, description: optional(text, '') },
  httprequests: {
    name: text,
    description: optional(text, ''),
    url,
    trigger_model: oneOf(['Call Disposition']),
    request_type: oneOf(['Post']),
    content_type: oneOf(['Application Json']),
    headers: optional(object, {}),
    body: object,
  },
  automations: {
    name: text,
    description: optional(text, ''),
    active: bool,
    trigger_model: oneOf(['Call Disposition']),
    condition_set: object,
  },
  webhookactions: {
    name: optional(text, ''),
    description: optional(text, ''),
    active: bool,
    automation: pointer('automations'),
    http_request: pointer('httprequests'),
  },
};

/** `GET` and `POST` of one kind. */
export function listHooks({ record, settings }: Account, kind: HookKind, address: URL): Response {
  return page(address, record.hooks[kind], settings, (row) => row);
}

/** `GET /resthookerrorlogs/`. */
export function listHookErrors({ record, settings }: Account, address: URL): Response {
  return page(address, record.hookErrors, settings, (row) => row);
}

/** `POST`: 201 with an id. */
export function createHook(account: Account, kind: HookKind, body: Body): Response {
  const { record, table, settings, world, changed } = account;
  const errors = complaintsAbout(body, kind, account, false);
  if (Object.keys(errors).length > 0) return json(400, errors);
  const created = { id: table.nextId(), ...known(body, kind, true), created_on: spellTime(world.now(), settings) };
  record.hooks[kind].push(created);
  changed();
  return json(201, created);
}

/** `PATCH`, or `PUT`, which needs all required fields. */
export function changeHook(account: Account, kind: HookKind, row: HookObject, body: Body, whole: boolean): Response {
  const errors = complaintsAbout(body, kind, account, !whole);
  if (Object.keys(errors).length > 0) return json(400, errors);
  Object.assign(row, known(body, kind, whole));
  account.changed();
  return json(200, row);
}

/** `DELETE`. */
export function deleteHook({ record, changed }: Account, kind: HookKind, row: HookObject): Response {
  record.hooks[kind].splice(record.hooks[kind].indexOf(row), 1);
  changed();
  return new Response(null, { status: 204 });
}

function complaintsAbout(body: Body, kind: HookKind, account: Account, isPartial: boolean): Errors {
  const errors: Errors = {};
  for (const [name, { complaint, absent }] of Object.entries(RULES[kind])) {
    const isMissing = body[name] === undefined;
    if (isMissing && (isPartial || absent !== undefined)) continue;
    const wrong = isMissing ? 'This field is required.' : complaint(body[name], account);
    if (wrong !== null) errors[name] = [wrong];
  }
  return errors;
}

/** The known fields of a body; all others are dropped. */
function known(body: Body, kind: HookKind, whole: boolean): Body {
  const fields = Object.entries(RULES[kind]).map(([name, { absent }]) => [
    name,
    body[name] ?? (whole ? absent : undefined),
  ]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
