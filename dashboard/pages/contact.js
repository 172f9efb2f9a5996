import { html } from '../view.js';

/** The page. */
export function Contact() {
  return html`<h1>Contact</h1>`;
}
