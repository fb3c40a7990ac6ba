/** Whether an account is open: suspended, put aside to be deleted, brought back. Not the operator's own. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { Alert, Button, Confirm, Section, Time, toast, useAction } from '../../ui.js';

/** @typedef {import('../account.js').Props} Props */

const TEXTS = {
  active: 'Its users and keys have access.',
  suspended: 'Its users and keys have no access, and nobody can join.',
  removed:
    'Its users and keys have no access. After a while, it is deleted with all that is in it.',
};

/** @param {Props} props */
export function State({ account, onAccount }) {
  const [asks, setAsks] = useState(/** @type {'suspend' | 'remove' | undefined} */ (undefined));
  const { busy, error, run } = useAction();
  const { id: accountId, name, state, version } = account;
  const suspend = async () => {
    onAccount(await call('account/update', { accountId, version, state: 'suspended' }));
    toast(`${name} is suspended.`);
  };
  const remove = async () => {
    onAccount(await call('account/remove', { accountId, version }));
    toast(`${name} is removed.`);
  };
  const open = async () => {
    onAccount(await call('account/update', { accountId, version, state: 'active' }));
    toast(`${name} is open again.`);
  };
  const close = () => setAsks(undefined);
  return html`<${Section} title="State" text=${TEXTS[state]}>
    <${Alert} error=${error} />
    ${state === 'removed' && html`<p>Deleted for good: <${Time} at=${account.purgeAfter} /></p>`}
    <div class="actions">
      ${state === 'active' && html`<${Button} onClick=${() => setAsks('suspend')}>Suspend<//>`}
      ${
        state !== 'active' &&
        html`<${Button} busy=${busy} onClick=${() => run(open)}>
          ${state === 'removed' ? 'Bring back' : 'Activate'}
        <//>`
      }
      ${
        state !== 'removed' && html`<${Button} danger onClick=${() => setAsks('remove')}>Remove<//>`
      }
    </div>
    ${
      asks === 'suspend' &&
      html`<${Confirm}
        title=${`Suspend ${name}?`}
        action="Suspend"
        danger
        onConfirm=${suspend}
        onClose=${close}
      >
        <p>
          Its users and keys lose access until you activate it again. Nothing is deleted.
        </p>
      <//>`
    }
    ${
      asks === 'remove' &&
      html`<${Confirm}
        title=${`Remove ${name}?`}
        action="Remove"
        danger
        word=${name}
        onConfirm=${remove}
        onClose=${close}
      >
        <p>
          Its users and keys lose access. You can bring it back for a while; then it is deleted for
          good, with all that is in it.
        </p>
      <//>`
    }
  <//>`;
}
