/** Signing in with an email and a password. */

import { html } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { isCookieOrigin } from '../cookie-origin.js';
import { ProviderButtons } from '../provider-buttons.js';
import { whyEnded } from '../session.js';
import { SignInForm } from '../sign-in-form.js';
import { texts } from '../texts.js';

export default function SignIn() {
  const why = whyEnded();
  const about = useAbout();
  return html`
    <h1>${texts.common.signIn}</h1>
    ${about?.setUp === false && html`<p class="note"><a href="#setup">${texts.signIn.firstRun}</a></p>`}
    ${why && html`<p class="note" role="status">${why}</p>`}
    ${about && !isCookieOrigin(about) && html`<p class="note">${isSecureContext ? texts.signIn.readable : texts.signIn.clearText}</p>`}
    <${SignInForm} action=${texts.common.signIn} />
    <${ProviderButtons} />
    <p class="links">
      <a href="#/forgot">${texts.signIn.forgot}</a>
      ${about?.waysIn.includes('token') && html`<a href="#/token">${texts.signIn.withToken}</a>`}
      ${about?.registration === 'open' && html`<a href="#/sign-up">${texts.signIn.signUp}</a>`}
    </p>
  `;
}
