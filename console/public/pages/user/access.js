/** What a user may do and how it comes in: role, e-mail, password, second factor. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../app.js';
import { Choice, Form, Password, Submit, Text, useForm } from '../../forms.js';
import { grantable } from '../../permissions.js';
import { useRecordForm } from '../../record-form.js';
import { Button, Confirm, Empty, Section, toast } from '../../ui.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').User} User */

/** How the service names itself as an issuer. */
export const HERE = 'guestlist';

/** @param {Props} props */
export function Access(props) {
  const { user, mayChange } = props;
  const { me } = useOwn();
  if (!mayChange) {
    return html`<${Empty} title="Out of your reach">
      Only somebody with the role ${user.role} or more can change this.
    <//>`;
  }
  const isSelf = user.id === me.id;
  return html`<div class="columns">
    <${RoleForm} ...${props} />
    <${Email} ...${props} isSelf=${isSelf} />
    ${
      isSelf
        ? html`<${Section} title="Password and second factor">
            <p>They are your own: see <a href="#/me/sign-in">your page</a>.</p>
          <//>`
        : html`<${NewPassword} ...${props} /><${SecondFactor} ...${props} />`
    }
  </div>`;
}

/** Who gives up the own role is asked first: nobody gives it to oneself again. @param {Props} props */
function RoleForm({ user, onUser }) {
  const { me } = useOwn();
  const [asks, setAsks] = useState(false);
  const { form, dialog } = useRecordForm({
    record: user,
    labels: { role: 'Role' },
    valuesOf: ({ role }) => ({ role }),
    again: () => call('user/get', { id: user.id }),
    write: ({ role }, { id, version }) => call('user/updateRole', { id, version, role }),
    onSaved: onUser,
    said: 'The role is changed.',
  });
  const choices = grantable(me.role).map((role) => ({ value: role, label: ROLES[role] }));
  const { role } = form.values;
  const falls = user.id === me.id && role !== me.role;
  const ask = async (/** @type {Event | undefined} */ event) => {
    event?.preventDefault();
    setAsks(true);
  };
  return html`<${Section} title="Role">
    <${Form} form=${falls ? { ...form, send: ask } : form}>
      <${Choice} form=${form} name="role" label="Role" required choices=${choices} />
      <${Submit} form=${form} onlyChanged>Change the role<//>
    <//>
    ${
      asks &&
      html`<${Confirm}
        title="Give up your own role?"
        action=${`Become ${role}`}
        danger
        onConfirm=${() => form.send()}
        onClose=${() => setAsks(false)}
      >
        <p>
          You are ${me.role}, and cannot take that back yourself: only somebody else of this role, or
          of a higher one, can give it to you again. Make sure that there is somebody.
        </p>
      <//>`
    }
    ${dialog}
  <//>`;
}

const ROLES = {
  user: 'user – is in, and sees who else is',
  admin: 'admin – looks after the account',
  root: 'root – the operator, may do everything',
};

/** The own one takes the password of who has one here. @param {Props & { isSelf: boolean }} props */
export function Email({ user, onUser, isSelf }) {
  const blank = { newEmail: user.email ?? '', currentPassword: '' };
  const form = useForm(blank, async ({ newEmail, currentPassword }) => {
    const proof = currentPassword && { currentPassword };
    const saved = await call('user/update', { id: user.id, newEmail, ...proof });
    form.reset({ newEmail: saved.email ?? newEmail, currentPassword: '' });
    onUser(saved);
    toast('The e-mail is changed.');
  });
  return html`<${Section} title="E-mail">
    <${Form} form=${form}>
      <${Text}
        form=${form}
        name="newEmail"
        label="E-mail"
        type="email"
        required
        hint="Signing in works with the new one from then on; the old one is told by a letter."
      />
      ${
        isSelf &&
        user.issuer === HERE &&
        html`<${Password}
          form=${form}
          name="currentPassword"
          label="Your password"
          autocomplete="current-password"
          required
        />`
      }
      <${Submit} form=${form} onlyChanged>Change the e-mail<//>
    <//>
  <//>`;
}

/** @param {Props} props */
function NewPassword({ user, onUser }) {
  const form = useForm({ newPassword: '' }, async ({ newPassword }) => {
    onUser(await call('user/changePassword', { id: user.id, newPassword }));
    form.reset({ newPassword: '' });
    toast('The password is set; all sessions of this user have ended.');
  });
  return html`<${Section}
    title="Password"
    text="For who cannot get a letter. All sessions of this user end, and a letter tells of it."
  >
    <${Form} form=${form}>
      <${Password}
        form=${form}
        name="newPassword"
        label="New password"
        autocomplete="new-password"
        required
      />
      <${Submit} form=${form} onlyChanged>Set the password<//>
    <//>
  <//>`;
}

/** @param {Props} props */
function SecondFactor({ user, onUser }) {
  const [asks, setAsks] = useState(false);
  const remove = async () => {
    onUser(await call('totp/remove', { id: user.id }));
    toast('The second factor is removed.');
  };
  const text = user.twoFactor
    ? 'On: signing in takes a code of an authenticator app.'
    : 'Off. Only the user can turn it on.';
  return html`<${Section} title="Second factor" text=${text}>
    ${user.twoFactor && html`<${Button} danger onClick=${() => setAsks(true)}>Remove the second factor<//>`}
    ${
      asks &&
      html`<${Confirm}
        title="Remove the second factor?"
        action="Remove it"
        danger
        onConfirm=${remove}
        onClose=${() => setAsks(false)}
      >
        <p>
          For who has lost both the app and the recovery codes. Make sure that it is really this
          user who asks: the password alone is enough then.
        </p>
      <//>`
    }
  <//>`;
}
