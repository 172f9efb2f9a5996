// Alerts, every minute: the conditions that stand are compared with what was notified, and changes are sent. Nothing else waits for it.

import type { D1Database } from '@cloudflare/workers-types';
import { forEachLimit } from '../../../shared/concurrency.ts';
import type { InvocationContext } from '../config/context.ts';
import { brakedIn, type Location, type Locations } from '../config/locations.ts';
import { ALERT_DEFAULTS, writtenFields } from '../config/settings.ts';
import { readAlertFacts, saveAlerts } from '../store/alerts.ts';
import { readHeld } from '../store/brake/held.ts';
import { readCallHealth } from '../store/calls/counts.ts';
import { contactsNamed } from '../store/lists/alert-contacts.ts';
import { countPending } from '../store/totals.ts';
import { dashboardOf } from './alert-links.ts';
import { type Alert, messageOf } from './alert-message.ts';
import { type Change, changesOf } from './alert-notifications.ts';
import { findOf, findOverall, type Place } from './alert-rules.ts';
import { alertUrlOf, sendAlert } from './alert-send.ts';
import { readBacklogs, waitingIn } from './backlog.ts';

/** Addresses that are notified at once; the cron's other work needs the other connections (docs/vendors.md, Cloudflare: workers). */
const CONCURRENCY = 2;

interface Group {
  changes: Change[];
  alerts: Omit<Alert, 'contactIds'>[];
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
    const group = groups.get(url) ?? { changes: [], alerts: [] };
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
    group.alerts.push(
      ...changes.flatMap(({ condition, notification }) =>
        notification ? [{ condition, location, kind: notification.kind, text: notification.text }] : [],
      ),
    );
    groups.set(url, group);
  }
  await forEachLimit([...groups], CONCURRENCY, async ([url, { changes, alerts: found }]) => {
    const alerts: Alert[] = [];
    for (const alert of found) alerts.push({ ...alert, contactIds: await contactsOf(alert, env.DB) });
    const error =
      alerts.length > 0 ? await sendAlert(url, messageOf(alerts, all.length > 1, dashboardOf(env)), world) : null;
    if (error !== null) log('alert.failed', { error, alerts: alerts.length });
    else if (alerts.length > 0) log('alert.sent', { alerts: alerts.length });
    await save(changes, error === null, env.DB);
  });
}

/** Looked up only for what is sent now. */
async function contactsOf({ kind, condition, location }: Omit<Alert, 'contactIds'>, db: D1Database): Promise<string[]> {
  return kind === 'resolved' || location === null ? [] : await contactsNamed(db, location.id, condition);
}

function statusOf(location: Location): Pick<Place, 'fault' | 'limits' | 'written'> {
  return location.kind === 'ready'
    ? { fault: null, limits: location.settings, written: writtenFields(location.settings) }
    : { fault: location.fault, limits: ALERT_DEFAULTS, written: [] };
}

async function save(changes: Change[], sent: boolean, db: D1Database): Promise<void> {
  const rows = changes.flatMap(({ row, notification }) =>
    sent && notification ? [notification.row] : typeof row === 'object' ? [row] : [],
  );
  const gone = changes.filter(({ row }) => row === 'gone');
  if (rows.length + gone.length > 0) await saveAlerts(db, rows, gone);
}
