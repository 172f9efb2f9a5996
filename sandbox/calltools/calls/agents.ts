// What agents do: they are given contacts to call, say how each call went, and hang up (docs/vendors.md, CallTools: dispositions).

import type { Account } from '../account.ts';
import { findRow, noteCall } from '../by-hand.ts';
import type { ContactRow } from '../table.ts';
import { readTime } from '../times.ts';
import { showCall, showHistory } from './call-routes.ts';
import type { Disposition } from './dispositions.ts';
import type { CallRow, HistoryRow, Pending } from './record.ts';

/** How a call went. */
export interface AgentCallInput {
  /** The name of one of the account's dispositions. */
  disposition: string;
  /** Calls a contact that the dialer would give to nobody. */
  force?: boolean;
  /** A user's id; the account's first user by default. */
  agent?: string | null;
  campaign?: number | null;
  /** How long the call has lasted when the agent picks the disposition, ms. */
  talkMs?: number;
  /** The row of the record appears that much later, with the time of the pick. */
  rowAfterMs?: number;
  /** A late row takes the next id when it appears, not at the pick. */
  lateId?: boolean;
}

/** The call that was made, or why the dialer gives the contact to nobody. */
export type AgentCall = { called: true; callUuid: string; phone: string } | { called: false; why: string };

/** An unknown contact or disposition is an error. */
export interface Agents {
  /** An agent calls the contact and picks a disposition, now. With a disposition that does not hang up, the call goes on. */
  agentCalls(id: number, input: AgentCallInput): AgentCall;
  /** A person makes a row of the record say something else (the name of a disposition), or removes it (null). False where it is not shown. */
  editDispositionByHand(rowId: number, to: string | null): boolean;
  /** Ends a call that goes on; false where there is none. */
  hangUp(callUuid: string): boolean;
  /** Why the dialer would not call the contact at present; null when it would, given that a campaign has it. */
  whyNotDialed(id: number): string | null;
  /** The record of dispositions as it will be, oldest pick first: late rows too, whose id may be missing still. */
  dispositionRows(): (HistoryRow | Omit<HistoryRow, 'id'>)[];
}

const TALK_MS = 30_000;
const CAMPAIGN = 7001;

/** The agents of this account. */
export function createAgents(account: Account): Agents {
  const { settings, record, world, uuid, changed } = account;

  function named(disposition: string): Disposition {
    const found = settings.dispositions.find(({ name }) => name === disposition);
    if (!found) throw new Error(`the sandbox's CallTools has no disposition "${disposition}"`);
    return found;
  }

  return {
    agentCalls(id, input) {
      const row = findRow(id, account);
      const chosen = named(input.disposition);
      const why = whyNot(row, world.now());
      if (why !== null && !input.force) return { called: false, why };
      const { talkMs = TALK_MS, agent = settings.users[0]?.id ?? null, campaign = CAMPAIGN } = input;
      const call = {
        uuid: uuid(),
        contact: id,
        appUser: agent,
        campaign,
        disposition: chosen.id,
        noContact: chosen.no_contact,
        destination: callable(row)[0] ?? [...row.phones.values()][0]?.number ?? '',
        start: world.now() - talkMs,
      };
      record.running.push(call);
      apply(row, chosen, call.destination, account);
      if (chosen.hang_up_call) end(call, account);
      follow(call, chosen, input, account);
      changed();
      return { called: true, callUuid: call.uuid, phone: call.destination };
    },

    editDispositionByHand(rowId, to) {
      const row = record.history.find(({ id }) => id === rowId);
      if (!row) return false;
      if (to === null) record.history.splice(record.history.indexOf(row), 1);
      else row.disposition = named(to).id;
      changed();
      return true;
    },

    hangUp(callUuid) {
      const call = record.running.find((one) => one.uuid === callUuid);
      if (!call) return false;
      end(call, account);
      changed();
      return true;
    },

    whyNotDialed: (id) => whyNot(findRow(id, account), world.now()),

    dispositionRows() {
      const late = record.pending.flatMap((pending) => (pending.do === 'show-row' ? [pending.row] : []));
      return structuredClone([...record.history, ...late]).sort((a, b) => a.createdOn - b.createdOn);
    },
  };
}

/** The rule that a public client reads the account by (docs/vendors.md, CallTools: dispositions). */
function whyNot(row: ContactRow, now: number): string | null {
  const { ready, do_not_contact, suppress_until } = row.fields;
  if (ready === false) return 'it is not ready';
  if (do_not_contact === true) return 'it is marked as do-not-contact';
  if (row.calls.all_phone_numbers_fdnc === true) return 'all its numbers are on the federal do-not-call list';
  if (suppress_until && !(readTime(String(suppress_until)) <= now)) return 'it is suppressed for now';
  return callable(row).length === 0 ? 'it has no number that may be called' : null;
}

function callable({ phones }: ContactRow): string[] {
  return [...phones.values()].flatMap(({ number, doNotContact }) => (doNotContact ? [] : [number]));
}

/** The contact shows its last call, and a disposition may forbid further ones. */
function apply(row: ContactRow, chosen: Disposition, number: string, account: Account): void {
  const { last_call_outbound_human: before = null, calls_outbound_human: humans, consecutive_no_contact } = row.calls;
  const reached = { calls_outbound_human: Number(humans ?? 0) + 1, consecutive_no_contact: 0 };
  const missed = {
    last_call_outbound_human: before,
    consecutive_no_contact: Number(consecutive_no_contact ?? 0) + 1,
  };
  noteCall(row, chosen.name, chosen.no_contact ? missed : reached, account);
  if (chosen.set_contact_dnc) row.fields.do_not_contact = true;
  if (!chosen.set_phone_number_dnc) return;
  for (const phone of row.phones.values()) if (phone.number === number) phone.doNotContact = true;
}

function end(call: Omit<CallRow, 'id' | 'end'>, { record, table, world, hooks }: Account): void {
  record.running.splice(record.running.indexOf(call), 1);
  const row = { ...call, id: table.nextId(), end: world.now() };
  record.calls.push(row);
  hooks.created('Call', () => showCall(row));
}

/** The row of the record and the account's automations, each in its own time. */
function follow(
  { uuid: callUuid, contact, appUser, campaign, disposition, destination }: Omit<CallRow, 'id' | 'end'>,
  chosen: Disposition,
  { rowAfterMs = 0, lateId = false }: AgentCallInput,
  account: Account,
): void {
  const { record, settings, table, world } = account;
  const now = world.now();
  const run = (pending: Pending) => happen(pending, account);
  const row = { callUuid, contact, appUser, campaign, disposition, phoneNumber: destination, createdOn: now };
  const shown = lateId ? row : { id: table.nextId(), ...row };
  record.later({ dueAt: now + rowAfterMs, do: 'show-row', row: shown }, run);
  for (const { disposition: name, bucket, afterMs } of settings.bucketAutomations)
    if (name === chosen.name) record.later({ dueAt: now + afterMs, do: 'take-out', contact, bucket }, run);
}

/** What was to come has come. */
export function happen(pending: Pending, account: Account): void {
  const { table, record, hooks, changed } = account;
  if (pending.do === 'take-out') {
    const buckets = table.contacts.get(pending.contact)?.buckets;
    for (const { id, name } of table.buckets.values()) if (name === pending.bucket) buckets?.delete(id);
  } else {
    const row = 'id' in pending.row ? pending.row : { id: table.nextId(), ...pending.row };
    record.addHistory(row);
    hooks.created('Historical Call Disposition', () => showHistory(account, row));
    hooks.disposed(row);
  }
  changed();
}
