// The dashboard's addresses. A browser gets the page there, every other client the API.

const ADDRESSES = /^\/(?:contacts(?:\/[^/]+)?|failed|activity|syncs(?:\/[^/]+)?|rules|check-up)?\/*$/;

/** A browser that opens one of the dashboard's addresses: it says that it takes HTML, which no script does. */
export function opensDashboard({ method, url, headers }: Request): boolean {
  const takesHtml = /\btext\/html\b/i.test(headers.get('accept') ?? '');
  return method === 'GET' && takesHtml && ADDRESSES.test(new URL(url).pathname);
}
