/** Whether an account's admins may look after how its people sign in; the operator decides. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { Button, Confirm, Section, toast } from '../../ui.js';

/** @typedef {import('../account.js').Props} Props */

/** @param {Props & { isHome: boolean }} props */
export function Managed({ account, onAccount, isHome }) {
  const [asks, setAsks] = useState(false);
  const { id: accountId, managed, name, version } = account;
  const change = async () => {
    onAccount(await call('account/update', { accountId, version, managed: !managed }));
    toast(managed ? `${name} is no longer managed.` : `${name} is managed now.`);
  };
  const action = managed ? 'Stop managing sign-ins' : 'Manage sign-ins';
  return html`<${Section} title="Managed sign-ins" text=${managed ? ON : OFF}>
    ${isHome && html`<p class="hint">Your own account is always managed.</p>`}
    ${
      !isHome &&
      html`<div class="actions">
        <${Button} danger=${managed} onClick=${() => setAsks(true)}>${action}<//>
      </div>`
    }
    ${
      asks &&
      html`<${Confirm}
        title=${managed ? `Stop managing the sign-ins of ${name}?` : `Manage the sign-ins of ${name}?`}
        action=${action}
        danger
        onConfirm=${change}
        onClose=${() => setAsks(false)}
      >
        ${managed ? STOP : START}
      <//>`
    }
  <//>`;
}

const ON =
  'On: the admins can create users with a password. For people whose sign-in the account keeps, they can set a ' +
  'new password, remove the second factor and change the e-mail.';
const OFF =
  'Off: people look after their own passwords, second factors and e-mails. The admins invite them, and cannot ' +
  'change how they sign in.';
const STOP = html`<p>
    Its admins can no longer set passwords, remove second factors or change e-mails. Everybody keeps
    the sign-in they have and looks after it themselves.
  </p>
  <p>
    This is for good: if you turn it on again, it does not count for people who are in the account by
    then.
  </p>`;
const START = html`<p>
    Its admins can then create users with a password, and can take over the sign-ins that they create.
    Only do this for an organization whose admins you trust with that.
  </p>
  <p>Nothing changes for people who are in the account already.</p>`;
