/** Asking for an email with which a forgotten password can be set anew. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { Email, Form, Submit, useForm } from '../forms.js';

export default function Forgot() {
  const [sentTo, setSentTo] = useState('');
  const form = useForm({ email: '' }, async ({ email }) => {
    await call('password/forgot', { email });
    setSentTo(email);
  });
  if (sentTo) {
    return html`
      <h1>Check your email</h1>
      <p class="breaks" role="status">
        If somebody signs in here as <strong>${sentTo}</strong>, an email is on its way. The link in
        it works once, within an hour.
      </p>
      <p class="links"><a href="#/sign-in">Back to sign-in</a></p>
    `;
  }
  return html`
    <h1>Forgot your password?</h1>
    <p>We send you a link that lets you set a new one.</p>
    <${Form} form=${form} label="Forgot your password?">
      <${Email} form=${form} />
      <${Submit} form=${form}>Send link<//>
    <//>
    <p class="links"><a href="#/sign-in">Back to sign-in</a></p>
  `;
}
