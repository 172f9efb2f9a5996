// A pair of accounts of the sandbox that answers in one certain way.

import type { CallToolsSettings } from '../../sandbox/calltools/settings.ts';
import type { CallTools } from '../../sandbox/calltools.ts';
import type { GoHighLevelSettings } from '../../sandbox/gohighlevel/settings.ts';
import type { GoHighLevel } from '../../sandbox/gohighlevel.ts';

/** One call as it reaches a vendor. */
export interface Asked {
  vendor: 'gohighlevel' | 'calltools';
  method: string;
  /** Without a base path and the query: `/contacts/`. */
  path: string;
  query: URLSearchParams;
  /** Undefined where there was none. */
  body: Record<string, unknown> | undefined;
}

/** An answer in JSON. */
export interface Told {
  status: number;
  json: unknown;
}

/** How the accounts of the sandbox are, as far as they differ from the usual ones. */
export interface SandboxAccount {
  ghl?: Partial<GoHighLevelSettings>;
  callTools?: Partial<CallToolsSettings>;
  /** Answers in the vendor's place: the call has no effect. Undefined leaves it to the vendor. */
  instead?(asked: Asked): Told | undefined;
  /** The vendor's own answer in another form. */
  reshape?(told: Told, asked: Asked): Told;
  /** What is there before. */
  prepare?(vendors: { ghl: GoHighLevel; callTools: CallTools }): void;
  /** What the person answers who looks at a page; absent = nobody is there. */
  person?: string;
}

/** The usual accounts. */
export const USUAL: SandboxAccount = {};

/** Every row of this list of CallTools (`/contacts/`) in another form. */
export function rowsAs(list: string, change: (row: Record<string, unknown>) => Record<string, unknown>) {
  return (told: Told, { vendor, path }: Asked): Told => {
    if (vendor !== 'calltools' || path !== list || told.status !== 200) return told;
    const page = told.json as { results: Record<string, unknown>[] };
    return { ...told, json: { ...page, results: page.results.map(change) } };
  };
}

/** Every answer about one CallTools contact in another form: what a write shows, and the detail. */
export function contactOf(change: (contact: Record<string, unknown>) => Record<string, unknown>) {
  return (told: Told, { vendor, path }: Asked): Told => {
    const isContact = vendor === 'calltools' && /^\/contacts\/(\d+\/)?$/.test(path) && told.status < 300;
    const json = told.json as Record<string, unknown> | null;
    return isContact && json !== null && 'id' in json ? { ...told, json: change(json) } : told;
  };
}

/** This answer to calls of this method and path. */
export function refusing(method: string, path: RegExp, status: number, json: unknown) {
  return (asked: Asked): Told | undefined =>
    asked.method === method && path.test(asked.path) ? { status, json } : undefined;
}
