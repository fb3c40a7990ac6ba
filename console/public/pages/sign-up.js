/** Signing up without an invitation; the letter that follows leads to the page `verify`. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { Email, Form, Password, Submit, useForm } from '../forms.js';
import { ownLanguage } from '../language.js';

const PASSWORD_HINT = 'At least 8 characters. You will need it when you follow the link.';

export default function SignUp() {
  const [sentTo, setSentTo] = useState('');
  const form = useForm({ email: '', password: '' }, async ({ email, password }) => {
    await call('identity/create', { email, password, language: ownLanguage() });
    setSentTo(email);
  });
  if (sentTo) {
    return html`
      <h1>Look into your mail</h1>
      <p class="breaks" role="status">
        A letter is on its way to <strong>${sentTo}</strong>. Follow the link in it within 24 hours,
        and give your password once more.
      </p>
      <p class="links"><a href="#/sign-in">Back to signing in</a></p>
    `;
  }
  return html`
    <h1>Sign up</h1>
    <p>If you were invited, follow the link in the letter instead.</p>
    <${Form} form=${form} label="Sign up">
      <${Email} form=${form} />
      <${Password}
        form=${form}
        name="password"
        label="Password"
        autocomplete="new-password"
        required
        hint=${PASSWORD_HINT}
      />
      <${Submit} form=${form}>Sign up<//>
    <//>
    <p class="links"><a href="#/sign-in">Sign in instead</a></p>
  `;
}
