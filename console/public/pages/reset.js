/** Behind the link of a letter about a forgotten password. */

import { html, useState } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { call } from '../api.js';
import { byLink } from '../emailed-link.js';
import { Check, Form, Password, Submit, useForm } from '../forms.js';
import { Logo } from '../logo.js';
import { goInstead } from '../router.js';
import { SignInForm } from '../sign-in-form.js';
import { texts } from '../texts.js';
import { Alert, Busy, Name, useLoad } from '../ui.js';

/** @param {{ code: string }} props */
export default function Reset({ code }) {
  const [email, setEmail] = useState('');
  const hasProviders = (useAbout()?.providers.length ?? 0) > 0;
  const form = useForm({ newPassword: '', keepProviders: false }, async (values) => {
    const { newPassword, keepProviders } = values;
    const given = { code, newPassword, ...(keepProviders && { keepProviders }) };
    const reply = await byLink(call('password/reset', given));
    setEmail(reply.email);
  });
  const { data, error } = useLoad(
    (signal) => byLink(call('password/check', { code }, { signal })),
    [code],
  );
  if (email) return html`<${Done} email=${email} />`;
  const another = html`<p class="links"><a href="#/forgot">${texts.reset.another}</a></p>`;
  // A link that cannot be used says so before a password is typed.
  if (error) return html`<h1>${texts.reset.title}</h1><${Alert} error=${error} />${another}`;
  if (!data) return html`<${Busy} />`;
  return html`
    <${Logo} path=${data.accountLogo} large />
    <h1>${texts.reset.title}</h1>
    ${data.accountName && html`<p>${texts.reset.ofAccount(html`<strong><${Name} name=${data.accountName} /></strong>`)}</p>`}
    <p>${texts.reset.text(html`<strong class="breaks"><${Name} name=${data.email} /></strong>`)}</p>
    <${Form} form=${form} label=${texts.reset.title}>
      <${Password}
        form=${form}
        name="newPassword"
        label=${texts.common.newPassword}
        autocomplete="new-password"
        required
        hint=${texts.common.passwordHint}
      />
      ${
        hasProviders &&
        html`<${Check}
          form=${form}
          name="keepProviders"
          label=${texts.reset.keepProviders}
          hint=${texts.reset.keepProvidersHint}
        />`
      }
      <${Submit} form=${form}>${texts.reset.set}<//>
    <//>
    ${another}
  `;
}

/** @param {{ email: string }} props */
function Done({ email }) {
  return html`
    <h1>${texts.common.signIn}</h1>
    <p class="note good" role="status">${texts.reset.done}</p>
    <${SignInForm} action=${texts.common.signIn} email=${email} onSignedIn=${() => goInstead('')} />
  `;
}
