// The dashboard's files. They hold no data and need no token: the browser asks for the data with the operator's token.

import { opensDashboard } from '../../../shared/dashboard-pages.ts';
import { problem } from '../../../shared/problem.ts';

/** By path; the page itself is at `/`. */
export type Pages = ReadonlyMap<string, { type: string; text: string }>;

/** The page holds the token in memory, so it may load our own files only, and no other page may frame it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // A deployment changes all files at once.
  'cache-control': 'no-cache',
  // Other clients get the API at the same address.
  vary: 'accept',
};

/** The answer to a request for the dashboard, which ingest passes on without a token. Null for all others. */
export function pageAnswer(request: Request, pages: Pages): Response | null {
  const { pathname } = new URL(request.url);
  const isFile = /^\/dashboard(\/|$)/.test(pathname);
  if (!isFile && !opensDashboard(request)) return null;
  const page = pages.get(isFile ? pathname : '/');
  if (!page) return problem(404, 'Not found', 'The dashboard is at /.');
  if (request.method !== 'GET') return problem(405, 'Method not allowed', 'Use GET.', { allow: 'GET' });
  return new Response(page.text, { headers: { ...HEADERS, 'content-type': page.type } });
}

/** A script without the comments that have lines of their own: they are a third of what a browser would load. */
export function withoutComments(script: string): string {
  return script.replaceAll(/^\s*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n/gm, '').replaceAll(/^\s*\/\/.*\n/gm, '');
}
