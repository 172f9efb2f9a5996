// The real ingest over a real queue and D1, with a hand on the queue: a test says what becomes of each send.

import type { MessageBatch } from '@cloudflare/workers-types';
import type { Message } from '../../shared/messages.ts';
import { type Env, REAL_WORLD } from '../../workers/ingest/env.ts';
import { createIngest } from '../../workers/ingest/ingest.ts';

/** `hold`: neither takes nor refuses until the mode changes. `oversize`: more than the queue takes in one message. */
export type Mode = 'take' | 'hold' | 'refuse' | 'oversize';

export interface Seen {
  sends: number;
  delivered: { contactId: string; snapshot: unknown }[];
}

let mode: Mode = 'take';
/** Ingest's own budget where this is empty. */
let budgetMs = '';
let sends = 0;
const delivered: Seen['delivered'] = [];

const LOOK_MS = 10;
const ingest = createIngest(REAL_WORLD);

function troubled(queue: Env['EVENTS']): Env['EVENTS'] {
  const send = async (message: Message) => {
    sends++;
    while (mode === 'hold') await aMoment();
    if (mode === 'refuse') throw new Error('Queue send failed: 10250 overloaded');
    return queue.send(mode === 'oversize' ? Object.assign({ filling: ' '.repeat(130_000) }, message) : message);
  };
  return { send };
}

const aMoment = () => new Promise((resolve) => setTimeout(resolve, LOOK_MS));

export default {
  async fetch(request: Request, env: Env, context: { waitUntil(promise: Promise<unknown>): void }): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/seen') return Response.json({ sends, delivered } satisfies Seen);
    if (pathname !== '/mode')
      return ingest.fetch(request, { ...env, EVENTS: troubled(env.EVENTS), ACK_BUDGET_MS: budgetMs }, context);
    budgetMs = searchParams.get('budgetMs') ?? '';
    mode = searchParams.get('is') as Mode;
    return new Response(null, { status: 204 });
  },

  async queue({ messages }: MessageBatch<Message>): Promise<void> {
    for (const { body } of messages) {
      if (body.kind === 'contact.changed') delivered.push({ contactId: body.contactId, snapshot: body.snapshot });
    }
  },
};
