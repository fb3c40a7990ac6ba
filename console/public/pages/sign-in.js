/** Signing in with an e-mail and a password. */

import { html } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { isCookieOrigin } from '../cookie-origin.js';
import { ProviderButtons } from '../provider-buttons.js';
import { whyEnded } from '../session.js';
import { SignInForm } from '../sign-in-form.js';

const READABLE = isSecureContext
  ? 'This browser keeps your session where scripts on this page can read it.'
  : 'This connection is not encrypted, and this browser keeps your session where scripts on this page can read it.';

export default function SignIn() {
  const why = whyEnded();
  const about = useAbout();
  return html`
    <h1>Sign in</h1>
    ${why && html`<p class="note" role="status">${why}</p>`}
    ${about && !isCookieOrigin(about) && html`<p class="note">${READABLE}</p>`}
    <${SignInForm} action="Sign in" onSignedIn=${enter} />
    <${ProviderButtons} />
    <p class="links">
      <a href="#/forgot">Forgot your password?</a>
      ${about?.waysIn.includes('token') && html`<a href="#/token">Sign in with a token</a>`}
      ${about?.registration === 'open' && html`<a href="#/sign-up">Sign up</a>`}
      ${about?.setUp === false && html`<a href="#setup">First run: use the set-up code</a>`}
    </p>
  `;
}

/** Leaves the sign-in page; any other page that was asked for is open already. */
function enter() {
  if (location.hash === '#/sign-in') location.hash = '#/';
}
