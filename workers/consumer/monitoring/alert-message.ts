// One message of alerts: as text for people, and field by field for machines. Pure.

import type { Location } from '../config/locations.ts';
import type { Condition } from '../domain/checks.ts';
import { contactPage, PAGES } from './alert-links.ts';
import type { Notification } from './alert-notifications.ts';

/** The first line of every message. */
export const TITLE = 'GoHighLevel → CallTools pipeline';
const SIGNS = { firing: 'ALERT', repeat: 'STILL', resolved: 'OVER' };
/** Most alerts that are repeated field by field. */
const MOST = 50;

/** An alert that is to be sent. */
export interface Alert extends Pick<Notification, 'kind' | 'text'> {
  condition: Condition;
  /** Null: of no location. */
  location: Pick<Location, 'id' | 'name'> | null;
  /** Ids of some contacts that it is about. */
  contactIds: string[];
}

/** What is sent. `text` is all that Slack reads. */
export interface AlertMessage {
  text: string;
  alerts: {
    kind: Alert['kind'];
    condition: Condition;
    location_id: string | null;
    text: string;
    /** `url` as below. */
    contacts: { id: string; url: string | null }[];
    /** The dashboard's page; null where DASHBOARD_URL is not set. */
    url: string | null;
  }[];
}

/** The message of these alerts. `several`: each says which location it is of. `dashboard`: see dashboardOf. */
export function messageOf(alerts: Alert[], several: boolean, dashboard: string | null): AlertMessage {
  const url = (path: string) => (dashboard === null ? null : `${dashboard}${path}`);
  const lines = alerts.flatMap((alert) => linesOf(alert, several, dashboard ?? ''));
  const how =
    'The paths above are pages of the dashboard, at the address of contact-ingest. With DASHBOARD_URL they are links.';
  const isUnlinked = dashboard === null && alerts.some(({ kind }) => kind !== 'resolved');
  return {
    text: [TITLE, ...lines, ...(isUnlinked ? [how] : [])].join('\n'),
    alerts: alerts.slice(0, MOST).map(({ kind, condition, location, text, contactIds }) => ({
      ...{ kind, condition, location_id: location?.id ?? null, text },
      contacts: contactIds.map((id) => ({ id, url: url(contactPage(id)) })),
      url: url(PAGES[condition]),
    })),
  };
}

function linesOf(
  { kind, text, condition, location, contactIds }: Alert,
  several: boolean,
  dashboard: string,
): string[] {
  const where = location && several ? ` ${location.name ?? location.id}:` : ':';
  const said = `${SIGNS[kind]}${where} ${text}`;
  if (kind === 'resolved') return [said];
  const contacts = contactIds.map((id) => `${dashboard}${contactPage(id)}`);
  return [
    said,
    ...(contacts.length > 0 ? [`Contacts, for example: ${contacts.join(' ')}`] : []),
    `In the dashboard: ${dashboard}${PAGES[condition]}`,
  ];
}
