/** Behind the link of a sign-up's letter: with the password of the sign-up, the email is proved. */

import { html } from '../vendor/preact.js';
import { byLink } from '../emailed-link.js';
import { Form, Password, Submit, useForm } from '../forms.js';
import { goInstead } from '../router.js';
import { signIn } from '../sign-in-and-out.js';
import { texts } from '../texts.js';

/** @param {{ code: string }} props */
export default function Verify({ code }) {
  const form = useForm({ password: '' }, async ({ password }) => {
    await byLink(signIn('identity/verify', { code, password }));
    goInstead('');
  });
  return html`
    <h1>${texts.verify.title}</h1>
    <p>${texts.verify.text}</p>
    <${Form} form=${form} label=${texts.verify.title}>
      <${Password}
        form=${form}
        name="password"
        label=${texts.common.password}
        autocomplete="current-password"
        required
      />
      <${Submit} form=${form}>${texts.verify.confirm}<//>
    <//>
    <p class="links"><a href="#/sign-up">${texts.verify.again}</a></p>
  `;
}
