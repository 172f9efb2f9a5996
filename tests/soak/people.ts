// What the users of GoHighLevel do all day: leads come in, are edited, tagged, sold, refuse calls, share a phone, are deleted; and
// one webhook in five is lost. A person who said no on a call keeps their route: another one would end the hold.

import type { GhlContact } from '../../sandbox/gohighlevel.ts';
import { DO_NOT_CALL_TAG } from '../../sandbox/observe/check.ts';
import { hmacSigner } from '../../sandbox/webhooks.ts';
import type { Rng } from '../simulation/rng.ts';
import type { Local } from './local.ts';

export interface People {
  /** One thing that somebody does, while nobody else does anything. Throws where the pipeline is down. */
  act(): Promise<void>;
  /** Does this many things at once. Failures are not reported. */
  burst(size: number): Promise<unknown>;
  /** Creates a lead, with its webhooks. */
  lead(): Promise<GhlContact>;
  /** Phones that a deleted or changed contact had, with its id: CallTools may keep a contact of them, out of every bucket. */
  formerPhones: ReadonlyMap<string, string>;
  /** Those that there are. */
  contacts(): Promise<GhlContact[]>;
  /** Phones that several contacts have had at once. */
  sharedPhones: ReadonlySet<string>;
  /** Ids of those who have said no on a call; agents add to it. */
  saidNo: Set<string>;
  count: { changes: number; silent: number; hints: number };
}

type Action = (contact: GhlContact, all: GhlContact[]) => Promise<unknown>;

/** With more contacts than this nobody creates another: the sandbox's GoHighLevel takes 100 calls in 10 s. */
const MOST = 90;
const SILENT = 0.2;
const LEAD = 'cold lead';
/** The area code and the rest of the first number. Every name ends in Soak, so that none can hide in a log. */
const FIRST_PHONE = 3055550200;
const NAMES = ['Ada', 'Bela', 'Cleo', 'Dino', 'Elif', 'Fay', 'Gus', 'Hana', 'Ivo', 'Jette'];
export const PERSONAL = /Soak\b|305\D{0,3}555\D?\d{4}|soak\.example/;

export function createPeople(local: Local, rng: Rng): People {
  const formerPhones = new Map<string, string>();
  const sharedPhones = new Set<string>();
  const saidNo = new Set<string>();
  const count = { changes: 0, silent: 0, hints: 0 };
  const sign = hmacSigner(local.webhookSecret);
  let last = 0;

  const newPhone = () => `+1${FIRST_PHONE + ++last}`;
  const contacts = async () =>
    (await local.sandbox<GhlContact[]>('GET', '/ghl/contacts')).filter(({ lastName }) => lastName === 'Soak');

  function change<T>(method: string, path: string, body?: unknown, silent = rng.next() < SILENT): Promise<T> {
    count.changes++;
    if (silent) count.silent++;
    return local.sandbox<T>(method, `/ghl/contacts${path}${silent ? '?silent=true' : ''}`, body);
  }
  const edit = ({ id }: GhlContact, patch: object) => change('PATCH', `/${id}`, patch);
  const tag = async (contact: GhlContact, tags: string[]) => {
    if (!saidNo.has(contact.id)) await edit(contact, { tags });
  };

  function create(phone: string, silent?: boolean): Promise<GhlContact> {
    const tags = rng.pick([[LEAD], [LEAD, 'vip'], [LEAD, 'past customer'], ['newsletter']]);
    const person = { firstName: rng.pick(NAMES), lastName: 'Soak', email: `${phone.slice(2)}@soak.example` };
    return change<GhlContact>('POST', '', { ...person, phone, tags }, silent);
  }

  /** The set-up guide's webhook, of what somebody knew of the contact: perhaps with tags that it never had. */
  async function hint({ id, firstName, lastName, phone, tags: own }: GhlContact): Promise<void> {
    count.hints++;
    const drawn = rng.pick([[LEAD], ['customer'], []]);
    const types = ['ContactCreate', 'ContactUpdate', 'ContactDelete', 'ContactTagUpdate'];
    const [tags, type] = saidNo.has(id) ? [own, rng.pick(types.slice(0, 3))] : [drawn, rng.pick(types)];
    const contact = { id, firstName, lastName, phone, tags };
    const body = JSON.stringify({ type, location_id: local.locationId, timestamp: Date.now(), contact });
    await local.webhook(body, await sign(new TextEncoder().encode(body)));
  }

  /** One of a pair never refuses calls: CallTools keeps a refusal for ever, and both share the number. */
  async function refuse(contact: GhlContact, all: GhlContact[]): Promise<void> {
    if (!isAlone(contact, all)) return;
    await edit(contact, { call: rng.pick(['active', 'permanent']) });
  }

  async function changePhone(contact: GhlContact, all: GhlContact[]): Promise<void> {
    if (refuses(contact) || contact.tags.includes(DO_NOT_CALL_TAG) || !isAlone(contact, all)) return;
    formerPhones.set(contact.phone, contact.id);
    await edit(contact, { phone: newPhone() });
  }

  async function share(contact: GhlContact, all: GhlContact[]): Promise<void> {
    if (refuses(contact) || saidNo.has(contact.id) || all.length >= MOST) return;
    sharedPhones.add(contact.phone);
    await create(contact.phone);
  }

  async function remove(contact: GhlContact): Promise<void> {
    formerPhones.set(contact.phone, contact.id);
    await change('DELETE', `/${contact.id}`);
  }

  /** Does not depend on what others do at the same time. */
  const anytime: [number, Action][] = [
    [20, (contact) => edit(contact, { firstName: rng.pick(NAMES) })],
    [8, (contact) => edit(contact, { email: `${rng.int(1, 999_999)}@soak.example` })],
    [14, (contact) => tag(contact, [LEAD])],
    [10, (contact) => tag(contact, [LEAD, 'customer'])],
    [8, (contact) => tag(contact, ['newsletter'])],
    [6, remove],
    [12, hint],
  ];
  const alone: [number, Action][] = [
    [3, refuse],
    [4, changePhone],
    [9, share],
  ];
  const drawn = (weights: [number, Action][]) =>
    weights.flatMap(([weight, action]) => Array<Action>(weight).fill(action));
  const [always, usually] = [drawn(anytime), drawn([...anytime, ...alone])];

  async function one(of: Action[]): Promise<void> {
    const [newcomer, action] = [rng.next(), rng.pick(of)];
    const all = await contacts();
    if (all.length < 10 || (all.length < MOST && newcomer < 0.3)) await create(newPhone());
    else await action(rng.pick(all), all);
  }

  return {
    formerPhones,
    sharedPhones,
    saidNo,
    contacts,
    count,
    lead: () =>
      change<GhlContact>('POST', '', { firstName: 'Last', lastName: 'Soak', phone: newPhone(), tags: [LEAD] }, false),
    act: () => one(usually),
    burst: (size) => Promise.allSettled(Array.from({ length: size }, () => one(always))),
  };
}

function refuses({ dndSettings: { Call } }: GhlContact): boolean {
  return Call !== undefined;
}

/** Nobody else has the phone. */
export function isAlone({ phone }: GhlContact, all: GhlContact[]): boolean {
  return all.filter((one) => one.phone === phone).length === 1;
}
