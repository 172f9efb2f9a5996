import { html } from '../view.js';

/** The page. */
export function Rules() {
  return html`<h1>Rules</h1>`;
}
