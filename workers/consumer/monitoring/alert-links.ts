// The dashboard's addresses that alerts name. Pure.

import type { Condition } from '../domain/checks.ts';

/** Where the dashboard is (`DASHBOARD_URL`), without a trailing slash; null where that is not set, or no URL. */
export function dashboardOf(env: object): string | null {
  const { DASHBOARD_URL: given } = env as Record<string, unknown>;
  const url = typeof given === 'string' ? URL.parse(given.trim()) : null;
  return url && /^https?:$/.test(url.protocol) ? url.origin : null;
}

/** The page that shows more of a condition, or on which a person ends it. */
export const PAGES: Record<Condition, string> = {
  settings: '/check-up',
  'circuit-gohighlevel': '/check-up',
  'circuit-calltools': '/check-up',
  'dead-letters': '/failed',
  backstop: '/syncs',
  brake: '/',
  'rules-emptied': '/rules',
  drift: '/syncs',
  signatures: '/check-up',
  webhooks: '/check-up',
  outbox: '/check-up',
  'left-out': '/check-up',
  'fields-not-kept': '/check-up',
  'call-record': '/check-up',
  'call-writes': '/check-up',
};

/** The page of a contact. */
export function contactPage(contactId: string): string {
  return `/contacts/${encodeURIComponent(contactId)}`;
}
