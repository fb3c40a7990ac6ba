/** What somebody sees who has signed up and has yet to prove the address. */

import { html } from './vendor/preact.js';
import { texts } from './texts.js';
import { Name } from './ui.js';

/** @param {{ sentTo: string }} props */
export function CheckEmail({ sentTo }) {
  return html`
    <h1>${texts.checkEmail.title}</h1>
    <p class="breaks" role="status">
      ${texts.checkEmail.text(html`<strong><${Name} name=${sentTo} /></strong>`)}
    </p>
    <p class="links"><a href="#/sign-in">${texts.common.backToSignIn}</a></p>
  `;
}
