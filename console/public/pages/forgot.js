/** Asking for an email with which a forgotten password can be set anew. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { Email, Form, Submit, useForm } from '../forms.js';
import { texts } from '../texts.js';
import { Name } from '../ui.js';

export default function Forgot() {
  const [sentTo, setSentTo] = useState('');
  const form = useForm({ email: '' }, async ({ email }) => {
    await call('password/forgot', { email });
    setSentTo(email);
  });
  if (sentTo) {
    return html`
      <h1>${texts.checkEmail.title}</h1>
      <p class="breaks" role="status">
        ${texts.forgot.sent(html`<strong><${Name} name=${sentTo} /></strong>`)}
      </p>
      <p class="links"><a href="#/sign-in">${texts.common.backToSignIn}</a></p>
    `;
  }
  return html`
    <h1>${texts.forgot.title}</h1>
    <p>${texts.forgot.text}</p>
    <${Form} form=${form} label=${texts.forgot.title}>
      <${Email} form=${form} />
      <${Submit} form=${form}>${texts.forgot.sendLink}<//>
    <//>
    <p class="links"><a href="#/sign-in">${texts.common.backToSignIn}</a></p>
  `;
}
