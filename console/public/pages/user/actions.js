/** What can be done about a user as a whole: inviting, suspending, removing. */

import { html, useState } from '../../vendor/preact.js';
import { ApiError, call, inviteLink } from '../../api.js';
import { useOwn } from '../../own.js';
import { Check, useForm } from '../../forms.js';
import { inWords } from '../../plain-words.js';
import { go, href } from '../../router.js';
import { isOpen, wasInvited } from '../../standing.js';
import { texts } from '../../texts.js';
import {
  Alert,
  Button,
  asApiError,
  Confirm,
  Copy,
  Dialog,
  fullName,
  toast,
  useAction,
} from '../../ui.js';
import { pathIn } from '../account/inside.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').User} User */

/** @param {Props} props */
export function Actions({ user, account, onUser, reload }) {
  const { account: own, me } = useOwn();
  const [asks, setAsks] = useState(/** @type {'suspend' | 'remove' | 'held' | ''} */ (''));
  const { error, press } = useAction();
  const isSelf = user.id === me.id;
  const list = pathIn(account.id === own.id ? undefined : account.id, 'users');
  const invite = (/** @type {string} */ said) => async () => {
    onUser(await call('user/updateRole', { id: user.id, sendInvite: true }));
    toast(said);
  };
  const revoke = async () => {
    onUser(await call('invite/revoke', { id: user.id }));
    toast(texts.actions.revoked);
  };
  const activate = async () => {
    onUser(await call('user/update', { id: user.id, state: 'active' }));
    toast(texts.actions.activated(fullName(user)));
  };
  const isWaiting = isOpen(user);
  const invited = isWaiting
    ? html`
        ${
          user.invite &&
          html`<${Copy} text=${inviteLink(user.invite)}>${texts.actions.copyLink}<//>`
        }
        <${Button} ...${press('invite', invite(texts.actions.inviteSentAgain))}>
          ${texts.actions.sendInviteAgain}
        <//>
        <${Button} ...${press('revoke', revoke)}>${texts.actions.revoke}<//>
      `
    : html`<${Button} ...${press('invite', invite(texts.actions.inviteSent))}>
        ${wasInvited(user) ? texts.actions.sendInviteAgain : texts.common.sendInvite}
      <//>`;
  const close = () => setAsks('');
  return html`<div>
    <div class="actions">
      ${user.state === 'invited' && invited}
      ${user.state === 'suspended' && html`<${Button} ...${press('activate', activate)}>${texts.common.activate}<//>`}
      ${
        !isSelf &&
        user.state === 'active' &&
        html`<${Button} onClick=${() => setAsks('suspend')}>${texts.common.suspend}<//>`
      }
      ${!isSelf && html`<${Button} danger onClick=${() => setAsks('remove')}>${texts.common.remove}<//>`}
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
    toast(texts.actions.suspended(fullName(user)));
  };
  return html`<${Confirm}
    title=${texts.actions.suspendTitle(fullName(user))}
    action=${texts.actions.suspendUser}
    danger
    onConfirm=${suspend}
    onClose=${onClose}
  >
    <p>${texts.actions.suspendText}</p>
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
    toast(texts.actions.removed(name), {
      label: texts.actions.undo,
      run: () => bringBack(user, reload),
    });
    return true;
  };
  return html`<${Confirm}
    title=${texts.actions.removeTitle(name)}
    action=${texts.actions.removeUser}
    danger
    onConfirm=${remove}
    onClose=${onClose}
  >
    <p>${texts.actions.removeText}</p>
    ${isOpen(user) && html`<p>${texts.actions.inviteEnds}</p>`}
    ${
      user.role !== 'user' &&
      html`<${Check}
        form=${options}
        name="keepKeys"
        label=${texts.actions.keepKeys}
        hint=${texts.actions.keepKeysHint}
      />`
    }
  <//>`;
}

/** @param {{ user: User, onClose: () => void }} props */
const Held = ({ user, onClose }) =>
  html`<${Dialog} title=${texts.actions.held(fullName(user))} onClose=${onClose}>
    <p role="alert">
      ${texts.actions.heldText(
        (words) => html`<a href=${href(`users/${user.id}/holds`)} onClick=${onClose}>${words}</a>`,
      )}
    </p>
    <div class="actions end"><${Button} onClick=${onClose}>${texts.common.close}<//></div>
  <//>`;

/** @param {User} user @param {() => void} reload */
async function bringBack(user, reload) {
  try {
    await call('trash/restore', { id: user.id });
    go(`users/${user.id}`);
    reload();
    toast(texts.actions.restored(fullName(user)));
  } catch (error) {
    toast(inWords(asApiError(error)));
  }
}
