/** Signing up without an invitation; the email that follows leads to the page `verify`. */

import { html, useState } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { call } from '../api.js';
import { CheckEmail } from '../check-email.js';
import { Email, Form, Password, Submit, useForm } from '../forms.js';
import { ownLanguage } from '../language.js';
import { ProviderButtons } from '../provider-buttons.js';
import { texts } from '../texts.js';

export default function SignUp() {
  const [sentTo, setSentTo] = useState('');
  const about = useAbout();
  const blank = { email: '', password: '' };
  const form = useForm(
    blank,
    async ({ email, password }) => {
      await call('identity/create', { email, password, language: ownLanguage() });
      form.reset(blank);
      setSentTo(email);
    },
    { asks: true },
  );
  if (sentTo) return html`<${CheckEmail} sentTo=${sentTo} />`;
  if (about?.registration === 'invite') {
    return html`
      <h1>${texts.signUp.byInvitation}</h1>
      <p>${texts.signUp.byInvitationHint}</p>
      <p class="links"><a href="#/sign-in">${texts.signUp.instead}</a></p>
    `;
  }
  return html`
    <h1>${texts.signUp.title}</h1>
    <p>${texts.signUp.invited}</p>
    <${Form} form=${form} label=${texts.signUp.title}>
      <${Email} form=${form} />
      <${Password}
        form=${form}
        name="password"
        label=${texts.common.password}
        autocomplete="new-password"
        required
        hint=${texts.signUp.passwordHint}
      />
      <${Submit} form=${form}>${texts.signUp.title}<//>
    <//>
    <${ProviderButtons} />
    <p class="links"><a href="#/sign-in">${texts.signUp.instead}</a></p>
  `;
}
