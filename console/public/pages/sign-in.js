/** Signing in with an e-mail and a password. */

import { html } from '../vendor/preact.js';
import { keep, whyEnded } from '../session.js';
import { SignInForm } from '../sign-in-form.js';

export default function SignIn() {
  const why = whyEnded();
  return html`
    <h1>Sign in</h1>
    ${why && html`<p class="note" role="status">${why}</p>`}
    <${SignInForm} action="Sign in" onTokens=${enter} />
    <p class="links">
      <a href="#/forgot">Forgot your password?</a>
      <a href="#/token">Sign in with a token</a>
      <a href="#/sign-up">Sign up</a>
      <a href="#setup">First run: use the set-up code</a>
    </p>
  `;
}

/** Whoever came for another page is there already. @param {import('../session.js').Tokens} tokens */
async function enter(tokens) {
  await keep(tokens);
  if (location.hash === '#/sign-in') location.hash = '#/';
}
