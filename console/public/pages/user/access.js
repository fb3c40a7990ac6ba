/** What a user may do and how it signs in: role, email, password, second factor, identity. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Choice, ConfirmingPassword, Form, Password, Submit, Text, useForm } from '../../forms.js';
import { grantable } from '../../permissions.js';
import { roleChoices } from '../../role-choices.js';
import { useRecordForm } from '../../record-form.js';
import { texts } from '../../texts.js';
import { Button, Confirm, Empty, fullName, Name, Section, toast } from '../../ui.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').User} User */

/** How the service names itself as an issuer. */
export const HERE = 'guestlist';

/** @param {Props} props */
export function Access(props) {
  const { user, mayChange } = props;
  const { me } = useOwn();
  if (!mayChange) {
    return html`<${Empty} title=${texts.access.outOfReach}>
      ${texts.access.outOfReachHint(user.role)}
    <//>`;
  }
  const isSelf = user.id === me.id;
  return html`<div class="columns">
    <${RoleForm} ...${props} />
    <${Email} ...${props} isSelf=${isSelf} />
    ${
      isSelf
        ? html`<${Section} title=${texts.access.own}>
            <p>${texts.access.ownHint((words) => html`<a href="#/me/sign-in">${words}</a>`)}</p>
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
    <${Section} title=${texts.common.password}>
      <p>${texts.access.passwordTheirs}</p>
    <//>
    ${can('accounts') && html`<${SecondFactor} ...${props} />`}
  `;
}

/** Giving up one’s own role is asked about first: nobody gives it to oneself again. @param {Props} props */
function RoleForm({ user, onUser }) {
  const { account: own, me } = useOwn();
  const [asks, setAsks] = useState(false);
  const { form, dialog } = useRecordForm({
    record: user,
    labels: { role: texts.common.role },
    valuesOf: ({ role }) => ({ role }),
    again: () => call('user/get', { id: user.id }),
    write: ({ role }, { id, version }) => call('user/updateRole', { id, version, role }),
    onSaved: onUser,
    said: texts.access.roleChanged,
    draft: `user ${user.id} role`,
  });
  const choices = roleChoices(grantable(me.role, user.accountId !== own.id));
  const { role } = form.values;
  const falls = user.id === me.id && role !== me.role;
  const ask = async (/** @type {Event | undefined} */ event) => {
    event?.preventDefault();
    setAsks(true);
  };
  return html`<${Section} title=${texts.common.role}>
    <${Form} form=${falls ? { ...form, send: ask } : form}>
      <${Choice}
        form=${form}
        name="role"
        label=${texts.common.role}
        required
        isTitled
        choices=${choices}
        hint=${texts.access.roleHint}
      />
      <${Submit} form=${form} onlyChanged>${texts.access.changeRole}<//>
    <//>
    ${
      asks &&
      html`<${Confirm}
        title=${texts.access.giveUp}
        action=${texts.access.becomes(role)}
        danger
        onConfirm=${() => form.send()}
        onClose=${() => setAsks(false)}
      >
        <p>${texts.access.giveUpText(me.role)}</p>
      <//>`
    }
    ${dialog}
  <//>`;
}

/** @typedef {Props & { hasPassword?: boolean }} OwnProps */

/** @param {OwnProps & { isSelf: boolean }} props */
export function Email(props) {
  const isMoved = props.isSelf && props.user.issuer === HERE;
  return isMoved ? html`<${OwnEmail} ...${props} />` : html`<${EmailForm} ...${props} />`;
}

/**
 * The own one takes a code that is sent to the new address, and the password; of who has none, the service asks for
 * something else.
 *
 * @param {OwnProps} props
 */
function OwnEmail({ user, onUser, hasPassword }) {
  const [sentTo, setSentTo] = useState('');
  const unchanged = (/** @type {string | undefined} */ email) => ({
    newEmail: email ?? '',
    ...(hasPassword && { currentPassword: '' }),
  });
  const start = unchanged(user.email);
  const submit = async (/** @type {typeof start} */ values) => {
    const { newEmail } = values;
    const saved = await call('user/update', { id: user.id, ...values });
    form.reset(unchanged(saved.email));
    // Where the address is one's own by now, nothing is sent.
    setSentTo(saved.email === user.email ? newEmail : '');
    onUser(saved);
  };
  const form = useForm(start, submit, { draft: `user ${user.id} email` });
  return html`<${Section} title=${texts.common.email}>
    ${
      sentTo &&
      html`<p class="note good breaks" role="status">
        ${texts.access.sentTo(html`<strong><${Name} name=${sentTo} /></strong>`, user.email)}
      </p>`
    }
    <${Form} form=${form}>
      <${Text}
        form=${form}
        name="newEmail"
        label=${texts.common.email}
        type="email"
        required
        isTitled
        hint=${hasPassword ? texts.access.emailOwn : texts.access.emailOwnByCode}
      />
      ${hasPassword && html`<${ConfirmingPassword} form=${form} />`}
      <${Submit} form=${form} onlyChanged>${texts.access.changeEmail}<//>
    <//>
  <//>`;
}

