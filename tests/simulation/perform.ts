// Carrying out a history's actions, and the network that brings GoHighLevel's webhooks to the public worker.

import { confirmHeld } from './confirm-held.ts';
import { ADMIN_TOKEN } from './credentials.ts';
import type { Action, Fates } from './history.ts';
import { PHONES, USUAL } from './history.ts';
import { createDeals } from './perform-deals.ts';
import { changeAccount, changesLists, patchOf, patchOfSms } from './perform-fields.ts';
import { blend, handOf } from './perform-hands.ts';
import { refuse } from './perform-refusals.ts';
import { STEM } from './quotes.ts';
import type { World } from './world.ts';

export interface Performer {
  perform(action: Action): Promise<void>;
  /** The pipeline has acknowledged a webhook that tells of the contact's present state. */
  upToDate(contactId: string): boolean;
  /** It has acknowledged the last webhook about the contact's DND. */
  dndHeard(contactId: string): boolean;
  /** It has acknowledged the last webhook about the contact's number. */
  numberHeard(contactId: string): boolean;
  /** What can be known of the accounts' fields has changed, or could not be read. */
  readonly listsChanged: boolean;
  /** Webhooks that are still on their way. */
  underWay(): number;
  /** Buckets that were deleted by hand, or got a twin. */
  readonly deleted: ReadonlySet<string>;
  /** Ids of the twins. */
  readonly twins: ReadonlySet<number>;
  /** Numbers whose contacts in CallTools were changed by hand. */
  readonly meddled: ReadonlySet<string>;
}

/** What is done to a person in GoHighLevel, and may cause webhooks. */
type OnPerson = Exclude<Extract<Action, { fates: Fates }>, { do: 'deal' }>;

