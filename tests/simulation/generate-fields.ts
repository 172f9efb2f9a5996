// The theme of mapped fields: a map of 8 to 40 fields, accounts that fit it more or less, and people whose fields are filled and changed.

import { type CustomField, DEFAULT_SETTINGS } from '../../sandbox/calltools/settings.ts';
import type { CustomFieldDefinition } from '../../sandbox/gohighlevel/custom-fields.ts';
import { LOCATION_USERS } from '../../sandbox/gohighlevel/location-users.ts';
import { ADDRESSES, FORMS, fieldDate, fieldText, NUMBERS, type Written } from './field-forms.ts';
import type { FieldAction, Fields, MappedField, Source } from './fields.ts';
import { type Fates, type History, PEOPLE, type Step, USUAL } from './history.ts';
import type { Rng } from './rng.ts';

const TYPES = ['text', 'text', 'text', 'number', 'boolean', 'date', 'choice'] as const;
const CONTACT_SOURCES = [
  'companyName',
  'source',
  'timezone',
  'dateOfBirth',
  'dateAdded',
  'tags',
  'name',
  'id',
  'type',
  'website',
  'city',
  'postalCode',
] as const;
/** Written unless the map says otherwise; the oracle needs the first name. */
const DEFAULTS: [string, Exclude<Source, { custom: string }>['contact']][] = [
  ['first_name', 'firstName'],
  ['last_name', 'lastName'],
  ['address', 'address1'],
  ['city', 'city'],
  ['state', 'state'],
  ['zip_code', 'postalCode'],
];
/** Refused although they look right. */
const REFUSED_EMAILS = [3, 4, 5].map((n) => `${fieldText(n)}@mail.example`);

/** The history with mapped fields; where lists are all that fails, without any other trouble. */
export function withFields(ofHistory: Rng, { seed, setup, steps }: History): History {
  const rng = ofHistory.fork('fields');
  const calm = rng.chance(0.4);
  const definitions = Array.from({ length: rng.int(4, 14) }, (_, n) => definitionOf(n, rng));
  const customFields: CustomField[] = [{ name: 'ghl_contact_id', type: 'text' }];
  const later: string[] = [];
  const rules = rulesOf(rng, definitions, customFields, later);
  const named = new Set(
    rules
      .flatMap(({ from }) => (Array.isArray(from) ? from : [from]))
      .flatMap((source) => (typeof source !== 'string' && 'custom' in source ? [source.id] : [])),
  );
  const unmapped = { ...definitionOf(99, rng), name: 'Nobody maps this' };
  const fields: Fields = {
    rules,
    removed: DEFAULTS.flatMap(([target]) => (rules.some((rule) => rule.target === target) ? [] : [target])),
    countryForm: rng.chance(0.5) ? 'iso2' : 'name',
    owners: ownersOf(rng),
    definitions: [...definitions, unmapped],
    unmapped: [...definitions, unmapped].flatMap(({ id }) => (named.has(id) ? [] : [id])),
    scopes: rng.chance(0.15) ? 'never' : 'granted',
    later,
    opensUp: rng.chance(0.5),
    calm,
  };
  const callTools = {
    ...setup.callTools,
    customFields,
    refusedEmails: REFUSED_EMAILS,
    emailRefusal: rng.pick(['field', 'detail', 'list'] as const),
  };
  const quiet = calm ? steps.filter(({ act }) => !['fault', 'kill', 'delete-bucket', 'jump'].includes(act.do)) : steps;
  return {
    seed,
    setup: { ...setup, callTools, byHand: calm ? [] : setup.byHand, fields },
    steps: withActions(rng, quiet, fields, later, customFields),
  };
}

/** Ids look as GoHighLevel's do: 20 letters and digits. */
function definitionOf(n: number, rng: Rng): CustomFieldDefinition {
  // Now and then two of one name, which then names neither.
  const name = rng.chance(0.1) ? 'Notes' : `Field Number ${n}`;
  return {
    id: `customFieldAa${String(n).padStart(7, '0')}`,
    name,
    fieldKey: `contact.key_${n}`,
    dataType: 'ANY',
    model: 'contact',
  };
}

