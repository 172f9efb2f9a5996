import { html } from '../view.js';

/** The page. */
export function CheckUp() {
  return html`<h1>Check-up</h1>`;
}
