// Every list is paged: `{count, next, previous, results}`, 25 rows by default, more than the cap is clipped (docs/vendors.md,
// CallTools: lists and filters).

import { json } from '../answers.ts';
import type { CallToolsSettings } from './settings.ts';

/** One page of the rows that the URL asks for; only the rows shown are rendered. */
export function page<T>(
  url: URL,
  rows: readonly T[],
  settings: CallToolsSettings,
  show: (row: T) => unknown,
): Response {
  const asked = Number(url.searchParams.get('page_size'));
  const size = Number.isInteger(asked) && asked > 0 ? Math.min(asked, settings.pageSizeMax) : settings.pageSizeDefault;
  const number = Number(url.searchParams.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(rows.length / size));
  if (!Number.isInteger(number) || number < 1 || number > last) return json(404, { detail: 'Invalid page.' });
  return json(200, {
    count: rows.length,
    next: number < last ? pageUrl(url, number + 1) : null,
    previous: number > 1 ? pageUrl(url, number - 1) : null,
    results: rows.slice((number - 1) * size, number * size).map(show),
  });
}

function pageUrl(url: URL, number: number): string {
  const other = new URL(url);
  other.searchParams.set('page', String(number));
  return other.href;
}
