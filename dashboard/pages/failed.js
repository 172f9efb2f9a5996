import { html } from '../view.js';

/** The page. */
export function Failed() {
  return html`<h1>Needs you</h1>`;
}