function sourceOf(rng: Rng, definitions: CustomFieldDefinition[]): Source {
  if (rng.chance(0.3)) return { contact: rng.pick(CONTACT_SOURCES) };
  if (rng.chance(0.06)) return { custom: 'contact.no_such_key', id: null };
  const { id, fieldKey, name } = rng.pick(definitions);
  const several = definitions.filter((one) => one.name === name).length > 1;
  const roll = rng.next();
  if (roll < 0.35) return { custom: id, id };
  if (roll < 0.6) return { custom: fieldKey, id };
  return roll < 0.75
    ? { custom: fieldKey.replace('contact.', ''), id }
    : { custom: name.toUpperCase(), id: several ? null : id };
}

/** Fills `account` with the fields that the account has, and `later` with those that it may get. */
function rulesOf(
  rng: Rng,
  definitions: CustomFieldDefinition[],
  account: CustomField[],
  later: string[],
): MappedField[] {
  const kept = DEFAULTS.filter(([target]) => target === 'first_name' || rng.chance(0.9));
  const rules: MappedField[] = kept.map(([target, contact]) => ({ target, from: { contact }, ...PLAIN }));
  if (rng.chance(0.5)) rules.push({ target: 'country', from: { contact: 'country' }, ...PLAIN });
  if (rng.chance(0.5)) rules.push({ target: 'time_zone', from: { contact: 'timezone' }, ...PLAIN });
  const count = rng.int(8, rng.pick([12, 40])) - rules.length;
  // An account that takes nearly everything: what nobody lacks is written again only where something else is new.
  const fits = rng.chance(0.35);
  for (let n = 0; n < count; n++) {
    const target = `field_${n}`;
    const rule = ruleOf(target, rng, definitions);
    const as = Array.isArray(rule.from) ? null : 'text';
    const fate = rng.next();
    if (fate < 0.07) {
      // It has a value for everybody, so that the next write shows it.
      rules.push({ target, from: ['GHL ', { contact: 'id' }], ...PLAIN });
      later.push(target);
      continue;
    }
    rules.push(fits ? { ...rule, as, fallback: null } : rule);
    if (fate > 0.12) account.push(fits ? { name: target, type: 'text' } : accountField(rule, rng));
  }
  return rules;
}

const PLAIN = { as: null, fallback: null, empty: 'keep' } as const;

/** Mostly one that takes what the rule makes. */
function accountField({ target: name, as }: MappedField, rng: Rng): CustomField {
  const type = as === null || as === 'list' || rng.chance(0.3) ? rng.pick(TYPES) : as;
  return type === 'choice' ? { name, type, choices: choices(rng) } : { name, type };
}

const choices = (rng: Rng) => Array.from({ length: 12 }, () => fieldText(rng.int(0, NUMBERS - 1)));

function ruleOf(target: string, rng: Rng, definitions: CustomFieldDefinition[]): MappedField {
  const source = () => sourceOf(rng, definitions);
  if (rng.chance(0.15)) {
    const from = ['About ', source(), ...(rng.chance(0.5) ? [' and ', source()] : [])];
    return { target, from, as: null, fallback: rng.chance(0.2) ? fieldText(77) : null, empty: 'keep' };
  }
  const as = rng.chance(0.4) ? null : rng.pick(['text', 'number', 'boolean', 'date', 'list'] as const);
  const fallback = rng.chance(0.15) ? FALLBACKS[as ?? 'text'] : null;
  return { target, from: source(), as, fallback, empty: fallback === null && rng.chance(0.3) ? 'clear' : 'keep' };
}

const FALLBACKS: Record<NonNullable<MappedField['as']>, Written> = {
  text: fieldText(78),
  number: 73_919_999,
  boolean: false,
  date: fieldDate(39),
  list: [fieldText(79)],
};

