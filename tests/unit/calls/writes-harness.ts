// The stage of calls with a GoHighLevel that takes writes, and whose webhooks come back.

import { DEFAULT_SETTINGS, type GoHighLevelSettings } from '../../../sandbox/gohighlevel/settings.ts';
import { callsStage } from './calls-harness.ts';

export const MAY_WRITE = [...DEFAULT_SETTINGS.scopes, 'contacts.write'];
export const READ_ONLY = DEFAULT_SETTINGS.scopes;

/** One entry of each kind. */
export const RESULTS = {
  poll: '1m',
  results: [
    { dispositions: ['Do Not Call'], tags: ['dialer: do not call'], dnd: 'call', hold: true },
    { dispositions: ['Not Interested'], tags: ['dialer: not interested'], hold: true },
    { dispositions: ['Appointment Set'], workflow: 'wf1', note: true },
  ],
  otherwise: { tags: ['dialer: called'] },
};

export type WritesStage = Awaited<ReturnType<typeof writesStage>>;

export async function writesStage(count = 1, ghl: Partial<GoHighLevelSettings> = {}, rules: object = RESULTS) {
  const stage = await callsStage(rules, count, { scopes: MAY_WRITE, ...ghl });
  /** Webhooks that came back. */
  const webhooks: string[] = [];
  stage.ghl.sendWebhooksTo({
    url: 'https://ingest.test',
    sign: async () => ({}),
    fetch: async (_url, init) => {
      const body = JSON.parse(new TextDecoder().decode(init?.body as Uint8Array)) as Body;
      webhooks.push(body.type);
      stage.hint(body.id, {
        eventType: body.type,
        eventId: body.webhookId,
        occurredAt: Date.parse(body.timestamp),
        snapshot: { tags: body.tags, dnd: body.dnd },
      });
      return new Response(null, { status: 202 });
    },
  });
  stage.ghl.calls.clear();
  return {
    ...stage,
    webhooks,
    contact: (n = 0) => stage.ghl.contacts().find(({ id }) => id === stage.ids[n]),
    /** Methods and what follows the contact's id, of all calls since the start. */
    asked: () =>
      stage.ghl.calls
        .list()
        .map(({ method, path }) => `${method} ${path.replace(/^\/contacts\/[A-Za-z0-9]{15,}/, '')}`),
    steps: () => stage.sqlite.rows('SELECT step, state FROM call_writes ORDER BY row_id, step'),
    letters: () => stage.sqlite.rows('SELECT id, reason, error, status FROM dead_letters ORDER BY id'),
    /** Some minutes, each with its work. */
    async minutes(many: number) {
      for (let n = 0; n < many; n++) await stage.nextMinute();
    },
  };
}

interface Body {
  type: string;
  id: string;
  webhookId: string;
  timestamp: string;
  tags: string[];
  dnd: boolean;
}
