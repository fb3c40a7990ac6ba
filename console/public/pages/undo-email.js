/** Behind the link of the email to an old address, which somebody has changed. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { byLink } from '../emailed-link.js';
import { Form, Password, Submit, useForm } from '../forms.js';
import { goInstead } from '../router.js';
import { SignInForm } from '../sign-in-form.js';
import { texts } from '../texts.js';
import { Name } from '../ui.js';

/** @param {{ code: string }} props */
export default function UndoEmail({ code }) {
  const [email, setEmail] = useState('');
  const form = useForm({ newPassword: '' }, async ({ newPassword }) => {
    const reply = await byLink(call('user/undoEmail', { code, newPassword }));
    setEmail(reply.email);
  });
  if (email) return html`<${Done} email=${email} />`;
  return html`
    <h1>${texts.undoEmail.title}</h1>
    <p>${texts.undoEmail.text}</p>
    <${Form} form=${form} label=${texts.undoEmail.title}>
      <${Password}
        form=${form}
        name="newPassword"
        label=${texts.common.newPassword}
        autocomplete="new-password"
        required
        hint=${texts.common.passwordHint}
      />
      <${Submit} form=${form}>${texts.undoEmail.undo}<//>
    <//>
    <p class="links"><a href="#/sign-in">${texts.undoEmail.changedMyself}</a></p>
  `;
}

/** @param {{ email: string }} props */
function Done({ email }) {
  return html`
    <h1>${texts.common.signIn}</h1>
    <p class="note good" role="status">
      ${texts.undoEmail.done(html`<span class="breaks"><${Name} name=${email} /></span>`)}
    </p>
    <${SignInForm} action=${texts.common.signIn} email=${email} onSignedIn=${() => goInstead('')} />
  `;
}
