/** Begins: puts the console into the page. */

import { client } from './client.js';
import { html, render } from './vendor/preact.js';
import { App } from './app.js';
import { goToCookieOrigin } from './cookie-origin.js';
import { keepFocus } from './focus.js';
import { keepScroll } from './scroll.js';

const { hash } = location;
// What a provider has sent back is taken out of the URL before anything else is done.
const takeBack = () => client.takeBack('#/provider');
takeBack();
addEventListener('hashchange', takeBack);
keepScroll();
keepFocus();
const place = document.getElementById('app');
if (place && !(await goToCookieOrigin(hash))) render(html`<${App} />`, place);
