/** Behind the link of the email to an old address, which somebody has changed. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { Form, Password, Submit, useForm } from '../forms.js';
import { goInstead } from '../router.js';
import { SignInForm } from '../sign-in-form.js';

/** @param {{ code: string }} props */
export default function UndoEmail({ code }) {
  const [email, setEmail] = useState('');
  const form = useForm({ newPassword: '' }, async ({ newPassword }) => {
    const reply = await call('user/undoEmail', { code, newPassword });
    setEmail(reply.email);
  });
  if (email) return html`<${Done} email=${email} />`;
  return html`
    <h1>Undo the change of your e-mail</h1>
    <p>
      You sign in with your old e-mail again, and with a new password that you choose now. Everybody
      who is signed in as you is signed out, on all devices, and your second factor is as it was
      before the change.
    </p>
    <${Form} form=${form} label="Undo the change of your e-mail">
      <${Password}
        form=${form}
        name="newPassword"
        label="New password"
        autocomplete="new-password"
        required
        hint="At least 8 characters; several words are easy to remember and hard to guess."
      />
      <${Submit} form=${form}>Undo the change<//>
    <//>
    <p class="links"><a href="#/sign-in">I changed it myself</a></p>
  `;
}

/** @param {{ email: string }} props */
function Done({ email }) {
  return html`
    <h1>Sign in</h1>
    <p class="note good" role="status">
      Your e-mail is <span class="breaks">${email}</span> again, and your new password is set. Sign in
      with them.
    </p>
    <${SignInForm} action="Sign in" email=${email} onSignedIn=${() => goInstead('')} />
  `;
}
