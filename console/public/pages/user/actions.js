/** What can be done about a user as a whole: inviting, suspending, removing. */

import { html, useState } from '../../vendor/preact.js';
import { ApiError, call, inviteLink } from '../../api.js';
import { useOwn } from '../../own.js';
import { Check, useForm } from '../../forms.js';
import { go, href } from '../../router.js';
import { Alert, Button, Confirm, Copy, Dialog, fullName, toast, useAction } from '../../ui.js';
import { pathIn } from '../account/inside.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').User} User */

/** @param {Props} props */
export function Actions({ user, account, onUser, reload }) {
  const { account: own, me } = useOwn();
  const [asks, setAsks] = useState(/** @type {'suspend' | 'remove' | 'held' | ''} */ (''));
  const { busy, error, run } = useAction();
  const isSelf = user.id === me.id;
  const list = pathIn(account.id === own.id ? undefined : account.id, 'users');
  const invite = (/** @type {string} */ said) => async () => {
    onUser(await call('user/updateRole', { id: user.id, sendInvite: true }));
    toast(said);
  };
  const revoke = async () => {
    onUser(await call('invite/revoke', { id: user.id }));
    toast('The invitation is withdrawn: its link no longer works.');
  };
  const activate = async () => {
    onUser(await call('user/update', { id: user.id, state: 'active' }));
    toast(`${fullName(user)} is active again.`);
  };
  const invited = user.invite
    ? html`
        <${Copy} text=${inviteLink(user.invite)}>Copy invite link<//>
        <${Button} busy=${busy} onClick=${() => run(invite('A new email is on its way. The older link no longer works.'))}>
          Send invite again
        <//>
        <${Button} busy=${busy} onClick=${() => run(revoke)}>Withdraw invite<//>
      `
    : html`<${Button} busy=${busy} onClick=${() => run(invite('The invitation is on its way.'))}>
        Send invite
      <//>`;
  const close = () => setAsks('');
  return html`<div>
    <div class="actions">
      ${user.state === 'invited' && invited}
      ${user.state === 'suspended' && html`<${Button} busy=${busy} onClick=${() => run(activate)}>Activate<//>`}
      ${
        !isSelf &&
        user.state !== 'suspended' &&
        html`<${Button} onClick=${() => setAsks('suspend')}>Suspend<//>`
      }
      ${!isSelf && html`<${Button} danger onClick=${() => setAsks('remove')}>Remove<//>`}
    </div>
    <${Alert} error=${error} />
    ${asks === 'suspend' && html`<${Suspend} user=${user} onUser=${onUser} onClose=${close} />`}
    ${asks === 'remove' && html`<${Remove} user=${user} list=${list} reload=${reload} onHeld=${() => setAsks('held')} onClose=${close} />`}
    ${asks === 'held' && html`<${Held} user=${user} onClose=${close} />`}
  </div>`;
}

/** @param {{ user: User, onUser: (user: User) => void, onClose: () => void }} props */
function Suspend({ user, onUser, onClose }) {
  const suspend = async () => {
    onUser(await call('user/update', { id: user.id, state: 'suspended' }));
    toast(`${fullName(user)} is suspended.`);
  };
  return html`<${Confirm}
    title=${`Suspend ${fullName(user)}?`}
    action="Suspend"
    danger
    onConfirm=${suspend}
    onClose=${onClose}
  >
    <p>
      They lose access to this account until you activate them again. Nothing is deleted, but API keys
      that they have made end for good.
    </p>
  <//>`;
}

/** @param {{ user: User, list: string, reload: () => void, onHeld: () => void, onClose: () => void }} props */
function Remove({ user, list, reload, onHeld, onClose }) {
  const name = fullName(user);
  const options = useForm({ keepKeys: false }, async () => {});
  const remove = async () => {
    const { keepKeys } = options.values;
    try {
      await call('user/remove', { id: user.id, ...(keepKeys && { keepKeys }) });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'held') throw error;
      onHeld();
      return false;
    }
    go(list);
    toast(`${name} is in the trash.`, { label: 'Undo', run: () => bringBack(user, reload) });
    return true;
  };
  return html`<${Confirm}
    title=${`Remove ${name}?`}
    action="Remove"
    danger
    onConfirm=${remove}
    onClose=${onClose}
  >
    <p>
      They lose access to this account at once and go into the trash. You can restore them from
      there until they are deleted for good. Their e-mail, user name and external id are free for
      others from now on.
    </p>
    ${user.invite && html`<p>The link of the open invitation stops working.</p>`}
    ${
      user.role !== 'user' &&
      html`<${Check}
        form=${options}
        name="keepKeys"
        label="Keep their API keys"
        hint="They become yours, as far as your role reaches. Otherwise they end for good."
      />`
    }
  <//>`;
}

/** @param {{ user: User, onClose: () => void }} props */
const Held = ({ user, onClose }) =>
  html`<${Dialog} title=${`${fullName(user)} is not removed`} onClose=${onClose}>
    <p role="alert">
      This user still owns something elsewhere. Once it belongs to somebody else, and
      ${' '}<a href=${href(`users/${user.id}/holds`)} onClick=${onClose}>the holds</a> are released, it
      can be removed.
    </p>
    <div class="actions end"><${Button} onClick=${onClose}>Cancel<//></div>
  <//>`;

/** @param {User} user @param {() => void} reload */
async function bringBack(user, reload) {
  try {
    await call('trash/restore', { id: user.id });
    go(`users/${user.id}`);
    reload();
    toast(`${fullName(user)} is back.`);
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
}
