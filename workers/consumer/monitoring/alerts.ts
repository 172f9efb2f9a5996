// Alerts, every minute: the conditions that stand are compared with what was notified, and changes are sent. Nothing else waits for it.

import { forEachLimit } from '../../../shared/concurrency.ts';
import type { InvocationContext } from '../config/context.ts';
import { brakedIn, type Location, type Locations } from '../config/locations.ts';
import { ALERT_DEFAULTS, writtenFields } from '../config/settings.ts';
import { readAlertFacts, saveAlerts } from '../store/alerts.ts';
import { readHeld } from '../store/brake/held.ts';
import { readCallHealth } from '../store/calls/counts.ts';
import { countPending } from '../store/totals.ts';
import { type Change, changesOf, type Notification } from './alert-notifications.ts';
import { findOf, findOverall, type Place } from './alert-rules.ts';
import { alertUrlOf, sendAlert } from './alert-send.ts';
import { readBacklogs, waitingIn } from './backlog.ts';

/** Addresses that are notified at once; the cron's other work needs the other connections (docs/vendors.md, Cloudflare: workers). */
const CONCURRENCY = 2;

interface Group {
  changes: Change[];
  lines: string[];
}

/**
 * Notifies the operator of conditions that are new, changed or resolved: at most one message a minute and address. A message that
 * could not be sent is tried again the next minute; a kill in between sends it twice. Without an address nothing is looked up. Throws
 * what D1 throws.
 */
export async function sendAlerts({ all, fault }: Locations, { env, world, log }: InvocationContext): Promise<void> {
  const places = [null, ...all].flatMap((location) => {
    const url = alertUrlOf(env, location?.id ?? null);
    return url === null ? [] : [{ location, url }];
  });
  if (places.length === 0) return;
  const now = world.now();
  const ids = all.map(({ id }) => id);
  const facts = await readAlertFacts(env.DB, ids, now);
  const calling = all.flatMap((one) => (one.kind === 'ready' && one.settings.calls !== null ? [one.id] : []));
  const calls = await readCallHealth(env.DB, calling);
  const held = await readHeld(env.DB, brakedIn(all));
  // Looked up only where something waits for a vendor.
  const isOpen = [...facts.circuits.values()].flat().some(({ openReason }) => openReason !== null);
  const waiting = !isOpen ? null : waitingIn(await readBacklogs(env), await countPending(env.DB));
  const groups = new Map<string, Group>();
  for (const { location, url } of places) {
    const group = groups.get(url) ?? { changes: [], lines: [] };
    const found =
      location === null
        ? findOverall(facts, fault, now)
        : findOf(
            location.id,
            facts,
            {
              ...statusOf(location),
              waiting,
              calls: calls.get(location.id) ?? null,
              held: held.get(location.id) ?? [],
            },
            now,
          );
    const changes = changesOf(location?.id ?? '', found, facts.known, now);
    group.changes.push(...changes);
    group.lines.push(
      ...changes.flatMap(({ notification }) => (notification ? [line(notification, location, all.length > 1)] : [])),
    );
    groups.set(url, group);
  }
  await forEachLimit([...groups], CONCURRENCY, async ([url, group]) => {
    const error = group.lines.length > 0 ? await sendAlert(url, [TITLE, ...group.lines], world) : null;
    if (error !== null) log('alert.failed', { error, alerts: group.lines.length });
    else if (group.lines.length > 0) log('alert.sent', { alerts: group.lines.length });
    await save(group.changes, error === null, env.DB);
  });
}

/** The first line of every message. */
export const TITLE = 'GoHighLevel → CallTools pipeline';
const SIGNS = { firing: 'ALERT', repeat: 'STILL', resolved: 'OVER' };

function line({ kind, text }: Notification, location: Location | null, several: boolean): string {
  const where = location && several ? ` ${location.name ?? location.id}:` : ':';
  return `${SIGNS[kind]}${where} ${text}`;
}

function statusOf(location: Location): Pick<Place, 'fault' | 'limits' | 'written'> {
  return location.kind === 'ready'
    ? { fault: null, limits: location.settings, written: writtenFields(location.settings) }
    : { fault: location.fault, limits: ALERT_DEFAULTS, written: [] };
}

async function save(changes: Change[], sent: boolean, db: InvocationContext['env']['DB']): Promise<void> {
  const rows = changes.flatMap(({ row, notification }) =>
    sent && notification ? [notification.row] : typeof row === 'object' ? [row] : [],
  );
  const gone = changes.filter(({ row }) => row === 'gone');
  if (rows.length + gone.length > 0) await saveAlerts(db, rows, gone);
}
