/** Signing in with an e-mail and a password. */

import { html } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { keep, whyEnded } from '../session.js';
import { SignInForm } from '../sign-in-form.js';

export default function SignIn() {
  const why = whyEnded();
  const about = useAbout();
  return html`
    <h1>Sign in</h1>
    ${why && html`<p class="note" role="status">${why}</p>`}
    <${SignInForm} action="Sign in" onTokens=${enter} />
    <p class="links">
      <a href="#/forgot">Forgot your password?</a>
      ${about?.waysIn.includes('token') && html`<a href="#/token">Sign in with a token</a>`}
      ${about?.registration === 'open' && html`<a href="#/sign-up">Sign up</a>`}
      ${about?.setUp === false && html`<a href="#setup">First run: use the set-up code</a>`}
    </p>
  `;
}

/** Whoever came for another page is there already. @param {import('../session.js').Tokens} tokens */
async function enter(tokens) {
  await keep(tokens);
  if (location.hash === '#/sign-in') location.hash = '#/';
}
