import { html } from '../view.js';

/** The page. */
export function Contacts() {
  return html`<h1>Contacts</h1>`;
}
