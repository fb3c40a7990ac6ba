/** Going for good: one leaves all accounts, and the own sign-in is deleted. */

import { html, useState } from '../../vendor/preact.js';
import { claimsOf } from '../../entered.js';
import { removeIdentity } from '../../sign-in-and-out.js';
import { tokens } from '../../session.js';
import { Button, Confirm, Section } from '../../ui.js';

/** @param {{ isHere: boolean }} props */
export function DeleteAccount({ isHere }) {
  const [asks, setAsks] = useState(false);
  const text = isHere
    ? 'You leave all accounts that you are in, and your sign-in is deleted. This cannot be undone.'
    : 'You leave all accounts that you are in. Your sign-in with the other service stays as it is.';
  return html`<${Section} title="Delete my account" text=${text}>
    <${Button} danger onClick=${() => setAsks(true)}>Delete my account…<//>
    ${asks && html`<${Ask} isHere=${isHere} onClose=${() => setAsks(false)} />`}
  <//>`;
}

/** @param {{ isHere: boolean, onClose: () => void }} props */
function Ask({ isHere, onClose }) {
  // What the sign-in is called, which need not be the user's e-mail in this account.
  const [email] = useState(() => claimsOf(tokens())?.email);
  const remove = async () => {
    await removeIdentity(email === undefined ? {} : { email });
    // The dialog goes with all else that is shown.
    return false;
  };
  return html`<${Confirm}
    title="Delete my account?"
    action="Delete my account"
    danger
    word=${email}
    onConfirm=${remove}
    onClose=${onClose}
  >
    <p>
      You lose access to all your accounts at once, on all devices. To come back to one of them you
      need a new invitation from one of its admins.
    </p>
    ${
      isHere &&
      html`<p>
        Your password, your second factor and your sessions are deleted. If you sign up again with
        the same email, you start from scratch.
      </p>`
    }
  <//>`;
}
