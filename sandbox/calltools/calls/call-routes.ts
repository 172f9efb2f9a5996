// /calldispositions/, /historicalcalldispositions/ and /calls/ (docs/vendors.md, CallTools: dispositions). All other filters are
// ignored, as everywhere.

import type { Account } from '../account.ts';
import { page } from '../paging.ts';
import { spellTime } from '../times.ts';
import type { CallRow, HistoryRow } from './record.ts';

/** `GET /calldispositions/`. */
export function listDispositions({ settings }: Account, url: URL): Response {
  return page(url, settings.dispositions, settings, (row) => row);
}

/** `GET /historicalcalldispositions/`: newest first only if asked for by `-pk`. */
export function listHistory(account: Account, url: URL): Response {
  return page(url, ordered(account.record.history, url), account.settings, (row) => showHistory(account, row));
}

/** `GET /calls/`. A running call is not among them (inferred). */
export function listCalls({ record, settings }: Account, url: URL): Response {
  const uuid = url.searchParams.get('uuid');
  const rows = uuid === null ? record.calls : record.calls.filter((call) => call.uuid === uuid);
  return page(url, ordered(rows, url), settings, showCall);
}

function ordered<T>(rows: readonly T[], url: URL): readonly T[] {
  return url.searchParams.get('ordering') === '-pk' ? rows.toReversed() : rows;
}

/** A row of the record of dispositions. */
export function showHistory({ settings }: Pick<Account, 'settings'>, row: HistoryRow): Record<string, unknown> {
  const { id, callUuid, contact, appUser, campaign, phoneNumber, createdOn } = row;
  const chosen = settings.dispositions.find((one) => one.id === row.disposition);
  const forms = { id: row.disposition, name: chosen?.name ?? null, object: chosen ?? { id: row.disposition } };
  return {
    id,
    call_uuid: callUuid,
    contact,
    app_user: appUser,
    campaign,
    disposition: forms[settings.dispositionForm],
    phone_number: phoneNumber,
    created_on: spellTime(createdOn, settings),
  };
}

/** A call. Its times are ISO 8601 with Z in all samples. */
export function showCall(row: CallRow): Record<string, unknown> {
  const { id, uuid, contact, appUser, campaign, disposition, noContact, destination, start, end } = row;
  const seconds = Math.round((end - start) / 1000);
  return {
    id,
    uuid,
    contact,
    app_user: appUser,
    campaign,
    system_disposition: noContact ? 'No Answer' : 'Answered',
    call_disposition: disposition,
    destination,
    source: '+13055550100',
    inbound: false,
    start: isoSeconds(start),
    end: isoSeconds(end),
    call_type: 'outbound',
    duration: seconds,
    billsec: noContact ? 0 : seconds,
    transferred_to: null,
    call_recording_fsfile_id: null,
    created_on: isoSeconds(end),
  };
}

function isoSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
