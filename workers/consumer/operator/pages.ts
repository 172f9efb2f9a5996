// The dashboard's files. They are no secret: what they show is asked for by the browser, with the operator's token.

import { problem } from '../../../shared/problem.ts';

/** By path. */
export type Pages = ReadonlyMap<string, { type: string; text: string }>;

/** Only our own files, and no form, frame or base of anybody else's: the token is in this page's memory. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // A deployment changes them all at once.
  'cache-control': 'no-cache',
};

/**
 * The answer to whatever ingest passes on without a token: paths that are none of the operator routes. Null for all others.
 */
export function pageAnswer(request: Request, pages: Pages): Response | null {
  const { pathname } = new URL(request.url);
  if (pathname !== '/' && !/^\/dashboard(\/|$)/.test(pathname)) return null;
  const page = pages.get(pathname);
  if (!page) return problem(404, 'Not found', 'The dashboard is at /.');
  if (request.method !== 'GET') return problem(405, 'Method not allowed', 'Use GET.', { allow: 'GET' });
  return new Response(page.text, { headers: { ...HEADERS, 'content-type': page.type } });
}
