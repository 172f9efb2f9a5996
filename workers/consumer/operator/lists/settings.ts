// GET /api/v1/settings: the settings as they are in force. Of secrets only whether they are set.

import type { LocationSettings, ShownSetting } from '../../../../shared/api/check-up.ts';
import type { List } from '../../../../shared/api/lists.ts';
import { type IngestStatus, readIngestStatus } from '../../../../shared/ingest-status.ts';
import type { Location } from '../../config/locations.ts';
import { SET, shownSettings } from '../../config/shown-settings.ts';
import { dashboardOf } from '../../monitoring/alert-links.ts';
import { alertUrlOf } from '../../monitoring/alert-send.ts';
import { listOf } from '../answer.ts';
import type { Handler, OperatorDeps } from '../deps.ts';
import { LocationQuery, readAsked } from '../query.ts';

/** `GET /api/v1/settings`: one row a location. */
export const settings: Handler = async (request, { env, locations }) => {
  const asked = readAsked(request, LocationQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const ingest = readIngestStatus(request.headers);
  const data = asked.chosen.map((location): LocationSettings => {
    const { id: location_id, name: location_name } = location;
    const shown = { location_id, location_name };
    if (location.kind === 'faulty') return { ...shown, fault: location.fault, settings: [] };
    return { ...shown, fault: null, settings: settingsOf(location, env, ingest) };
  });
  return listOf<List<LocationSettings>>({ data, next: null });
};

function settingsOf(
  { id, settings }: Extract<Location, { kind: 'ready' }>,
  env: OperatorDeps['env'],
  ingest: IngestStatus | null,
): ShownSetting[] {
  const own = shownSettings(settings).map(({ isDefault, ...one }) => ({ ...one, is_default: isDefault }));
  const alertUrl = alertUrlOf(env, id) === null ? null : SET;
  return [
    ...own,
    row('ALERT_WEBHOOK_URL', alertUrl, 'Where alerts are sent. Without it there are none.'),
    row('DASHBOARD_URL', dashboardOf(env), 'The address of this dashboard, for the links in alerts.'),
    ...(ingest ? settingsOfIngest(ingest) : []),
  ];
}

function settingsOfIngest({ apps, hmac, workflow, calls, viewer }: IngestStatus): ShownSetting[] {
  const set = (is: boolean) => (is ? SET : null);
  return [
    row('GHL_APP_IDS', set(apps > 0), 'The marketplace apps whose webhooks count. Without it all do.'),
    row('GHL_WEBHOOK_SECRET', set(hmac), 'The secret of senders that sign their webhooks with HMAC.'),
    row('GHL_WORKFLOW_TOKEN', set(workflow), 'The token of GoHighLevel’s workflow actions.'),
    row('CALLTOOLS_WEBHOOK_TOKEN', set(calls), 'The token of CallTools’ notices of calls.'),
    row('VIEWER_TOKEN', set(viewer !== 'off'), 'The token that may look and not act.'),
  ];
}

/** A setting that is not set unless it has a value. */
function row(name: string, value: string | null, what: string): ShownSetting {
  return { name, value, is_default: value === null, what };
}
