/** Asking for a letter with which a forgotten password can be set anew. */

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
      <h1>Look into your mail</h1>
      <p class="breaks" role="status">
        If somebody here signs in as <strong>${sentTo}</strong>, a letter is on its way. The link in
        it works for an hour, once.
      </p>
      <p class="links"><a href="#/sign-in">Back to signing in</a></p>
    `;
  }
  return html`
    <h1>Forgotten password</h1>
    <p>We send you a link with which you can set a new one.</p>
    <${Form} form=${form} label="Forgotten password">
      <${Email} form=${form} />
      <${Submit} form=${form}>Send the link<//>
    <//>
    <p class="links"><a href="#/sign-in">Back to signing in</a></p>
  `;
}
