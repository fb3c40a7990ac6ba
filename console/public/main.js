/** Begins: puts the console into the page. */

import { html, render } from './vendor/preact.js';
import { App } from './app.js';

const place = document.getElementById('app');
if (place) render(html`<${App} />`, place);
