/** Signing everybody out of an account. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { Button, Confirm, Section, toast } from '../../ui.js';

/** @param {{ scope: { accountId?: string }, isOwn: boolean }} props */
export function EndSessions({ scope, isOwn }) {
  const [isAsked, setAsked] = useState(false);
  const end = async () => {
    await call('account/update', { ...scope, endSessions: true });
    toast('Everybody has been signed out of the account.');
  };
  const text =
    'Everybody who is signed in has to sign in again before using this account. They stay signed in to their other ' +
    'accounts, and API keys stay valid.';
  return html`<${Section} title="Sign everybody out" text=${text}>
    <${Button} danger onClick=${() => setAsked(true)}>Sign everybody out<//>
    ${
      isAsked &&
      html`<${Confirm}
        title="Sign everybody out?"
        action="Sign everybody out"
        danger
        onConfirm=${end}
        onClose=${() => setAsked(false)}
      >
        <p>
          ${isOwn ? 'You have to sign in again yourself, too.' : 'All users of the account have to sign in again.'}
        </p>
      <//>`
    }
  <//>`;
}
