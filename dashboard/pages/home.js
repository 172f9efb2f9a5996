import { html } from '../view.js';

/** The page. */
export function Home() {
  return html`<h1>Home</h1>`;
}
