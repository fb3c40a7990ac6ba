/** Begins: puts the console into the page. */

import { takeReturned } from './provider-return.js';
import { html, render } from './vendor/preact.js';
import { App } from './app.js';
import { goToCookieOrigin } from './cookie-origin.js';

const hash = takeReturned();
addEventListener('hashchange', takeReturned);
const place = document.getElementById('app');
if (place && !(await goToCookieOrigin(hash))) render(html`<${App} />`, place);
