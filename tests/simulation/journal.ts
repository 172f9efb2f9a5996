// What happened in one history: its trace, its counts, the broken promises, and what the workers logged.

import { type Clock, NOON } from '../../sandbox/virtual-clock.ts';
import { type Faults, isNamed } from './faults.ts';
import { tellsOfSomebody } from './quotes.ts';
import { hash32 } from './rng.ts';
import type { Dealt } from './safety.ts';
import type { Promised, Violation } from './verdict.ts';

/** Counts that a history leaves behind. */
export interface Counts {
  interactions: number;
  kills: number;
  /** Lines of the workers' logs, by event. */
  events: Map<string, number>;
  /** Ids of contacts that were placed. */
  placed: Set<string>;
}

export type Journal = ReturnType<typeof createJournal>;

export function createJournal(clock: Clock) {
  const violations: Violation[] = [];
  const counts: Counts = { interactions: 0, kills: 0, events: new Map(), placed: new Set() };
  const trace = { hash: 0x811c9dc5, lines: null as string[] | null };
  /** Ids of events whose webhooks were late. */
  const late = new Set<string>();
  /** Transient failures, by contact. */
  const retries = new Map<string, number>();

  function note(line: string): void {
    trace.hash = hash32(`${clock.now} ${line}`, trace.hash);
    trace.lines?.push(`${((clock.now - NOON) / 1000).toFixed(3)} ${line}`);
  }

  function report(promise: Promised, detail: string): void {
    violations.push({ promise, detail, at: clock.now });
    note(`VIOLATION ${promise} ${detail}`);
  }

  return { violations, counts, trace, late, retries, note, report };
}

interface Readers {
  journal: Journal;
  faults: Faults;
  /** Hears that a contact was dealt with. */
  dealt(end: Dealt): void;
  /** Hear every event. */
  watches: ((event: string, fields: Record<string, unknown>) => void)[];
}

/** To be called with every line of the workers' logs: counts it, and holds it to what a log promises. */
export function createLogReader({ journal, faults, dealt, watches }: Readers): (line: string) => void {
  const { counts, retries, late, note, report } = journal;
  return (line) => {
    const { event, ...fields } = JSON.parse(line) as { event: string } & Record<string, unknown>;
    counts.events.set(event, (counts.events.get(event) ?? 0) + 1);
    note(line);
    if (event === 'contact.placed' || event === 'contact.kept_out')
      dealt({ ...fields, state: event.slice('contact.'.length) } as unknown as Dealt);
    for (const watch of watches) watch(event, fields);
    if (event === 'contact.placed') counts.placed.add(String(fields.contactId));
    if (event === 'contact.retry') {
      const contactId = String(fields.contactId);
      retries.set(contactId, (retries.get(contactId) ?? 0) + 1);
    }
    if (event === 'webhook.late') late.add(String(fields.eventId));
    if (event === 'webhook.crashed') report('crashed', line);
    if (tellsOfSomebody(line)) report('told', line);
    if (event === 'circuit.opened' && !isNamed(fields.kind, faults.met)) report('misnamed', line);
  };
}