export function createPerformer(world: World): Performer {
  const { clock, gohighlevel, callTools, truth, random, late, report } = world;
  const { dndUnheard } = truth;
  const people = new Map<number, string>();
  const fateOf = new Map<string, number[]>();
  /** What a webhook tells of: the contact, and which of its versions. */
  const tells = new Map<string, { contactId: string; version: number }>();
  const heard = new Map<string, number>();
  const deleted = new Set<string>();
  const twins = new Set<number>();
  const meddled = new Set<string>();
  let fates: Fates = USUAL;
  let seen = 0;
  let names = 0;
  let imported = 0;
  let underWay = 0;
  let listsChanged = false;

  const deals = createDeals(gohighlevel);
  const upToDate = (id: string) => (heard.get(id) ?? -1) === truth.versions(id).length - 1 && deals.isHeard(id);
  const dndHeard = (id: string) => !dndUnheard.has(id);
  /** By contact id, the last webhook about its number, until it is acknowledged: while reads lag, no other kind of webhook counts for that. */
  const numberUnheard = new Map<string, string>();

  const ofOurs = random.fork('webhooks of our writes');
  const FATES: (() => number[])[] = [
    () => [ofOurs.int(10, 200)],
    () => [ofOurs.spread(10, 400_000)],
    () => [ofOurs.int(10, 200), ofOurs.spread(10, 60_000)],
    () => [],
  ];
  world.notices.start(
    () => underWay++,
    () => underWay--,
  );

  gohighlevel.sendWebhooksTo({ url: '/webhook/ghl', sign: world.sign, fetch: network as typeof fetch });

  async function network(_url: string, { body, headers }: RequestInit): Promise<Response> {
    const text = new TextDecoder().decode(body as Uint8Array);
    const { webhookId, id, type } = JSON.parse(text) as { webhookId: string; id: string; type: string };
    if (!tells.has(webhookId)) wrote(webhookId, id, type);
    const copies = fateOf.get(webhookId) ?? [random.int(10, 200)];
    fateOf.delete(webhookId); // a retry travels as usual
    if (copies.length === 0) return new Response(null);
    underWay++;
    try {
      const answers = copies.map((ms) => arrive(ms, text, headers as Record<string, string>, webhookId));
      return (await answers[0]) ?? (await Promise.reject(new TypeError('fetch failed')));
    } finally {
      underWay--;
    }
  }

  async function arrive(ms: number, text: string, headers: Record<string, string>, webhookId: string) {
    await clock.wait(ms);
    const answer = await world.request('/webhook/ghl', { method: 'POST', body: text, headers });
    world.note(`webhook ${webhookId} answered ${answer?.status ?? 'by nobody'}`);
    if (answer?.status !== 202) return answer;
    const { status } = (await answer.clone().json()) as { status: string };
    const told = tells.get(webhookId);
    if (status !== 'queued' || !told || late.has(webhookId)) return answer;
    if (!world.isStored(webhookId))
      report('unstored', `webhook ${webhookId} was acknowledged, and nothing has stored it`);
    deals.heard(webhookId);
    for (const unheard of [dndUnheard, numberUnheard])
      if (unheard.get(told.contactId) === webhookId) unheard.delete(told.contactId);
    heard.set(told.contactId, Math.max(heard.get(told.contactId) ?? -1, told.version));
    return answer;
  }

  /** The webhook tells of a write of the pipeline. That of tags needs not be heard of. */
  function wrote(webhookId: string, contactId: string, type: string): void {
    const isKnown = upToDate(contactId);
    truth.note(gohighlevel.contacts(), clock.now);
    const version = truth.versions(contactId).length - 1;
    if (isKnown && type === 'ContactTagUpdate') heard.set(contactId, version);
    if (type === 'ContactDndUpdate') dndUnheard.set(contactId, webhookId);
    tells.set(webhookId, { contactId, version });
    fateOf.set(webhookId, ofOurs.pick(FATES)());
  }

  /** Gives the webhooks that an action has caused their fates, and notes what they tell. */
  function announced(): void {
    truth.note(gohighlevel.contacts(), clock.now);
    const caused = gohighlevel.deliveries.slice(seen).filter(({ webhookId }) => !tells.has(webhookId));
    for (const [index, { webhookId, contactId, type }] of caused.entries()) {
      fateOf.set(webhookId, fates[index % fates.length] ?? []);
      if (type === 'ContactDndUpdate') dndUnheard.set(contactId, webhookId);
      if (type === 'ContactUpdate') numberUnheard.set(contactId, webhookId);
      tells.set(webhookId, { contactId, version: truth.versions(contactId).length - 1 });
    }
    seen = gohighlevel.deliveries.length;
  }

  async function change(chosen: Fates, act: () => Promise<unknown>): Promise<void> {
    fates = chosen.length > 0 ? chosen : USUAL;
    const done = act();
    announced();
    await done;
  }

  async function onPerson(person: number, chosen: Fates, act: (id: string) => Promise<unknown>): Promise<void> {
    const id = people.get(person);
    if (id !== undefined) await change(chosen, () => act(id));
  }

  async function perform(action: Action): Promise<void> {
    listsChanged ||= changesLists(action);
    switch (action.do) {
      case 'resend': {
        const sent = gohighlevel.deliveries.at(-1 - action.back);
        if (sent) void gohighlevel.resend(sent.webhookId);
        return;
      }
      case 'import':
        return change(USUAL, async () => {
          for (let index = 0; index < action.count; index++) {
            const phone = `+1305556${String(++imported).padStart(4, '0')}`;
            void gohighlevel.addContact({ firstName: `${STEM}${++names}`, phone, tags: ['cold lead'] });
          }
        });
      case 'backstop':
        if (action.by === 'cron') world.cron({ night: true });
        else void trigger();
        return;
      case 'fault':
        return world.faults.plan(action);
      case 'kill': {
        const isolates = action.worker === 'consumer' ? world.consumers : world.ingests;
        return isolates.main().planKill(action);
      }
      case 'refuse':
      case 'refuse-one-of-two': {
        const id = people.get(action.person);
        return id === undefined ? undefined : refuse(action, id, world, meddled);
      }
      case 'jump':
        clock.jump(action.ms);
        return truth.note(gohighlevel.contacts(), clock.now);
      case 'delete-bucket':
        callTools.deleteBucket(action.bucket);
        deleted.add(action.bucket);
        return;
      case 'say-no':
        return world.saidNo.sayNo(action);
      case 'agent-call':
        return world.calls.call(action, (id) => upToDate(id) && dndHeard(id));
      case 'edit-row':
        return world.byHand(() => world.calls.rows.edit(action));
      case 'call-others':
        return world.calls.callOthers(action);
      case 'place-again': {
        const id = people.get(action.person);
        if (id !== undefined) void placeAgain(id);
        return;
      }
      case 'confirm':
        return confirmHeld(world);
      case 'twin-bucket':
        return twinBucket(action);
      case 'by-hand':
        return handOf(action, world, meddled);
      case 'blend':
        return blend(action, world, meddled);
      case 'scopes':
      case 'account':
        return changeAccount(world, action);
      case 'odd-form': {
        const id = people.get(action.person);
        if (id !== undefined) world.forms.odd.set(id, action);
        return;
      }
      case 'deal':
        if (world.setup.rules !== 'deals') return;
        return change(action.fates, () => deals.perform(action, people));
      default:
        return performOnPeople(action);
    }
  }

  function twinBucket({ bucket, phones }: Extract<Action, { do: 'twin-bucket' }>): void {
    world.byHand(() => {
      const twin = callTools.addLabelByHand('buckets', bucket);
      twins.add(twin);
      deleted.add(bucket);
      for (const phone of phones)
        for (const { id, fields } of callTools.withPhone(PHONES[phone] ?? ''))
          if (fields.ghl_contact_id !== '') callTools.putInBucketByHand(id, twin);
    });
  }

  async function performOnPeople(action: OnPerson): Promise<void> {
    const { person, fates: chosen } = action;
    switch (action.do) {
      case 'create': {
        if (people.has(person)) return;
        const { tags, phone, dnd } = action;
        const input = { firstName: `${STEM}${++names}`, phone: PHONES[phone] ?? '', tags, dnd };
        return change(chosen, async () => {
          const made = gohighlevel.addContact(input);
          people.set(person, gohighlevel.contacts().at(-1)?.id ?? '');
          await made;
        });
      }
      case 'retag':
        return onPerson(person, chosen, (id) => gohighlevel.editContact(id, { tags: action.tags }));
      case 'rename':
        return onPerson(person, chosen, (id) => gohighlevel.editContact(id, { firstName: `${STEM}${++names}` }));
      case 'fill':
      case 'answer':
        return onPerson(person, chosen, (id) => gohighlevel.editContact(id, patchOf(world, id, action)));
      case 'rephone':
        return onPerson(person, chosen, (id) => gohighlevel.editContact(id, { phone: PHONES[action.phone] ?? '' }));
      case 'dnd': {
        const { all, call, sms } = action;
        if (sms !== undefined)
          return onPerson(person, chosen, (id) => gohighlevel.editContact(id, patchOfSms(world, id, sms)));
        const dnd = { ...(all !== undefined && { dnd: all }), ...(call !== undefined && { call }) };
        return onPerson(person, chosen, (id) => gohighlevel.setDnd(id, dnd));
      }
      case 'delete':
        await onPerson(person, chosen, (id) => gohighlevel.deleteContact(id));
        people.delete(person);
        return;
      case 'merge': {
        const into = people.get(action.into);
        if (into === undefined || action.into === person) return;
        await onPerson(person, chosen, (id) => gohighlevel.mergeContacts(into, id));
        people.delete(person);
      }
    }
  }

  async function placeAgain(id: string) {
    const granted = world.calls.placesAgain(id);
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await world.request(`/contacts/${id}/place`, { method: 'POST', headers });
    if (answer?.ok) granted();
  }

  function trigger() {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    return world.request('/sync/trigger', { method: 'POST', headers });
  }

  return {
    perform,
    upToDate,
    dndHeard,
    numberHeard: (id) => world.setup.readLagMs === undefined || !numberUnheard.has(id),
    get listsChanged() {
      return listsChanged;
    },
    underWay: () => underWay,
    deleted,
    twins,
    meddled,
  };
}
