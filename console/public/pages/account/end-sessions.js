/** Signing everybody out of an account. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { texts } from '../../texts.js';
import { Button, Confirm, Section, toast } from '../../ui.js';

/** @param {{ scope: { accountId?: string }, isOwn: boolean }} props */
export function EndSessions({ scope, isOwn }) {
  const [isAsked, setAsked] = useState(false);
  const end = async () => {
    await call('account/update', { ...scope, endSessions: true });
    toast(texts.account.endedSessions);
  };
  return html`<${Section} title=${texts.account.endSessions} text=${texts.account.endSessionsHint}>
    <${Button} danger onClick=${() => setAsked(true)}>${texts.account.endSessions}<//>
    ${
      isAsked &&
      html`<${Confirm}
        title=${texts.account.endSessions}
        action=${texts.account.endSessions}
        danger
        onConfirm=${end}
        onClose=${() => setAsked(false)}
      >
        <p>${isOwn ? texts.account.endSessionsOwn : texts.account.endSessionsOther}</p>
      <//>`
    }
  <//>`;
}
