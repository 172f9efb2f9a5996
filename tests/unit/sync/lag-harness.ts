// The consumer over a GoHighLevel whose reads lag behind its webhooks.

import { expect } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

/** Changes in the sandbox whose webhooks a test sends itself. */
export const SILENT = { silent: true };
export const COLD = { tags: ['cold lead'], dnd: false };
export const NONE = { tags: [], dnd: false };
export const MINUTE = 60_000;

type Said = Pick<ContactChanged, 'eventType'> & Partial<ContactChanged>;
export type Lagging = Awaited<ReturnType<typeof lagging>>;

/** A contact in the dialer, long since, unless not `placed`; and a GoHighLevel whose reads lag from now on. */
export async function lagging(readLagMs: number, placed = true, routes?: readonly object[]) {
  const stage = backstopStage({ env: routes ? { SYNC_RULES: JSON.stringify({ routes }) } : {} });
  const { ghl, clock, sqlite } = stage;
  const lead = () => ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'], source: 'web' }, SILENT);
  /** A webhook of this moment. */
  const webhook = (contactId: string, said: Said) => stage.hint(contactId, { occurredAt: clock.at, ...said });
  let id = '';
  if (placed) {
    ({ id } = await lead());
    webhook(id, { eventType: 'ContactCreate', snapshot: COLD });
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    clock.advance(60 * MINUTE);
  }
  ghl.settings.readLagMs = readLagMs;
  return {
    ...stage,
    id,
    lead,
    webhook,
    /** Works off what is there now, and waits for nothing. */
    async now() {
      while (await stage.step());
    },
    reads: () => ghl.calls.count({ method: 'GET' }),
    row: (contactId = id) => ({
      ...sqlite.rows('SELECT state, reason, look_at AS lookAt, told FROM contacts WHERE contact_id = ?1', contactId)[0],
    }),
    readAt: () => sqlite.rows('SELECT read_at AS at FROM contacts')[0]?.at,
    searchHash: (contactId: string) =>
      sqlite.rows('SELECT search_hash AS hash FROM contacts WHERE contact_id = ?1', contactId)[0]?.hash,
    marked: () => stage.callTools.contacts().some(({ doNotContact }) => doNotContact),
  };
}

/** What says out: its name, the change in GoHighLevel with its webhook, and the reason once reads show it. */
export const OUT_CASES: [string, (stage: Lagging) => Promise<unknown>, string][] = [
  [
    'deleted',
    async ({ ghl, id, webhook }) => {
      await ghl.deleteContact(id, SILENT);
      webhook(id, { eventType: 'ContactDelete' });
    },
    'deleted',
  ],
  [
    'a customer',
    async ({ ghl, id, webhook }) => {
      await ghl.editContact(id, { tags: ['customer'] }, SILENT);
      webhook(id, { eventType: 'ContactTagUpdate', snapshot: { tags: ['customer'], dnd: false } });
    },
    'route',
  ],
  [
    'without its tag',
    async ({ ghl, id, webhook }) => {
      await ghl.editContact(id, { tags: [] }, SILENT);
      webhook(id, { eventType: 'ContactTagUpdate', snapshot: NONE });
    },
    'no_route',
  ],
  [
    'not to be contacted',
    async ({ ghl, id, webhook }) => {
      await ghl.setDnd(id, { dnd: true }, SILENT);
      webhook(id, { eventType: 'ContactUpdate', snapshot: { ...COLD, dnd: true } });
    },
    'dnd',
  ],
  [
    'not to be called',
    async ({ ghl, id, webhook }) => {
      await ghl.setDnd(id, { call: 'active' }, SILENT);
      webhook(id, { eventType: 'ContactDndUpdate', snapshot: { ...COLD, dnd: true } });
    },
    'dnd',
  ],
];
