/** Whether an account is open: suspended, put aside to be deleted, brought back. Not the operator's own. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { texts } from '../../texts.js';
import { Alert, Button, Confirm, Section, Time, toast, useAction } from '../../ui.js';

/** @typedef {import('../account.js').Props} Props */

/** @param {Props} props */
export function State({ account, onAccount }) {
  const [asks, setAsks] = useState(/** @type {'suspend' | 'remove' | undefined} */ (undefined));
  const { busy, error, run } = useAction();
  const { id: accountId, name, state, version } = account;
  const suspend = async () => {
    onAccount(await call('account/update', { accountId, version, state: 'suspended' }));
    toast(texts.account.suspended(name));
  };
  const remove = async () => {
    onAccount(await call('account/remove', { accountId, version }));
    toast(texts.account.removed(name));
  };
  const open = async () => {
    onAccount(await call('account/update', { accountId, version, state: 'active' }));
    toast(texts.account.reopened(name));
  };
  const close = () => setAsks(undefined);
  return html`<${Section} title=${texts.common.state} text=${texts.account.states[state]}>
    <${Alert} error=${error} />
    ${state === 'removed' && html`<p>${texts.account.deletedOn(html`<${Time} at=${account.purgeAfter} />`)}</p>`}
    <div class="actions">
      ${state === 'active' && html`<${Button} onClick=${() => setAsks('suspend')}>${texts.account.suspendAccount}<//>`}
      ${
        state !== 'active' &&
        html`<${Button} busy=${busy} onClick=${() => run(open)}>
          ${state === 'removed' ? texts.account.backToOpen : texts.common.activate}
        <//>`
      }
      ${
        state !== 'removed' &&
        html`<${Button} danger onClick=${() => setAsks('remove')}>${texts.account.removeAccount}<//>`
      }
    </div>
    ${
      asks === 'suspend' &&
      html`<${Confirm}
        title=${texts.account.suspendTitle(name)}
        action=${texts.account.suspendAccount}
        danger
        onConfirm=${suspend}
        onClose=${close}
      >
        <p>${texts.account.suspendText}</p>
      <//>`
    }
    ${
      asks === 'remove' &&
      html`<${Confirm}
        title=${texts.account.removeTitle(name)}
        action=${texts.account.removeAccount}
        danger
        word=${name}
        onConfirm=${remove}
        onClose=${close}
      >
        <p>${texts.account.removeText}</p>
      <//>`
    }
  <//>`;
}