/** @param {Props & { isSelf: boolean }} props */
function EmailForm({ user, account, onUser, isSelf }) {
  const isTheirs = !isSelf && Boolean(user.joined) && !(account.managed && user.issuer === HERE);
  const submit = async (/** @type {{ newEmail: string }} */ { newEmail }) => {
    const saved = await call('user/update', { id: user.id, newEmail });
    form.reset({ newEmail: saved.email ?? newEmail });
    onUser(saved);
    toast(texts.access.emailChanged);
  };
  const form = useForm({ newEmail: user.email ?? '' }, submit, { draft: `user ${user.id} email` });
  if (isTheirs) {
    return html`<${Section} title=${texts.common.email}>
      <p class="breaks"><${Name} name=${user.email} /></p>
      <p class="hint">${texts.access.emailIsTheirs}</p>
    <//>`;
  }
  return html`<${Section} title=${texts.common.email}>
    <${Form} form=${form}>
      <${Text}
        form=${form}
        name="newEmail"
        label=${texts.common.email}
        type="email"
        required
        isTitled
        hint=${user.issuer && user.issuer !== HERE ? texts.access.emailOutside : texts.access.emailTheirs}
      />
      <${Submit} form=${form} onlyChanged>${texts.access.changeEmail}<//>
    <//>
  <//>`;
}

/** @param {Props} props */
function NewPassword({ user, onUser }) {
  const form = useForm(
    { newPassword: '' },
    async ({ newPassword }) => {
      onUser(await call('user/changePassword', { id: user.id, newPassword }));
      form.reset({ newPassword: '' });
      toast(texts.access.passwordSet);
    },
    { asks: true },
  );
  return html`<${Section}
    title=${texts.common.password}
    text=${texts.access.passwordHint}
  >
    <${Form} form=${form}>
      <${Password}
        form=${form}
        name="newPassword"
        label=${texts.common.newPassword}
        autocomplete="new-password"
        required
      />
      <${Submit} form=${form} onlyChanged>${texts.access.setPassword}<//>
    <//>
  <//>`;
}

/** @param {Props} props */
function SecondFactor({ user, onUser }) {
  const [asks, setAsks] = useState(false);
  const remove = async () => {
    onUser(await call('totp/remove', { id: user.id }));
    toast(texts.access.secondFactorRemoved);
  };
  const text = user.twoFactor ? texts.access.secondFactorOn : texts.access.secondFactorOff;
  return html`<${Section} title=${texts.access.secondFactor} text=${text}>
    ${user.twoFactor && html`<${Button} danger onClick=${() => setAsks(true)}>${texts.access.removeSecondFactor}<//>`}
    ${
      asks &&
      html`<${Confirm}
        title=${texts.access.removeSecondFactorTitle}
        action=${texts.access.removeSecondFactor}
        danger
        onConfirm=${remove}
        onClose=${() => setAsks(false)}
      >
        <p>${texts.access.removeSecondFactorText}</p>
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
    toast(texts.access.disconnected(name));
  };
  return html`<${Section}
    title=${texts.access.identity}
    text=${texts.access.identityHint}
  >
    <p>${texts.access.identityOf(html`<code class="breaks"><${Name} name=${user.issuer} /></code>`)}</p>
    <div class="actions">
      <${Button} danger onClick=${() => setAsks(true)}>${texts.access.disconnect}<//>
    </div>
    ${
      asks &&
      html`<${Confirm}
        title=${texts.access.disconnectTitle(name)}
        action=${texts.access.disconnect}
        danger
        onConfirm=${disconnect}
        onClose=${() => setAsks(false)}
      >
        <p>${texts.access.disconnectText(name)}</p>
      <//>`
    }
  <//>`;
}