/** By id and by email, and one whom the account of CallTools does not know. */
function ownersOf(rng: Rng): Fields['owners'] {
  const { users } = DEFAULT_SETTINGS;
  return LOCATION_USERS.filter(() => rng.chance(0.6)).map(({ id: ghlId, email }, index) => {
    const byEmail = rng.chance(0.5);
    const { id, username, email: theirs } = rng.pick(users);
    const user = byEmail ? email.toUpperCase() : ghlId;
    const roll = rng.next();
    if (roll < 0.2) return { user, owner: 'nobody at all', ghlId, byEmail, id: null, byName: true };
    const stranger = `0${index}`.repeat(4).concat('-0000-4000-8000-000000000000');
    if (roll < 0.4) return { user, owner: stranger, ghlId, byEmail, id: stranger, byName: false };
    return { user, owner: roll < 0.6 ? id : roll < 0.8 ? username : theirs, ghlId, byEmail, id, byName: roll >= 0.6 };
  });
}

/** The steps, each of which may be followed by something about fields. */
function withActions(rng: Rng, steps: Step[], fields: Fields, later: string[], account: CustomField[]): Step[] {
  const acts = (): FieldAction | Step['act'] => {
    const roll = rng.next();
    if (roll < 0.65) return filling(rng, fields, rng.int(0, rng.int(0, PEOPLE - 1)));
    if (roll < 0.75 && fields.scopes === 'granted') return { do: 'scopes', granted: rng.chance(0.5) };
    if (roll < 0.82 && later.length > 0) return { do: 'account', field: rng.pick(later), how: 'add' };
    if (roll < 0.9) return { do: 'account', field: rng.chance(0.3) ? 'email' : rng.pick(account).name, how: 'loosen' };
    const mode = rng.pick([
      'hang',
      'reset',
      'html500',
      'unavailable',
      'not-json',
      'nonsense',
      'empty',
      'odd-rows',
      'odd-missing',
      'forbidden',
      'unauthorized',
      'wrong-host',
    ] as const);
    if (!fields.calm && rng.chance(0.4))
      return { do: 'fault', target: 'write', mode: 'quotes', for: { calls: rng.int(1, 3) } };
    return {
      do: 'fault',
      target: 'lists',
      mode,
      for: rng.chance(0.5) ? { calls: rng.int(1, 6) } : { ms: rng.spread(1000, 900_000) },
    };
  };
  return steps.flatMap((step): Step[] => {
    const { act } = step;
    const filled: Step[] = act.do === 'create' ? [{ gap: rng.int(0, 400), act: filling(rng, fields, act.person) }] : [];
    const more = Array.from(
      { length: rng.int(0, 2) },
      (): Step => ({ gap: rng.spread(5, 60_000), act: acts() as Step['act'] }),
    );
    return [step, ...filled, ...more];
  });
}

function filling(rng: Rng, { definitions }: Fields, person: number): FieldAction & { do: 'fill' } {
  const n = () => rng.int(0, NUMBERS - 1);
  const texts: (FieldAction & { do: 'fill' })['texts'] = {};
  if (rng.chance(0.3)) Object.assign(texts, rng.pick(ADDRESSES).typed);
  if (rng.chance(0.4))
    texts.email = rng.pick([
      `${fieldText(n())}@mail.example`,
      `${fieldText(n())}@mail.example`,
      `${fieldText(n())}@nowhere`,
      rng.pick(REFUSED_EMAILS),
      '',
    ]);
  for (const name of ['lastName', 'companyName', 'source', 'city', 'address1', 'website'] as const)
    if (rng.chance(0.25)) texts[name] = rng.chance(0.2) ? '' : fieldText(n());
  if (rng.chance(0.2)) texts.timezone = rng.pick(['America/New_York', 'America/Chicago', '']);
  if (rng.chance(0.2)) texts.dateOfBirth = fieldDate(n());
  if (rng.chance(0.3)) texts.assignedTo = rng.pick(LOCATION_USERS).id;
  const chosen = definitions.filter(() => rng.chance(0.4));
  const custom = Object.fromEntries(
    chosen.map(({ id }): [string, [number, number]] => [id, [rng.int(0, FORMS.length - 1), n()]]),
  );
  const fates: Fates = rng.chance(0.6) ? USUAL : rng.chance(0.6) ? [[]] : [[rng.spread(300, 400_000)]];
  return { do: 'fill', person, texts, custom, fates };
}
