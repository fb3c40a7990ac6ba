/** What a user may do and how it signs in: role, e-mail, password, second factor, identity. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Choice, Form, Password, Submit, Text, useForm } from '../../forms.js';
import { grantable } from '../../permissions.js';
import { useRecordForm } from '../../record-form.js';
import { Button, Confirm, Empty, Section, fullName, toast } from '../../ui.js';

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
        : html`<${OthersSignIn} ...${props} />`
    }
  </div>`;
}

/** What can be done about the sign-in of somebody else; most of it only where the account keeps that. @param {Props} props */
function OthersSignIn(props) {
  const { user, account } = props;
  const { can } = useOwn();
  const isOutside = Boolean(user.issuer) && user.issuer !== HERE;
  if (isOutside) return html`<${Identity} ...${props} />`;
  if (account.managed) return html`<${NewPassword} ...${props} /><${SecondFactor} ...${props} />`;
  // The operator helps who has lost it, in whichever account.
  return html`
    <${Section} title="Password">
      <p>
        People in this account look after their own passwords. Whoever has forgotten theirs sets a new
        one with “Forgot your password?” on the sign-in page.
      </p>
    <//>
    ${can('accounts') && html`<${SecondFactor} ...${props} />`}
  `;
}

/** Who gives up the own role is asked first: nobody gives it to oneself again. @param {Props} props */
function RoleForm({ user, onUser }) {
  const { account: own, me } = useOwn();
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
  const choices = grantable(me.role, user.accountId !== own.id).map((role) => ({
    value: role,
    label: ROLES[role],
  }));
  const { role } = form.values;
  const falls = user.id === me.id && role !== me.role;
  const ask = async (/** @type {Event | undefined} */ event) => {
    event?.preventDefault();
    setAsks(true);
  };
  return html`<${Section} title="Role">
    <${Form} form=${falls ? { ...form, send: ask } : form}>
      <${Choice}
        form=${form}
        name="role"
        label="Role"
        required
        choices=${choices}
        hint="A lower role ends the API keys that were made with the higher one."
      />
      <${Submit} form=${form} onlyChanged>Change role<//>
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
          You are ${me.role}, and you cannot undo this yourself: only somebody else with this role or
          a higher one can give it back to you. Make sure there is somebody.
        </p>
      <//>`
    }
    ${dialog}
  <//>`;
}

const ROLES = {
  user: 'user – sees who else is in the account',
  admin: 'admin – looks after the account',
  root: 'root – the operator, may do everything',
};

const TOLD = 'The old one gets an email about it.';
const ELSEWHERE = `Emails go to the new one; signing in stays as it is. ${TOLD}`;
const THEIRS = `They sign in with the new one. ${TOLD}`;

/** @param {Props & { isSelf: boolean }} props */
export function Email(props) {
  const isMoved = props.isSelf && props.user.issuer === HERE;
  return isMoved ? html`<${OwnEmail} ...${props} />` : html`<${EmailForm} ...${props} />`;
}

/** The own one takes the password, and a code that is sent to the new address. @param {Props} props */
function OwnEmail({ user, onUser }) {
  const [sentTo, setSentTo] = useState('');
  const blank = { newEmail: user.email ?? '', currentPassword: '' };
  const form = useForm(blank, async ({ newEmail, currentPassword }) => {
    const saved = await call('user/update', { id: user.id, newEmail, currentPassword });
    form.reset({ newEmail: saved.email ?? '', currentPassword: '' });
    // Where the address is one's own by now, nothing is sent.
    setSentTo(saved.email === user.email ? newEmail : '');
    onUser(saved);
  });
  return html`<${Section} title="E-mail">
    ${
      sentTo &&
      html`<p class="note good breaks" role="status">
        Check your email: a link is on its way to <strong>${sentTo}</strong>. Open it here within an
        hour to change your e-mail. Until then you sign in with ${user.email}.
      </p>`
    }
    <${Form} form=${form}>
      <${Text}
        form=${form}
        name="newEmail"
        label="E-mail"
        type="email"
        required
        hint=${`We send a link to the new one. You sign in with it once you have opened the link. ${TOLD}`}
      />
      <${Password}
        form=${form}
        name="currentPassword"
        label="Your password"
        autocomplete="current-password"
        required
      />
      <${Submit} form=${form} onlyChanged>Change e-mail<//>
    <//>
  <//>`;
}

