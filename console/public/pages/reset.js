/** Behind the link of a letter about a forgotten password. */

import { html, useState } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { call } from '../api.js';
import { Check, Form, Password, Submit, useForm } from '../forms.js';
import { goInstead } from '../router.js';
import { SignInForm } from '../sign-in-form.js';

/** @param {{ code: string }} props */
export default function Reset({ code }) {
  const [email, setEmail] = useState('');
  const hasProviders = (useAbout()?.providers.length ?? 0) > 0;
  const form = useForm({ newPassword: '', keepProviders: false }, async (values) => {
    const { newPassword, keepProviders } = values;
    const reply = await call('password/reset', {
      code,
      newPassword,
      ...(keepProviders && { keepProviders }),
    });
    setEmail(reply.email);
  });
  if (email) return html`<${Done} email=${email} />`;
  return html`
    <h1>Set a new password</h1>
    <p>You are then signed out on all devices.</p>
    <${Form} form=${form} label="Set a new password">
      <${Password}
        form=${form}
        name="newPassword"
        label="New password"
        autocomplete="new-password"
        required
        hint="At least 8 characters; several words are easy to remember and hard to guess."
      />
      ${
        hasProviders &&
        html`<${Check}
          form=${form}
          name="keepProviders"
          label="Keep signing in with the providers that I have linked"
          hint="Otherwise they are unlinked: somebody who got into your account may have linked one of theirs."
        />`
      }
      <${Submit} form=${form}>Set password<//>
    <//>
    <p class="links"><a href="#/forgot">Ask for another link</a></p>
  `;
}

/** @param {{ email: string }} props */
function Done({ email }) {
  return html`
    <h1>Sign in</h1>
    <p class="note good" role="status">Your new password is set. Sign in with it.</p>
    <${SignInForm} action="Sign in" email=${email} onSignedIn=${() => goInstead('')} />
  `;
}
