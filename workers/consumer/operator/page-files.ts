// The dashboard's files as texts (see `rules` in wrangler.consumer.jsonc), by the path at which a browser finds them.

import chart from 'uplot/dist/uPlot.iife.min.js';
import chartStyle from 'uplot/dist/uPlot.min.css';
import activity from '../../../dashboard/activity.js';
import api from '../../../dashboard/api.js';
import brake from '../../../dashboard/brake.js';
import calls from '../../../dashboard/calls.js';
import bars from '../../../dashboard/chart.js';
import contact from '../../../dashboard/contact.js';
import dom from '../../../dashboard/dom.js';
import page from '../../../dashboard/index.html';
import letters from '../../../dashboard/letters.js';
import main from '../../../dashboard/main.js';
import now from '../../../dashboard/now.js';
import runs from '../../../dashboard/runs.js';
import style from '../../../dashboard/style.css';
import words from '../../../dashboard/words.js';
import type { Pages } from './pages.ts';

const script = (text: string) => ({ type: 'text/javascript; charset=utf-8', text });
const sheet = (text: string) => ({ type: 'text/css; charset=utf-8', text });

/** The dashboard’s files by path. */
export const PAGES: Pages = new Map([
  ['/', { type: 'text/html; charset=utf-8', text: page }],
  ['/dashboard/style.css', sheet(style)],
  ['/dashboard/uplot.css', sheet(chartStyle)],
  ['/dashboard/uplot.js', script(chart)],
  ['/dashboard/main.js', script(main)],
  ['/dashboard/api.js', script(api)],
  ['/dashboard/dom.js', script(dom)],
  ['/dashboard/words.js', script(words)],
  ['/dashboard/now.js', script(now)],
  ['/dashboard/activity.js', script(activity)],
  ['/dashboard/chart.js', script(bars)],
  ['/dashboard/brake.js', script(brake)],
  ['/dashboard/calls.js', script(calls)],
  ['/dashboard/runs.js', script(runs)],
  ['/dashboard/letters.js', script(letters)],
  ['/dashboard/contact.js', script(contact)],
]);
