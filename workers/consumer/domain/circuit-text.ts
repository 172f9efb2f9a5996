// What is wrong with a vendor, in sentences. The overview, statistics, alerts, the doctor and the log all use these. Pure.

import { spanOf } from '../../../shared/time.ts';
import type { Circuit } from './circuit.ts';
import type { Vendor } from './failure.ts';

/** `refused`: a person must correct something. `down` and `throttled` pass by themselves. */
export type TroubleKind = 'refused' | 'down' | 'throttled';

/** What is wrong with a vendor. */
export interface Trouble {
  kind: TroubleKind;
  vendor: Vendor;
  /** The vendor's own words, or what happened to the call; null where there is nothing to quote. */
  says: string | null;
  /** Since when, epoch ms; null where that is not known. */
  since: number | null;
  /** Epoch ms: from then on the vendor is called again. */
  nextTryAt: number;
  /** What is wrong, in one short sentence without times. */
  brief: string;
  /** What is wrong, in full sentences. */
  what: string;
  /** What a person should do about it. */
  todo: string;
}

/** What these sentences need of a circuit. */
export type TroubleFacts = Pick<
  Circuit,
  'vendor' | 'openReason' | 'openKind' | 'openedAt' | 'probeAt' | 'throttledUntil'
>;

/** The moment for which the sentences are true. */
export interface Now {
  /** Epoch ms. */
  now: number;
  /** About how many contacts wait; null: not known. Left out where the text is not to say it. */
  waiting?: number | null;
}

/** The vendors as people write them. */
export const VENDOR_NAMES: Record<Vendor, string> = { gohighlevel: 'GoHighLevel', calltools: 'CallTools' };

/** What is wrong with the vendor; null while its work goes on. */
export function troubleOf(circuit: TroubleFacts, { now, waiting }: Now): Trouble | null {
  const { vendor, openReason, openKind, openedAt, probeAt, throttledUntil } = circuit;
  const throttled = throttledUntil > now;
  if (openReason === null && !throttled) return null;
  const name = VENDOR_NAMES[vendor];
  const nextTryAt = Math.max(throttledUntil, openReason === null ? 0 : probeAt);
  const after = [...waitingText(waiting), nextTryText(nextTryAt, now)].join(' ');
  if (openReason === null) {
    const what = `${name} has asked us to slow down. ${after}`;
    const todo =
      'Nothing needs to be done: work goes on by itself. If it happens often, another program uses up the same limit.';
    const brief = `${name} has asked us to slow down.`;
    return { kind: 'throttled', vendor, says: null, since: null, nextTryAt, brief, what, todo };
  }
  const seen = readReason(openReason);
  const kind = openKind ?? 'down';
  const [head, todo] =
    kind === 'refused'
      ? [`${name} refuses our calls${forText(openedAt, now)}.`, whatToCheck(vendor, seen)]
      : [
          `${name} is down${forText(openedAt, now)}.`,
          `Nothing needs to be done: work goes on by itself. If it lasts, ask ${name}.`,
        ];
  const what = `${head} ${seenText(seen, kind)} ${after}`;
  const brief = kind === 'refused' ? `${name} ${REFUSES[refusedFor(seen)]}.` : `${name} is down.`;
  return { kind, vendor, says: seen.says, since: openedAt, nextTryAt, brief, what, todo };
}

/** The trouble that already held up work at `lateAt` (epoch ms), and still does. */
export function holdsUp(circuit: TroubleFacts, lateAt: number, now: number): TroubleKind | null {
  const trouble = troubleOf(circuit, { now });
  return trouble !== null && (trouble.since ?? lateAt) <= lateAt ? trouble.kind : null;
}

function forText(openedAt: number | null, now: number): string {
  return openedAt === null ? '' : ` (for ${spanOf(now - openedAt)}, since ${timeOf(openedAt)} UTC)`;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

/** "About", because several messages may concern one contact. */
function waitingText(waiting: number | null | undefined): string[] {
  if (waiting === undefined) return [];
  if (waiting === null) return ['Contacts wait, and none is lost.'];
  if (waiting === 0) return ['No contact is known to wait, and none is lost.'];
  return [waiting === 1 ? '1 contact waits, and is not lost.' : `About ${waiting} contacts wait, and none is lost.`];
}

function nextTryText(at: number, now: number): string {
  if (at <= now) return 'The next try is due.';
  return `The next try is in ${spanOf(at - now)}, at ${new Date(at).toISOString().slice(11, 19)} UTC.`;
}

interface Seen {
  /** `GET /buckets/`; null where no call is named. */
  call: string | null;
  /** HTTP status; null where there was no answer. */
  status: number | null;
  says: string | null;
}

/** Reads an error of vendors/http.ts, such as `GET /buckets/: 401 Invalid token.` */
function readReason(reason: string): Seen {
  const [, call, status, rest] = /\b((?:GET|POST|PATCH) \S+): (?:(\d{3})\b ?)?(.*)$/s.exec(reason) ?? [];
  // The hint about a setting is left out: whatToCheck says it.
  const text = (call === undefined ? reason : (rest ?? '')).replace(/ ?\(is [A-Z_]+ right\?\)$/, '').trim();
  const empty = text === '' || /^JSON of \d+ characters/.test(text);
  return { call: call ?? null, status: status === undefined ? null : Number(status), says: empty ? null : text };
}

function seenText({ call, status, says }: Seen, kind: TroubleKind): string {
  const about = [call, status].filter((part) => part !== null).join(' → ');
  const where = about === '' ? '' : ` (${about})`;
  if (says === null) return `It gives no reason${where}.`;
  const said = status !== null || kind === 'refused' ? `It says: “${says}”` : `Seen: ${says}`;
  return `${said}${where}.`;
}

const AFTERWARDS = 'The check-up says more. Once it is corrected, work goes on by itself within minutes.';

/** What a refusal is about. */
type About = 'key' | 'rights' | 'address';

function refusedFor({ status }: Seen): About {
  return status === 401 ? 'key' : status === 403 ? 'rights' : 'address';
}

const REFUSES: Record<About, string> = {
  key: 'refuses our key',
  rights: 'does not let our key do what it must',
  address: 'refuses our calls: its address in the settings may be wrong',
};

/** The setting that such a refusal points to. */
function whatToCheck(vendor: Vendor, seen: Seen): string {
  return `${CHECK[vendor][refusedFor(seen)]} ${AFTERWARDS}`;
}

const CHECK: Record<Vendor, Record<About, string>> = {
  gohighlevel: {
    key: 'Check GHL_API_KEY: the token was revoked, is of the agency, or lacks the scope contacts.readonly.',
    rights: 'Check that the token GHL_API_KEY is of the location GHL_LOCATION_ID and has the scope contacts.readonly.',
    address: 'Check GHL_API_BASE_URL and GHL_API_VERSION.',
  },
  calltools: {
    key: 'Check CALLTOOLS_API_KEY: the key was revoked, or is of another silo than CALLTOOLS_BASE_URL.',
    rights:
      'Check the role of the user who owns CALLTOOLS_API_KEY: it must read and change contacts, buckets and tags.',
    address: 'Check CALLTOOLS_BASE_URL.',
  },
};
