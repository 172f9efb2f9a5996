// REST hooks of the CallTools account: who is told of what (docs/vendors.md, CallTools: call hooks). Their addresses hold secrets.

import * as v from 'valibot';
import { epochOf } from '../../domain/call-word.ts';
import { read } from '../calltools-errors.ts';
import { LIST, listOf } from '../calltools-lists.ts';
import { Identified, Page } from '../calltools-schema.ts';
import type { Http } from '../http.ts';

/** A subscription. The address may hold a secret: it is never shown as a whole. */
export interface Hook {
  id: number;
  model: string;
  address: string;
}

/** What hooks can be about that tells of a call: the best one first. The second is documented by example, the first by name only. */
export const CALL_MODELS = ['Historical Call Disposition', 'Call'] as const;

/** REST hooks. Every call throws VendorError. */
export interface CallHooks {
  hooks(): Promise<Hook[]>;
  /** When deliveries of this subscription failed lately, epoch ms, as far as that can be read; null = at a time that cannot be read. */
  failedDeliveries(hook: Hook): Promise<(number | null)[]>;
  /** False where CallTools has no hooks of this model. */
  subscribe(model: string, address: string, description: string): Promise<boolean>;
}

/** Where notices go, at ingest. */
export const HOOK_PATH = '/webhook/calltools';

/** A subscription that brings notices of this location to an ingest of this project. */
export function isOurs({ address }: Hook, locationId: string): boolean {
  const url = URL.parse(address);
  const location = url?.searchParams.get('location') ?? locationId;
  return url?.pathname.replace(/\/+$/, '') === HOOK_PATH && location === locationId;
}

const PATH = '/resthooksubscriptions/';
const PAGE_SIZE = 100;
const Row = v.object({ id: v.number(), resthook_model: v.fallback(v.string(), ''), url: v.string() });
/** The fields of an error are not known, but for this guess. */
const Dated = v.object({ created_on: v.unknown() });

/** The hooks of this account. */
export function callHooks(http: Http): CallHooks {
  return {
    async hooks() {
      const found: Hook[] = [];
      for await (const row of listOf(http, PATH, LIST, `?page_size=${PAGE_SIZE}`)) {
        const one = v.safeParse(Row, row);
        if (!one.success) continue;
        const { id, resthook_model, url } = one.output;
        found.push({ id, model: resthook_model, address: url });
      }
      return found;
    },

    async failedDeliveries({ id, address }) {
      const path = `/resthookerrorlogs/?ordering=-pk&page_size=${PAGE_SIZE}`;
      const { results } = read(await http.call({ ...LIST, path, shape: Page }));
      const own = results.filter((row) => {
        const { id: _, ...fields } = Object(row) as Record<string, unknown>;
        return Object.values(fields).some((value) => value === id || value === String(id) || value === address);
      });
      return own.map((row) => (v.is(Dated, row) ? epochOf(row.created_on) : null));
    },

    async subscribe(model, address, description) {
      const body = { resthook_model: model, url: address, description };
      const call = { method: 'POST', path: PATH, about: 'record', body, personal: true } as const;
      const answer = await http.call({ ...call, shape: Identified });
      if (!answer.ok && Object.hasOwn(Object(answer.json), 'resthook_model')) return false;
      read(answer, body);
      return true;
    },
  };
}
