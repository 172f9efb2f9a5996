// Sends alerts as one JSON object, whose `text` says all, to a Slack-compatible address, within seconds. The address is a secret, and never logged.

import { parseLocations } from '../../../shared/locations.ts';
import { redact } from '../../../shared/log.ts';
import type { World } from '../config/env.ts';
import type { AlertMessage } from './alert-message.ts';

/** Enough for any chat service; the cron has its other work beside it. */
const TIMEOUT_MS = 5_000;
/** Slack cuts a text at 40,000 characters; a person reads less. */
const MAX_CHARS = 8_000;

/**
 * The address for a location: its own (`ALERT_WEBHOOK_URL_ACME`, by its `secrets` in LOCATIONS), else the common one; null where there
 * is none. Alerts about no location (`locationId` null) go to the common address, else to the first location that has its own: a person
 * must see them.
 */
export function alertUrlOf(env: object, locationId: string | null): string | null {
  const values = env as Record<string, unknown>;
  const { entries } = parseLocations(values.LOCATIONS);
  const common = text(values.ALERT_WEBHOOK_URL);
  if (locationId !== null) return ownUrl(entries.get(locationId), values) || common || null;
  return common || [...entries.values()].map((entry) => ownUrl(entry, values)).find((url) => url !== '') || null;
}

function ownUrl(entry: unknown, values: Record<string, unknown>): string {
  const suffix = typeof entry === 'object' && entry !== null ? (entry as { secrets?: unknown }).secrets : undefined;
  return typeof suffix === 'string' ? text(values[`ALERT_WEBHOOK_URL_${suffix}`]) : '';
}

/** Resolves to what went wrong; null once the text was accepted. Never rejects, and never takes longer than a few seconds. */
export async function sendAlert(
  url: string,
  { text, alerts }: AlertMessage,
  world: Pick<World, 'fetch' | 'deadline'>,
): Promise<string | null> {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return 'ALERT_WEBHOOK_URL is no URL';
  try {
    const answer = await world.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        text: escaped(text),
        alerts: alerts.map((alert) => ({ ...alert, text: redact(alert.text) })),
      }),
      // A redirect could carry the alert to another host.
      redirect: 'manual',
      signal: world.deadline(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return answer.ok ? null : `it answered ${answer.status}`;
  } catch (thrown) {
    // The message of a failed fetch may quote the address.
    return thrown instanceof Error && thrown.name === 'TimeoutError'
      ? 'it did not answer in time'
      : 'it cannot be reached';
  }
}

/** Errors of vendors are in it. Personal data is removed, and what Slack reads as a mention or a link is escaped (its rule: &, <, >). */
function escaped(text: string): string {
  return redact(text).slice(0, MAX_CHARS).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}
