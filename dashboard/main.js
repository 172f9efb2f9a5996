// The dashboard's start.

import { Dashboard } from './frame.js';
import { followLinks } from './router.js';
import { html, render } from './view.js';

followLinks();
const root = document.getElementById('root');
if (root) render(html`<${Dashboard} />`, root);
