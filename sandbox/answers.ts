// The answers that both vendors give in the same form: JSON, HTML pages, throttling, and no answer at all.

import type { RetryAfterForm } from './faults.ts';

/** A JSON answer. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

/** Django's and Cloudflare's error pages are HTML, also on an API (docs/vendors.md, CallTools: errors). */
export function html(status: number, title: string, headers: Record<string, string> = {}): Response {
  const page = `<!doctype html>\n<html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return new Response(page, { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers } });
}

/** `Retry-After` in one of the forms that RFC 9110 allows, or without one. */
export function retryAfter(form: RetryAfterForm, seconds: number, now: number): Record<string, string> {
  if (form === 'none') return {};
  return { 'retry-after': form === 'seconds' ? String(seconds) : new Date(now + seconds * 1000).toUTCString() };
}

/** What fetch throws when the connection breaks. */
export function connectionBroken(): TypeError {
  return new TypeError('fetch failed', { cause: new Error('ECONNRESET (sandbox fault)') });
}

/** Rejects when the caller gives up; never answers. */
export function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
