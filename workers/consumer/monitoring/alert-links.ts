// Addresses of the dashboard's pages for alerts. Pure.

/** Where the dashboard is (`DASHBOARD_URL`), without a trailing slash; null where that is not set, or no URL. */
export function dashboardOf(env: object): string | null {
  const { DASHBOARD_URL: given } = env as Record<string, unknown>;
  const url = typeof given === 'string' ? URL.parse(given.trim()) : null;
  return url && /^https?:$/.test(url.protocol) ? url.origin : null;
}
