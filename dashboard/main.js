// The dashboard: asks for the token once, then keeps every part up to date while the page is visible.

import { readyActivity, showActivity } from './activity.js';
import { ask, Refused, storedToken, storeToken } from './api.js';
import { readyBrake, showBrake } from './brake.js';
import { showCallDays, showCalls } from './calls.js';
import { closeContact, openContact, readyContact, refreshContact } from './contact.js';
import { byId, make, show } from './dom.js';
import { readyLetters, refreshLetters } from './letters.js';
import { showNow } from './now.js';
import { readyRuns, showRuns } from './runs.js';

/** @import { History, Overview } from '../shared/api/status.ts' */

const EVERY_MS = 3_000;
/** Charts change slowly and cost more. They are updated when the totals change, otherwise this often. */
const HISTORY_EVERY_MS = 30_000;

const location = () => byId('location', HTMLSelectElement).value || null;

let timer = 0;
/** Counts looks; only the answer to the newest one is used. */
let look = 0;
let historyAt = 0;
let totalsThen = '';
/** @type {History | null} */
let lastHistory = null;

/** Looks again now, and from then on every few seconds. */
async function again() {
  clearTimeout(timer);
  const mine = ++look;
  try {
    await refresh(mine);
    byId('offline').hidden = true;
  } catch (error) {
    if (mine !== look) return;
    if (error instanceof Refused) return logOut('This is not the operator token.');
    showTrouble(error instanceof Error ? error.message : String(error));
  }
  if (mine === look && document.visibilityState === 'visible') timer = setTimeout(again, EVERY_MS);
}

/** Shown where the person looks: at the form, or above the page. @param {string} why */
function showTrouble(why) {
  const atForm = !byId('login').hidden;
  // A screen reader reads text again when it is written again.
  if (atForm && byId('login-error').textContent !== why) byId('login-error').textContent = why;
  const text = byId('desk').hidden ? why : `${why} What is shown may be out of date.`;
  show(byId('offline'), text, (whole) => [whole]);
  byId('offline').hidden = atForm;
}

/** @param {number} mine */
async function refresh(mine) {
  const at = location();
  /** @type {Overview} */
  const overview = await ask('/api/v1/overview', { location: at });
  if (mine !== look) return;
  const first = byId('desk').hidden;
  if (first) logIn();
  // style.css hides what a viewer may not do; the API would refuse it.
  document.body.dataset.role = overview.role;
  showLocations(overview);
  showNow(overview);
  showRuns(overview);
  showBrake(overview.totals.brake);
  showCalls(overview.totals.calls);
  const { synced, kept_out, dead_letters, calls } = overview.totals;
  const totals = JSON.stringify([at, synced, kept_out, dead_letters, calls?.today]);
  const due = totals !== totalsThen || Date.now() - historyAt > HISTORY_EVERY_MS;
  const [history] = await Promise.all([
    due ? ask('/api/v1/history', { location: at }) : null,
    refreshLetters(at, () => mine === look),
    refreshContact(at),
  ]);
  if (mine !== look || history === null) return;
  lastHistory = history;
  showHistory();
  [totalsThen, historyAt] = [totals, Date.now()];
}

function showHistory() {
  if (lastHistory === null) return;
  showActivity(lastHistory);
  showCallDays(lastHistory);
}

/** @param {Overview} overview */
function showLocations({ all_locations }) {
  byId('place').hidden = all_locations.length < 2;
  const chosen = location();
  show(byId('location'), all_locations, () => [
    make('option', { value: '' }, 'all'),
    ...all_locations.map(({ id, name }) => make('option', { value: id, selected: id === chosen }, name ?? id)),
  ]);
}

function logIn() {
  const byForm = byId('login').contains(document.activeElement);
  byId('login').hidden = true;
  byId('tools').hidden = false;
  byId('desk').hidden = false;
  byId('login-error').textContent = '';
  if (byForm) byId('main').focus({ preventScroll: true });
}

/** @param {string} why empty when the person logged out */
function logOut(why) {
  clearTimeout(timer);
  look++;
  storeToken(null);
  delete document.body.dataset.role;
  closeContact();
  totalsThen = '';
  byId('desk').hidden = true;
  byId('offline').hidden = true;
  byId('tools').hidden = true;
  byId('login').hidden = false;
  byId('login-error').textContent = why;
  const input = byId('token', HTMLInputElement);
  input.value = '';
  input.focus();
}

byId('login').onsubmit = (event) => {
  event.preventDefault();
  storeToken(byId('token', HTMLInputElement).value.trim());
  void again();
};
byId('leave').onclick = () => logOut('');
byId('location').onchange = () => {
  closeContact();
  void again();
};
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && storedToken() !== null) void again();
});
readyActivity(showHistory);
readyLetters({ again, story: (contactId) => openContact(contactId, location()) });
readyRuns({ again, location });
readyBrake({ again });
readyContact({ again, location });

if (storedToken() === null) logOut('');
else void again();
