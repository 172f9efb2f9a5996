import { html } from '../view.js';

/** The page. */
export function Syncs() {
  return html`<h1>Syncs</h1>`;
}
