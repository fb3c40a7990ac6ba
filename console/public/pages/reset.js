/** Behind the link of a letter about a forgotten password. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { Form, Password, Submit, useForm } from '../forms.js';
import { goInstead } from '../router.js';
import { SignInForm } from '../sign-in-form.js';

/** @param {{ code: string }} props */
export default function Reset({ code }) {
  const [email, setEmail] = useState('');
  const form = useForm({ newPassword: '' }, async ({ newPassword }) => {
    const reply = await call('password/reset', { code, newPassword });
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
