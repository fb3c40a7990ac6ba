/** Begins: puts the console into the page. */

import { html, render } from './vendor/preact.js';
import { App } from './app.js';
import { goToCookieOrigin } from './cookie-origin.js';

const place = document.getElementById('app');
if (place && !(await goToCookieOrigin())) render(html`<${App} />`, place);
