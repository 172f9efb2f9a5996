// A vendor refused a call. Does it refuse only this record, or every call? We blame the smallest cause that explains all answers.

import type { Circuit } from '../domain/circuit.ts';
import type { Failure, Vendor } from '../domain/failure.ts';
import type { Vendors } from './clients.ts';
import { isBlamed, type Probe } from './refusal-log.ts';

type Refused = Extract<Failure, { kind: 'refused' }>;
type Entry = { id: string; failure: Refused };

/** Records that must be refused before the set-up is suspected. */
const SEVERAL = 2;
/** The id under which a refused page of the contact list counts. */
const PAGE = 'page';

/**
 * What each refusal by this vendor means. A refused record becomes a dead letter where the vendor serves other records, or answers a
 * call that concerns no record. Where it refuses that call too, the record waits. Several such records open the circuit, unless work
 * for others went through.
 */
export async function judgeRefusals(
  vendor: Vendor,
  failed: readonly Failed[],
  before: Circuit,
  vendors: Vendors,
  now: number,
): Promise<Map<Failure, Failure>> {
  const entries = entriesOf(vendor, failed);
  if (entries.length === 0) return new Map();
  const { refusals, refusing } = vendors.monitor;
  const evidence = await gather(vendor, entries, before, vendors);
  const marks = refusals.marks.get(vendor) ?? new Map<string, number | null>();
  refusals.marks.set(vendor, marks);
  const meanings = new Map<Failure, Failure>();
  for (const entry of entries) {
    const { id, failure } = entry;
    // A contact's old number fails together with its present one: that is one refusal.
    if (meanings.has(failure) && failure.sign !== 'list') continue;
    const ruling = rule(entry, evidence, now);
    if (ruling === 'wait') marks.set(id, 0);
    if (ruling === 'wait, though it is the record') marks.set(id, now);
    if (ruling === 'dead' && id in before.refused) marks.set(id, null);
    meanings.set(failure, failureOf(ruling, failure));
  }
  if (evidence.probe === 'refused' && !evidence.served && suspects(before, marks) >= SEVERAL)
    refusing.set(vendor, entries[0]?.failure.error ?? '');
  return meanings;
}

/** What else is known beside the refusals. */
interface Evidence {
  before: Circuit;
  /** Work for others went through. */
  served: boolean;
  /** The answer to a call that concerns no record; `fine` where none was needed. */
  probe: Probe;
  /** Odd answers about records that cannot be read while others can. */
  alone: ReadonlySet<Failure>;
  isExplained(failure: Failure): boolean;
}

async function gather(vendor: Vendor, entries: Entry[], before: Circuit, vendors: Vendors): Promise<Evidence> {
  const { refusals, worked } = vendors.monitor;
  const served = worked.has(vendor);
  const mustAsk = entries.some(({ failure }) =>
    failure.sign === 'record' ? !refusals.isExplained(failure) : failure.sign === 'list' && !served,
  );
  const probe = mustAsk ? await refusals.ask(vendor) : 'fine';
  const alone = await aloneRefused(vendor, entries, vendors);
  return { before, served, probe, alone, isExplained: refusals.isExplained };
}

function rule({ id, failure }: Entry, evidence: Evidence, now: number): Ruling {
  const { before, served, probe } = evidence;
  const blamed = isBlamed(before, id, now);
  switch (failure.sign) {
    case 'record':
      return ofRecord(blamed, evidence.isExplained(failure) ? 'fine' : probe, before);
    case 'list':
      return ofList(blamed || served, probe);
    case 'odd':
      return ofOddAnswer(evidence.alone.has(failure), before, id);
  }
}

type Ruling = 'dead' | 'wait' | 'wait, though it is the record' | 'try again';

function entriesOf(vendor: Vendor, failed: readonly Failed[]): Entry[] {
  return failed.flatMap(({ id, failure }) =>
    failure.kind === 'refused' && failure.vendor === vendor ? [{ id: id ?? PAGE, failure }] : [],
  );
}

/** While a vendor is in trouble, an answer may mean that the trouble is over. Then the record is tried once more before it is given up. */
function ofRecord(blamed: boolean, probe: Probe, before: Circuit): Ruling {
  if (blamed) return 'dead';
  if (probe !== 'fine') return 'wait';
  const troubled = before.openReason !== null || Object.values(before.refused).includes(0);
  return troubled ? 'wait, though it is the record' : 'dead';
}

/** A list concerns no record. Where the vendor serves others, it is tried again like any failed call. */
function ofList(served: boolean, probe: Probe): Ruling {
  return served || probe === 'fine' ? 'try again' : 'wait';
}

/** Neither a deletion nor a refusal is certain unless others are read the same way. */
function ofOddAnswer(alone: boolean, { openReason, suspects }: Circuit, id: string): Ruling {
  const troubled = openReason !== null || suspects.some((suspect) => suspect !== id);
  return alone && !troubled ? 'dead' : 'try again';
}

/** Odd answers that one batch checks. The other contacts come back later. */
const MAX_ODD = 5;

/** The odd answers that come once more although another contact was read in between. */
async function aloneRefused(vendor: Vendor, entries: Entry[], { ghl, callTools }: Vendors): Promise<Set<Failure>> {
  const client = vendor === 'gohighlevel' ? ghl : callTools;
  const odd = entries.flatMap(({ failure }) => (failure.sign === 'odd' ? [failure] : []));
  const paths = new Set(odd.map(({ path }) => path));
  const alone = new Set<Failure>();
  if (odd.length === 0 || !(await client.readsOthers(paths).catch(() => false))) return alone;
  for (const failure of odd.slice(0, MAX_ODD)) if (await client.isOddAgain(failure.path)) alone.add(failure);
  return alone;
}

/** How many records are refused where every call may be. */
function suspects({ refused }: Circuit, marks: ReadonlyMap<string, number | null>): number {
  return Object.values({ ...refused, ...Object.fromEntries(marks) }).filter((at) => at === 0).length;
}

function failureOf(ruling: Ruling, { vendor, error }: Refused): Failure {
  if (ruling === 'dead') return { kind: 'contact', code: 'refused', error };
  return { kind: ruling === 'try again' ? 'transient' : 'setup', vendor, error };
}

/** A contact id, for CallTools a phone hash, for a page of the list null, and what stopped it. */
export interface Failed {
  id: string | null;
  failure: Failure;
}
