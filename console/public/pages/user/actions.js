/** What can be done about a user as a whole: inviting, suspending, removing. */

import { html, useState } from '../../vendor/preact.js';
import { ApiError, call, inviteLink } from '../../api.js';
import { useOwn } from '../../app.js';
import { go, href } from '../../router.js';
import { Alert, Button, Confirm, Copy, Dialog, fullName, toast, useAction } from '../../ui.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').User} User */

/** @param {Props} props */
export function Actions({ user, onUser, reload }) {
  const { me } = useOwn();
  const [asks, setAsks] = useState(/** @type {'suspend' | 'remove' | 'held' | ''} */ (''));
  const { busy, error, run } = useAction();
  const isSelf = user.id === me.id;
  const invite = (/** @type {string} */ said) => async () => {
    onUser(await call('user/updateRole', { id: user.id, sendInvite: true }));
    toast(said);
  };
  const revoke = async () => {
    onUser(await call('invite/revoke', { id: user.id }));
    toast('The invitation is taken back; its link opens nothing any more.');
  };
  const activate = async () => {
    onUser(await call('user/update', { id: user.id, state: 'active' }));
    toast(`${fullName(user)} can come in again.`);
  };
  const invited = user.invite
    ? html`
        <${Copy} text=${inviteLink(user.invite)}>Copy invite link<//>
        <${Button} busy=${busy} onClick=${() => run(invite('A fresh letter is on its way; the older link is void.'))}>
          Send again
        <//>
        <${Button} busy=${busy} onClick=${() => run(revoke)}>Take back<//>
      `
    : html`<${Button} busy=${busy} onClick=${() => run(invite('The invitation is on its way.'))}>
        Send an invitation
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
    ${asks === 'remove' && html`<${Remove} user=${user} reload=${reload} onHeld=${() => setAsks('held')} onClose=${close} />`}
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
    <p>No call is answered any more, until somebody activates this user again. Nothing is deleted.</p>
  <//>`;
}

/** @param {{ user: User, reload: () => void, onHeld: () => void, onClose: () => void }} props */
function Remove({ user, reload, onHeld, onClose }) {
  const name = fullName(user);
  const remove = async () => {
    try {
      await call('user/remove', { id: user.id });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'held') throw error;
      onHeld();
      return false;
    }
    go('users');
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
      This user goes into the trash and cannot come in any more. It can be brought back from there,
      until it is deleted for good.
    </p>
    ${user.invite && html`<p>The open invitation is void then.</p>`}
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
