/** Behind the link of a sign-up's letter: with the password of the sign-up, the e-mail is proved. */

import { html } from '../vendor/preact.js';
import { Form, Password, Submit, useForm } from '../forms.js';
import { goInstead } from '../router.js';
import { signIn } from '../sign-in-and-out.js';

/** @param {{ code: string }} props */
export default function Verify({ code }) {
  const form = useForm({ password: '' }, async ({ password }) => {
    await signIn('identity/verify', { code, password });
    goInstead('');
  });
  return html`
    <h1>Confirm your e-mail</h1>
    <p>Give the password that you have signed up with, and you are in.</p>
    <${Form} form=${form} label="Confirm your e-mail">
      <${Password}
        form=${form}
        name="password"
        label="Password"
        autocomplete="current-password"
        required
      />
      <${Submit} form=${form}>Confirm and sign in<//>
    <//>
    <p class="links"><a href="#/sign-up">Sign up again</a></p>
  `;
}
