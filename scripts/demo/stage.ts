// What a scenario can do with its contact, and how it waits: in both vendors, as a sender of webhooks, and as the operator.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ContactPatch, GhlContact, GoHighLevel } from '../../sandbox/gohighlevel.ts';
import { sightOf } from '../../sandbox/observe/sight.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { hmacSigner } from '../../sandbox/webhooks.ts';
import type { Contact } from '../../shared/api/contacts.ts';
import type { Answer, World } from './world.ts';

/** What a scenario can do and see. */
export interface Stage {
  contact: GhlContact;
  sandbox: Sandbox;
  /** To the webhooks sent, in order. */
  answers: Answer[];

  /** Sends the set-up guide's webhook, by default of the contact as it was added, now, and signed with the right secret. */
  guide(type: string, different?: Partial<GuideWebhook>): Promise<Answer>;
  /** Sends these bytes, signed with HMAC. */
  signed(body: string, secret?: string): Promise<Answer>;
  /** The headers that sign these bytes with HMAC. */
  sign(body: string, secret?: string): Promise<Record<string, string>>;
  /** Sends these bytes with these headers. */
  raw(body: string, headers: Record<string, string>): Promise<Answer>;
  /** What a workflow's webhook action sends. */
  workflow(): Promise<Answer>;

  /** Changes the contact in GoHighLevel, which sends its app webhooks; waits for the first answer to each. */
  inApp(change: (ghl: GoHighLevel, id: string) => Promise<unknown>): Promise<void>;
  /** Changes it without a webhook. */
  silently(patch: ContactPatch): Promise<void>;

  /** Asks for a backstop run. */
  trigger(): Promise<Answer>;
  /** What cron does each minute, now. */
  cron: World['cron'];
  operator: World['operator'];
  /** Its reason in GET /contacts/:id. */
  reason(): Promise<string>;
  /** What CallTools holds under its phone. */
  sight(): string;

  /** Waits until `read` says what is expected. Throws a NotSeen when that takes too long. */
  until(expected: string, read: () => string | Promise<string>, limitMs?: number): Promise<void>;
  pause(ms: number): Promise<void>;
}

/** The set-up guide’s webhook. */
export interface GuideWebhook {
  contact: GhlContact;
  tags: string[];
  /** Epoch ms. */
  timestamp: number;
  secret: string;
}

/** What was waited for did not come. */
export class NotSeen extends Error {}

const LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 25;
const JSON_BODY = { 'content-type': 'application/json' };

/** A stage for one contact. `signal` ends all waiting. */
export function createStage(world: World, contact: GhlContact, signal: AbortSignal): Stage {
  const { pipeline, sandbox, operator, cron } = world;
  const { ghl } = sandbox;
  const answers: Answer[] = [];
  world.listen(contact.id, (answer) => answers.push(answer));

  const send = async (...request: Parameters<World['post']>) => {
    const answer = await world.post(...request);
    answers.push(answer);
    return answer;
  };
  const sign = (body: string, secret = pipeline.webhookSecret) => hmacSigner(secret)(new TextEncoder().encode(body));
  const raw = (body: string, headers: Record<string, string>) =>
    send('/webhook/ghl', body, { ...JSON_BODY, ...headers });
  const signed = async (body: string, secret?: string) => raw(body, await sign(body, secret));

  const until: Stage['until'] = async (expected, read, limitMs = LIMIT_MS) => {
    for (const end = performance.now() + limitMs; ; ) {
      const seen = await read();
      if (seen === expected) return;
      if (performance.now() > end) throw new NotSeen(`expected: ${expected}; seen after ${limitMs / 1000} s: ${seen}`);
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  };

  return {
    contact,
    sandbox,
    answers,
    sign,
    raw,
    signed,
    operator,
    cron,
    until,

    guide(type, { contact: of = contact, tags = of.tags, timestamp = Date.now(), secret } = {}) {
      const { id, firstName, lastName, email, phone } = of;
      const person = { id, firstName, lastName, email, phone, tags };
      return signed(JSON.stringify({ type, location_id: pipeline.locationId, timestamp, contact: person }), secret);
    },

    workflow() {
      const { id, firstName: first_name, lastName: last_name, phone, tags } = contact;
      const person = { contact_id: id, first_name, last_name, phone, tags: tags.join(','), contact_type: 'lead' };
      const more = { location: { id: pipeline.locationId }, workflow: { id: 'demoWorkflow', name: 'New lead' } };
      const token = { authorization: `Bearer ${pipeline.workflowToken}` };
      return send('/webhook/ghl-workflow', JSON.stringify({ ...person, ...more }), { ...JSON_BODY, ...token });
    },

    trigger: () => send('/sync/trigger', '', { authorization: `Bearer ${pipeline.adminToken}` }),

    async inApp(change) {
      await change(ghl, contact.id);
      const mine = ghl.deliveries.filter(({ contactId }) => contactId === contact.id);
      await until(
        'no webhook unanswered',
        () => `${mine.filter(({ status }) => status === 0).length || 'no'} webhook unanswered`,
      );
    },

    async silently(patch) {
      await ghl.editContact(contact.id, patch, { silent: true });
    },

    reason: async () => (await operator<Contact | undefined>('GET', `/contacts/${contact.id}`))?.reason ?? 'not known',
    sight: () => sightOf(sandbox.callTools.contacts().filter(({ phones }) => phones.includes(contact.phone))),

    pause: (ms) => sleep(ms, undefined, { signal }),
  };
}
