/** What somebody sees who has signed up and has yet to prove the address. */

import { html } from './vendor/preact.js';

/** @param {{ sentTo: string }} props */
export function CheckEmail({ sentTo }) {
  return html`
    <h1>Check your email</h1>
    <p class="breaks" role="status">
      An email is on its way to <strong>${sentTo}</strong>. Follow the link in it within 24 hours,
      and enter your password again.
    </p>
    <p class="links"><a href="#/sign-in">Back to sign-in</a></p>
  `;
}
