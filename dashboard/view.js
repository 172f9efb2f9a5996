// The view library: preact draws, htm reads the templates. Text is always set as text, so nothing from the API is read as HTML.

import htm from './htm.js';
import { h } from './preact.js';

export { useEffect, useMemo, useRef, useState } from './hooks.js';
export { render } from './preact.js';

/** A template: html`<p class="quiet">${text}</p>`; a component is `<${Name} prop=${value} />`. */
export const html = htm.bind(h);
