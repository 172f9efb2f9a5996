// Tells the world of what was created: REST hooks, and automations that send an HTTP request (docs/vendors.md, CallTools: call hooks).
// Nothing is signed.

import type { World } from '../../world.ts';
import type { CallToolsSettings } from '../settings.ts';
import { showContact } from '../show.ts';
import type { Table } from '../table.ts';
import { spellTime } from '../times.ts';
import { fill, holds, localsOf } from './merge-fields.ts';
import type { CallRecord, HistoryRow } from './record.ts';

/** What REST hooks can be about. Here only contacts, calls and the record of dispositions tell of themselves. */
export const HOOK_MODELS = [
  'Contact',
  'Historical Call Disposition',
  'Historical Contact Disposition',
  'Call',
  'Goal',
  'Calendar Event',
  'Opportunity',
  'Contact Tag',
  'SMS',
  'Note',
  'Case',
  'Connector Button Click',
  'Phone Number',
  'Email Address',
];

/** A request that was sent, and how it went. */
export interface HookDelivery {
  /** What sent it: a subscription, or the action of an automation. */
  from: 'resthook' | 'automation';
  /** Id of the subscription or of the action. */
  id: number;
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Of the last try; 0 while there was no answer. */
  status: number;
  attempts: number;
}

/** Sends what subscriptions and automations ask for. */
export interface HookSender {
  deliveries: HookDelivery[];
  /** `show` is the object as a GET shows it. */
  created(model: 'Contact' | 'Call' | 'Historical Call Disposition', show: () => Record<string, unknown>): void;
  /** A row of the record of dispositions has appeared. */
  disposed(row: HistoryRow): void;
  /** Waits until nothing is under way. */
  settled(): Promise<void>;
}

interface Options {
  record: CallRecord;
  settings: CallToolsSettings;
  table: Table;
  world: World;
  changed: () => void;
  fetch: typeof fetch;
}

/** The sender of this account. */
export function createHookSender({ record, settings, table, world, changed, fetch: send }: Options): HookSender {
  const deliveries: HookDelivery[] = [];
  const underWay = new Set<Promise<void>>();

  async function post({ url, headers, body }: HookDelivery): Promise<number> {
    try {
      const response = await send(url, { method: 'POST', headers, body, redirect: 'manual' });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  /** Whether CallTools tries again is not known: `hookTries`. */
  async function deliver(delivery: HookDelivery): Promise<void> {
    for (let tries = 0; tries < settings.hookTries; tries++) {
      if (tries > 0) await world.wait(1000 * 2 ** (tries - 1));
      delivery.attempts += 1;
      delivery.status = await post(delivery);
      if (delivery.status >= 200 && delivery.status < 300) return;
    }
    if (delivery.from === 'resthook') logError(delivery);
  }

  /** The fields of a row of the log are an assumption. */
  function logError({ id, url, status }: HookDelivery): void {
    const created_on = spellTime(world.now(), settings);
    record.hookErrors.push({ id: table.nextId(), resthook_subscription: id, url, status_code: status, created_on });
    changed();
  }

  function start(from: HookDelivery['from'], id: number, url: string, content: unknown, given: object = {}): void {
    const headers = { 'content-type': 'application/json', ...given };
    const delivery = { from, id, url, headers, body: JSON.stringify(content), status: 0, attempts: 0 };
    deliveries.push(delivery);
    // The sandbox may close while a retry waits.
    const work = deliver(delivery)
      .catch(() => {})
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }

  return {
    deliveries,

    created(model, show) {
      for (const { id, resthook_model, url } of record.hooks.resthooksubscriptions)
        if (resthook_model === model) start('resthook', id, String(url), partial(show(), settings.hookFields));
    },

    disposed(row) {
      const contact = table.contacts.get(row.contact);
      const locals = localsOf(row, contact && showContact(contact, settings));
      for (const action of record.hooks.webhookactions) {
        const automation = record.hooks.automations.find(({ id }) => id === action.automation);
        const request = record.hooks.httprequests.find(({ id }) => id === action.http_request);
        if (!automation?.active || !action.active || !request) continue;
        if (!holds(automation.condition_set ?? {}, locals)) continue;
        const body = fill(request.body, locals, settings.mergeValues);
        start('automation', action.id, String(request.url), body, request.headers as object);
      }
    },

    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** The fields that hooks of this account send; null is all. */
function partial(shown: Record<string, unknown>, fields: readonly string[] | null): Record<string, unknown> {
  if (fields === null) return shown;
  return Object.fromEntries(Object.entries(shown).filter(([name]) => fields.includes(name)));
}
