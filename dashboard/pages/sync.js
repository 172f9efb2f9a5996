import { html } from '../view.js';

/** The page. */
export function Sync() {
  return html`<h1>Sync</h1>`;
}