/** @param {Props & { isSelf: boolean }} props */
function EmailForm({ user, account, onUser, isSelf }) {
  const isTheirs = !isSelf && Boolean(user.joined) && !(account.managed && user.issuer === HERE);
  const form = useForm({ newEmail: user.email ?? '' }, async ({ newEmail }) => {
    const saved = await call('user/update', { id: user.id, newEmail });
    form.reset({ newEmail: saved.email ?? newEmail });
    onUser(saved);
    toast('The e-mail is changed.');
  });
  if (isTheirs) {
    return html`<${Section} title="E-mail">
      <p class="breaks">${user.email}</p>
      <p class="hint">They have joined with this e-mail, so it is theirs: you cannot change it.</p>
    <//>`;
  }
  return html`<${Section} title="E-mail">
    <${Form} form=${form}>
      <${Text}
        form=${form}
        name="newEmail"
        label="E-mail"
        type="email"
        required
        hint=${user.issuer && user.issuer !== HERE ? ELSEWHERE : THEIRS}
      />
      <${Submit} form=${form} onlyChanged>Change e-mail<//>
    <//>
  <//>`;
}

/** @param {Props} props */
function NewPassword({ user, onUser }) {
  const form = useForm({ newPassword: '' }, async ({ newPassword }) => {
    onUser(await call('user/changePassword', { id: user.id, newPassword }));
    form.reset({ newPassword: '' });
    toast('The password is set. All sessions of this user have ended.');
  });
  return html`<${Section}
    title="Password"
    text="For people who cannot reset it by email. All their sessions end, and an email tells them."
  >
    <${Form} form=${form}>
      <${Password}
        form=${form}
        name="newPassword"
        label="New password"
        autocomplete="new-password"
        required
      />
      <${Submit} form=${form} onlyChanged>Set password<//>
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
    ? 'On: signing in takes a code from an authenticator app.'
    : 'Off. Only the user can turn it on.';
  return html`<${Section} title="Second factor" text=${text}>
    ${user.twoFactor && html`<${Button} danger onClick=${() => setAsks(true)}>Remove second factor<//>`}
    ${
      asks &&
      html`<${Confirm}
        title="Remove the second factor?"
        action="Remove second factor"
        danger
        onConfirm=${remove}
        onClose=${() => setAsks(false)}
      >
        <p>
          The password alone is then enough to sign in. Do this for somebody who has lost both the app
          and the recovery codes, and make sure that it is really them who asks.
        </p>
      <//>`
    }
  <//>`;
}

/** Another service's identity that the user signs in by. @param {Props} props */
function Identity({ user, onUser }) {
  const [asks, setAsks] = useState(false);
  const name = fullName(user);
  const disconnect = async () => {
    onUser(await call('user/update', { id: user.id, identity: null }));
    toast(`${name} is disconnected. Send an invite to let them join again.`);
  };
  return html`<${Section}
    title="Identity"
    text="They sign in with another service, which looks after their password and second factor."
  >
    <p>Signs in with <code class="breaks">${user.issuer}</code></p>
    <div class="actions">
      <${Button} danger onClick=${() => setAsks(true)}>Disconnect identity<//>
    </div>
    ${
      asks &&
      html`<${Confirm}
        title=${`Disconnect the identity of ${name}?`}
        action="Disconnect identity"
        danger
        onConfirm=${disconnect}
        onClose=${() => setAsks(false)}
      >
        <p>
          ${name} loses access to this account at once, and an email tells them. The user stays, with
          role and holds, but nobody can sign in as that user until you send an invite and it is
          accepted.
        </p>
      <//>`
    }
  <//>`;
}
