// Which page an address shows. Addresses are real: they can be shared, and Back works.

import { useEffect, useState } from './view.js';

const CHANGED = 'address';

/** The address as it is now, again at each change. Its query is what the page's filters are. */
export function useAddress() {
  const [address, setAddress] = useState(read);
  useEffect(() => {
    const again = () => setAddress(read());
    addEventListener('popstate', again);
    addEventListener(CHANGED, again);
    return () => {
      removeEventListener('popstate', again);
      removeEventListener(CHANGED, again);
    };
  }, []);
  return address;
}

function read() {
  const { pathname, search } = location;
  return { path: pathname.replace(/\/+$/, '') || '/', query: new URLSearchParams(search) };
}

/**
 * Goes to another address of the dashboard.
 *
 * @param {string} to
 * @param {{ replace?: boolean }} [how] `replace`: Back does not return to the present one
 */
export function go(to, { replace = false } = {}) {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event(CHANGED));
  if (!replace) scrollTo(0, 0);
}

/**
 * Changes parameters of the present address; an empty value removes one. Filters and tabs use it.
 *
 * @param {Record<string, string | null | undefined>} changes
 */
export function setQuery(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if ((value ?? '') === '') query.delete(name);
    else query.set(name, String(value));
  }
  go(addressWith(location.pathname, query), { replace: true });
}

/** A link within the dashboard stays in the location that is chosen. @param {string} path */
export function linkTo(path) {
  const chosen = new URLSearchParams(location.search).get('location');
  if (chosen === null || path.includes('location=')) return path;
  return `${path}${path.includes('?') ? '&' : '?'}location=${encodeURIComponent(chosen)}`;
}

/**
 * @param {string} path
 * @param {URLSearchParams} query
 */
function addressWith(path, query) {
  return query.size === 0 ? path : `${path}?${query}`;
}

/** Links within the dashboard change the page without loading it anew. */
export function followLinks() {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || event.defaultPrevented) return;
    if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
    // The link that skips to the content stays on its page.
    if (link.hash !== '' && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
