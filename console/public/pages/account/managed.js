/** Whether an account's admins may look after how its people sign in; the operator decides. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { texts } from '../../texts.js';
import { Button, Confirm, Section, toast } from '../../ui.js';

/** @typedef {import('../account.js').Props} Props */

/** @param {Props & { isHome: boolean }} props */
export function Managed({ account, onAccount, isHome }) {
  const [asks, setAsks] = useState(false);
  const { id: accountId, managed, name, version } = account;
  const change = async () => {
    onAccount(await call('account/update', { accountId, version, managed: !managed }));
    toast((managed ? texts.account.managedNoMore : texts.account.managedHere)(name));
  };
  const action = managed ? texts.managed.stop : texts.managed.start;
  return html`<${Section} title=${texts.managed.title} text=${managed ? texts.managed.on : texts.managed.off}>
    ${isHome && html`<p class="hint">${texts.account.managedOwn}</p>`}
    ${
      !isHome &&
      html`<div class="actions">
        <${Button} danger=${managed} onClick=${() => setAsks(true)}>${action}<//>
      </div>`
    }
    ${
      asks &&
      html`<${Confirm}
        title=${(managed ? texts.managed.stopTitle : texts.managed.startTitle)(name)}
        action=${action}
        danger
        onConfirm=${change}
        onClose=${() => setAsks(false)}
      >
        <p>${managed ? texts.managed.stopText : texts.managed.startText}</p>
        <p>${managed ? texts.managed.stopForever : texts.managed.startKeeps}</p>
      <//>`
    }
  <//>`;
}
