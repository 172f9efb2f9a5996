// The frame around every page: log-in, navigation, the location, and the status in title and icon.

import { storedToken, storeToken } from './api.js';
import { DeskContext } from './desk.js';
import { pageAt } from './pages.js';
import { Trouble } from './parts.js';
import { LOGGED_OUT, usePoll } from './poll.js';
import { linkTo, setQuery, useAddress } from './router.js';
import { html, useEffect, useRef, useState } from './view.js';

/** @import { Overview } from '../shared/api/status.ts' */

/** The whole dashboard. */
export function Dashboard() {
  const [token, setToken] = useState(storedToken);
  const [why, setWhy] = useState('');
  const leave = (/** @type {string} */ text) => {
    storeToken(null);
    setWhy(text);
    setToken(null);
  };
  useEffect(() => {
    const refused = () => leave('This token is not accepted.');
    addEventListener(LOGGED_OUT, refused);
    return () => removeEventListener(LOGGED_OUT, refused);
  }, []);
  const enter = (/** @type {string} */ given) => {
    storeToken(given);
    setWhy('');
    setToken(given);
  };
  if (token === null) return html`<${LogIn} why=${why} onEnter=${enter} />`;
  return html`<${Desk} onLeave=${() => leave('')} />`;
}

/** @param {{ why: string, onEnter: (token: string) => void }} props */
function LogIn({ why, onEnter }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => input.current?.focus(), []);
  const enter = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    onEnter(input.current?.value.trim() ?? '');
  };
  return html`<main id="main"><form class="card log-in" onSubmit=${enter}>
    <h1>Contact pipeline</h1>
    <label for="token">Operator token (ADMIN_TOKEN)</label>
    <input id="token" ref=${input} type="password" autocomplete="current-password" required spellcheck="false" aria-describedby="log-in-note" />
    <p id="log-in-note" class="quiet">It is kept until this tab is closed. npm start prints it; npm run setup shows it at the end. With the VIEWER_TOKEN you can look, and not act.</p>
    <p class="bad" role="alert">${why}</p>
    <button type="submit" class="main">Log in</button>
  </form></main>`;
}

const LINKS = [
  { path: '/', name: 'Home' },
  { path: '/contacts', name: 'Contacts' },
  { path: '/failed', name: 'Needs you' },
  { path: '/activity', name: 'Activity' },
  { path: '/syncs', name: 'Syncs' },
  { path: '/rules', name: 'Rules' },
  { path: '/check-up', name: 'Check-up' },
];

/** @param {{ onLeave: () => void }} props */
function Desk({ onLeave }) {
  const { path, query } = useAddress();
  const place = query.get('location');
  /** @type {import('./poll.js').Poll<Overview>} */
  const { data: overview, error, again } = usePoll('/api/v1/overview', { location: place });
  const { Page, title } = pageAt(path);
  useStatus(overview, title);
  useFocusOnPage(path);
  const desk = { role: overview?.role ?? null, overview, error, again, location: place };
  return html`<${DeskContext.Provider} value=${desk}>
    <a class="skip" href="#main">Skip to the content</a>
    <header>
      <a class="brand" href=${linkTo('/')}>Contact pipeline</a>
      <nav aria-label="Pages"><ul>
        ${LINKS.map(({ path: to, name }) => html`<li key=${to}><a href=${linkTo(to)} aria-current=${isUnder(path, to) ? 'page' : undefined}>${name}</a></li>`)}
      </ul></nav>
      <div class="tools">
        <${Locations} overview=${overview} chosen=${place} />
        <button type="button" onClick=${onLeave}>Log out</button>
      </div>
    </header>
    <main id="main" tabindex="-1">
      ${error !== null && html`<${Trouble} error=${error} again=${again} stale=${overview !== null} />`}
      <${Page} key=${path} />
    </main>
  <//>`;
}

/** A page within another is marked at that one's link. @param {string} path @param {string} link */
function isUnder(path, link) {
  return path === link || (link !== '/' && path.startsWith(`${link}/`));
}

/** @param {{ overview: Overview | null, chosen: string | null }} props */
function Locations({ overview, chosen }) {
  const all = overview?.all_locations ?? [];
  if (all.length < 2) return null;
  const choose = (/** @type {Event & { currentTarget: HTMLSelectElement }} */ { currentTarget }) =>
    setQuery({ location: currentTarget.value });
  return html`<label>Location <select value=${chosen ?? ''} onChange=${choose}>
    <option value="">all</option>
    ${all.map(({ id, name }) => html`<option key=${id} value=${id}>${name ?? id}</option>`)}
  </select></label>`;
}

const ICONS = { healthy: '#4b5563', degraded: '#d97706', stopped: '#dc2626' };

/** The status stands in the title and in the icon, so that a tab in the background shows it. @param {Overview | null} overview @param {string} title */
function useStatus(overview, title) {
  const status = overview?.status ?? null;
  useEffect(() => {
    const prefix = status === null || status === 'healthy' ? '' : status === 'stopped' ? 'Stopped · ' : 'Degraded · ';
    document.title = `${prefix}${title} · Contact pipeline`;
    const icon = document.querySelector('link[rel="icon"]');
    const colour = encodeURIComponent(ICONS[status ?? 'healthy']);
    icon?.setAttribute(
      'href',
      `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='${colour}'/%3E%3C/svg%3E`,
    );
  }, [status, title]);
}

/** After a change of page the keyboard and the screen reader start at its content. @param {string} path */
function useFocusOnPage(path) {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [path]);
}
