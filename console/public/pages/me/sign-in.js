/** How one signs in oneself: e-mail, password, second factor. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../app.js';
import { Form, Password, Submit, useForm } from '../../forms.js';
import { Empty, Section, toast } from '../../ui.js';
import { Email, HERE } from '../user/access.js';
import { SecondFactor } from './second-factor.js';

/** @typedef {import('../user.js').Props} Props */

/** @param {Props} props */
export function OwnSignIn(props) {
  const { can, me } = useOwn();
  const isHere = me.issuer === HERE;
  return html`<div class="columns">
    ${can('me/email') && html`<${Email} ...${props} isSelf />`}
    ${
      isHere
        ? html`<${OwnPassword} /><${SecondFactor} />`
        : html`<${Empty} title="You sign in elsewhere">
            Password and second factor are looked after by ${me.issuer ?? 'your own sign-in service'}.
          <//>`
    }
  </div>`;
}

function OwnPassword() {
  const { reload } = useOwn();
  const blank = { currentPassword: '', newPassword: '' };
  const form = useForm(blank, async (values) => {
    await call('user/changePassword', values);
    form.reset(blank);
    reload();
    toast('The password is changed; all your other sessions have ended.');
  });
  return html`<${Section}
    title="Password"
    text="All your other sessions end with the old one, and a letter tells of it."
  >
    <${Form} form=${form}>
      <${Password}
        form=${form}
        name="currentPassword"
        label="Present password"
        autocomplete="current-password"
        required
      />
      <${Password}
        form=${form}
        name="newPassword"
        label="New password"
        autocomplete="new-password"
        required
        hint="8 characters or more; several words that do not belong together are good."
      />
      <${Submit} form=${form} onlyChanged>Change the password<//>
    <//>
  <//>`;
}
