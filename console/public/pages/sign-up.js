/** Signing up without an invitation; the email that follows leads to the page `verify`. */

import { html, useState } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { call } from '../api.js';
import { CheckEmail } from '../check-email.js';
import { Email, Form, Password, Submit, useForm } from '../forms.js';
import { ownLanguage } from '../language.js';
import { ProviderButtons } from '../provider-buttons.js';

const PASSWORD_HINT = 'At least 8 characters. You will need it when you follow the link.';

export default function SignUp() {
  const [sentTo, setSentTo] = useState('');
  const about = useAbout();
  const form = useForm({ email: '', password: '' }, async ({ email, password }) => {
    await call('identity/create', { email, password, language: ownLanguage() });
    setSentTo(email);
  });
  if (sentTo) return html`<${CheckEmail} sentTo=${sentTo} />`;
  if (about?.registration === 'invite') {
    return html`
      <h1>Sign up by invitation</h1>
      <p>Only people who are invited can sign up here. Follow the link in your invitation.</p>
      <p class="links"><a href="#/sign-in">Sign in instead</a></p>
    `;
  }
  return html`
    <h1>Sign up</h1>
    <p>If you were invited, follow the link in that email instead.</p>
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
    <${ProviderButtons} />
    <p class="links"><a href="#/sign-in">Sign in instead</a></p>
  `;
}
