// Which page stands at which address, and its title.

import { Activity } from './pages/activity.js';
import { CheckUp } from './pages/check-up.js';
import { Contact } from './pages/contact.js';
import { Contacts } from './pages/contacts.js';
import { Failed } from './pages/failed.js';
import { Home } from './pages/home.js';
import { Rules } from './pages/rules.js';
import { Sync } from './pages/sync.js';
import { Syncs } from './pages/syncs.js';
import { html } from './view.js';

/** @typedef {{ Page: () => unknown, title: string }} PageAt */

/** @type {Record<string, PageAt>} */
const PAGES = {
  '/': { Page: Home, title: 'Home' },
  '/contacts': { Page: Contacts, title: 'Contacts' },
  '/failed': { Page: Failed, title: 'Needs you' },
  '/activity': { Page: Activity, title: 'Activity' },
  '/syncs': { Page: Syncs, title: 'Syncs' },
  '/rules': { Page: Rules, title: 'Rules' },
  '/check-up': { Page: CheckUp, title: 'Check-up' },
};

/** The page of an address. @param {string} path @returns {PageAt} */
export function pageAt(path) {
  if (path.startsWith('/contacts/')) return { Page: Contact, title: 'Contact' };
  if (path.startsWith('/syncs/')) return { Page: Sync, title: 'Sync' };
  return PAGES[path] ?? { Page: Missing, title: 'Not found' };
}

function Missing() {
  return html`<h1>There is no such page</h1><p><a href="/">Home</a></p>`;
}
