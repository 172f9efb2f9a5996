// What one batch saw of refusals: which calls were refused, and which later answers show that the vendor refuses only that record.

import { HOUR_MS } from '../../../shared/time.ts';
import type { Circuit } from '../domain/circuit.ts';
import { type Failure, toFailure, type Vendor } from '../domain/failure.ts';
import type { Request } from './call.ts';
import type { Answer } from './http.ts';

/** The answer to a call that concerns no record. `unknown`: it failed in another way. */
export type Probe = 'fine' | 'refused' | 'unknown';

/** The refusals of one batch. */
export interface Refusals {
  /** The calls that concern no record, by vendor. Set once the clients exist: they use this log. */
  probes: Partial<Record<Vendor, () => Promise<unknown>>>;
  /** To be called as a call goes out. */
  begin(): number;
  /**
   * Notes a refusal. After two that nothing explains, the vendor is asked, once a batch: a revoked key then does not cost a call for each
   * contact.
   */
  note(request: Request, failure: Failure): Promise<void>;
  /** An answer to a call that went out after a refusal explains it: the set-up works. */
  explain(vendor: Vendor, request: Request, answer: Answer, begunAt: number): void;
  isExplained(failure: Failure): boolean;
  /** A refusal waits for an explanation. */
  isOpen(vendor: Vendor): boolean;
  /**
   * Makes a call that concerns no record. One answer serves until something else is refused; where that call is refused, it is final for
   * the batch.
   */
  ask(vendor: Vendor): Promise<Probe>;
  /** Begins to ask where a record's refusal waits for an explanation. Whoever asks later finds the answer, and the others do not wait. */
  askAhead(vendor: Vendor): void;
  /** The error of that call where it was refused, and a record's refusal waits for an explanation. */
  refusing(vendor: Vendor): string | null;
  /** What to remember of a record: 0 while it may be the set-up, else epoch ms; null = nothing. */
  marks: Map<Vendor, Map<string, number | null>>;
}

interface Refusal {
  failure: Extract<Failure, { kind: 'refused' }>;
  resource: string;
  at: number;
  explained: boolean;
}

/** Refusals after which the vendor is asked at once. */
const SEVERAL = 2;

/** An empty log of refusals. */
export function createRefusals(): Refusals {
  const all: Refusal[] = [];
  const said = new Map<Vendor, string>();
  const asked = new Map<Vendor, { at: number; answer: Promise<Probe> }>();
  let tick = 0;
  const open = (vendor: Vendor) => all.filter(({ failure, explained }) => failure.vendor === vendor && !explained);
  const records = (vendor: Vendor) => open(vendor).filter(({ failure }) => failure.sign === 'record');
  const probe = async (vendor: Vendor): Promise<Probe> => {
    try {
      await refusals.probes[vendor]?.();
      return 'fine';
    } catch (thrown) {
      const { kind, error } = toFailure(thrown, vendor);
      if (kind !== 'refused' && kind !== 'setup') return 'unknown';
      said.set(vendor, error);
      return 'refused';
    }
  };

  const refusals: Refusals = {
    probes: {},
    marks: new Map(),
    begin: () => ++tick,
    async note(request, failure) {
      if (failure.kind !== 'refused') return;
      const { vendor, sign } = failure;
      all.push({ failure, resource: resourceOf(request), at: ++tick, explained: false });
      if (sign !== 'record' || records(vendor).length < SEVERAL) return;
      await (asked.get(vendor)?.answer ?? refusals.ask(vendor));
    },
    explain(vendor, request, { ok }, begunAt) {
      for (const refusal of open(vendor)) {
        if (refusal.at > begunAt) continue;
        const understood = ok || !request.optional;
        // A role may be allowed some resources only.
        if (refusal.failure.sign === 'record')
          refusal.explained = understood && refusal.resource === resourceOf(request);
      }
    },
    isExplained: (failure) => all.some((one) => one.failure === failure && one.explained),
    isOpen: (vendor) => open(vendor).length > 0,
    async ask(vendor) {
      if (said.has(vendor)) return 'refused';
      const last = asked.get(vendor);
      if (last && open(vendor).every(({ at }) => at < last.at)) return last.answer;
      const at = ++tick;
      const answer = probe(vendor);
      asked.set(vendor, { at, answer });
      return answer;
    },
    askAhead(vendor) {
      if (records(vendor).length > 0) void refusals.ask(vendor);
    },
    refusing: (vendor) => (records(vendor).length > 0 && said.get(vendor)) || null,
  };
  return refusals;
}

/** `contacts` of `/contacts/12/`. */
function resourceOf({ path }: Request): string {
  return /^\/(\w+)/.exec(path)?.[1] ?? '';
}

/** For this long we remember that a record was refused, and not the set-up. */
const BLAMED_MS = HOUR_MS;
/** At most so many records are remembered. A forgotten one is judged again. */
const MAX_REMEMBERED = 100;

/** True where an earlier batch found that only this record is refused. */
export function isBlamed({ refused }: Circuit, id: string, now: number): boolean {
  return (refused[id] ?? 0) > now - BLAMED_MS;
}

/** The records to remember after the batch. Once work for others goes through, an earlier refusal concerned only its record. */
export function refusedAfter(
  { vendor, refused }: Circuit,
  { refusals, worked }: { refusals: Refusals; worked: ReadonlySet<Vendor> },
  now: number,
): Record<string, number> {
  const blamed = (at: number) => (at === 0 && worked.has(vendor) ? now : at);
  const kept = Object.entries(refused)
    .filter(([, at]) => at === 0 || at > now - BLAMED_MS)
    .map(([id, at]) => [id, blamed(at)] as const);
  const after = new Map<string, number>(kept);
  for (const [id, at] of refusals.marks.get(vendor) ?? []) {
    if (at === null) after.delete(id);
    else after.set(id, at);
  }
  return Object.fromEntries([...after].slice(-MAX_REMEMBERED));
}
