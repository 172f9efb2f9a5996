// The dashboard's files as texts (see `rules` in wrangler.consumer.jsonc), by the path at which a browser finds them.

import api from '../../../dashboard/api.js';
import calls from '../../../dashboard/calls.js';
import chart from '../../../dashboard/chart.js';
import desk from '../../../dashboard/desk.js';
import frame from '../../../dashboard/frame.js';
import page from '../../../dashboard/index.html';
import main from '../../../dashboard/main.js';
import activityPage from '../../../dashboard/pages/activity.js';
import checkUpPage from '../../../dashboard/pages/check-up.js';
import contactPage from '../../../dashboard/pages/contact.js';
import contactsPage from '../../../dashboard/pages/contacts.js';
import failedPage from '../../../dashboard/pages/failed.js';
import failedGroup from '../../../dashboard/pages/failed-group.js';
import failedOrders from '../../../dashboard/pages/failed-orders.js';
import homePage from '../../../dashboard/pages/home.js';
import homeWork from '../../../dashboard/pages/home-work.js';
import rulesPage from '../../../dashboard/pages/rules.js';
import rulesPreviewPart from '../../../dashboard/pages/rules-preview.js';
import syncPage from '../../../dashboard/pages/sync.js';
import syncsPage from '../../../dashboard/pages/syncs.js';
import pages from '../../../dashboard/pages.js';
import parts from '../../../dashboard/parts.js';
import poll from '../../../dashboard/poll.js';
import router from '../../../dashboard/router.js';
import runs from '../../../dashboard/runs.js';
import style from '../../../dashboard/style.css';
import view from '../../../dashboard/view.js';
import words from '../../../dashboard/words.js';
import htm from '../../../node_modules/htm/dist/htm.mjs';
import preact from '../../../node_modules/preact/dist/preact.mjs';
import hooks from '../../../node_modules/preact/hooks/dist/hooks.mjs';
import { type Pages, withoutComments } from './pages.ts';

const script = (text: string) => ({ type: 'text/javascript; charset=utf-8', text: withoutComments(text) });
const sheet = (text: string) => ({ type: 'text/css; charset=utf-8', text });

/** Its import names a package. A browser knows files only. */
const hooksForBrowser = hooks.replaceAll('"preact"', '"./preact.js"');

/** The dashboard’s files by path. */
export const PAGES: Pages = new Map([
  ['/', { type: 'text/html; charset=utf-8', text: page }],
  ['/dashboard/style.css', sheet(style)],
  ['/dashboard/preact.js', script(preact)],
  ['/dashboard/hooks.js', script(hooksForBrowser)],
  ['/dashboard/htm.js', script(htm)],
  ['/dashboard/api.js', script(api)],
  ['/dashboard/calls.js', script(calls)],
  ['/dashboard/chart.js', script(chart)],
  ['/dashboard/desk.js', script(desk)],
  ['/dashboard/frame.js', script(frame)],
  ['/dashboard/main.js', script(main)],
  ['/dashboard/pages.js', script(pages)],
  ['/dashboard/parts.js', script(parts)],
  ['/dashboard/poll.js', script(poll)],
  ['/dashboard/router.js', script(router)],
  ['/dashboard/runs.js', script(runs)],
  ['/dashboard/view.js', script(view)],
  ['/dashboard/words.js', script(words)],
  ['/dashboard/pages/activity.js', script(activityPage)],
  ['/dashboard/pages/check-up.js', script(checkUpPage)],
  ['/dashboard/pages/contact.js', script(contactPage)],
  ['/dashboard/pages/contacts.js', script(contactsPage)],
  ['/dashboard/pages/failed.js', script(failedPage)],
  ['/dashboard/pages/failed-group.js', script(failedGroup)],
  ['/dashboard/pages/failed-orders.js', script(failedOrders)],
  ['/dashboard/pages/home.js', script(homePage)],
  ['/dashboard/pages/home-work.js', script(homeWork)],
  ['/dashboard/pages/rules.js', script(rulesPage)],
  ['/dashboard/pages/rules-preview.js', script(rulesPreviewPart)],
  ['/dashboard/pages/sync.js', script(syncPage)],
  ['/dashboard/pages/syncs.js', script(syncsPage)],
]);
