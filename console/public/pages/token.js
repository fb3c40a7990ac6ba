/** Signing in with a token of another service. */

import { html } from '../vendor/preact.js';
import { ApiError, call } from '../api.js';
import { go } from '../router.js';
import { signInWithToken } from '../sign-in-and-out.js';
import { TokenForm } from '../sign-in-form.js';
import { texts } from '../texts.js';

export default function Token() {
  return html`
    <h1>${texts.signIn.withToken}</h1>
    <${TokenForm} action=${texts.common.signIn} onToken=${enter} />
    <p class="links"><a href="#/sign-in">${texts.signIn.withPassword}</a></p>
  `;
}

/** A stranger is asked for an invitation next. @param {import('../session.js').Tokens} tokens */
async function enter(tokens) {
  try {
    await call('user/login', {}, { token: tokens.accessToken });
  } catch (error) {
    const isUnknown = error instanceof ApiError && error.code === 'not_registered';
    if (!isUnknown) throw error;
  }
  await signInWithToken(tokens);
  go('');
}
