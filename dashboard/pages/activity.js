import { html } from '../view.js';

/** The page. */
export function Activity() {
  return html`<h1>Activity</h1>`;
}
