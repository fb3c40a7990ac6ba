/** Going for good: one leaves all accounts, and the own sign-in is deleted. */

import { html, useState } from '../../vendor/preact.js';
import { claimsOf } from '../../entered.js';
import { removeIdentity } from '../../sign-in-and-out.js';
import { tokens } from '../../session.js';
import { texts } from '../../texts.js';
import { Button, Confirm, Section } from '../../ui.js';

/** @param {{ isHere: boolean }} props */
export function DeleteAccount({ isHere }) {
  const [asks, setAsks] = useState(false);
  const text = isHere ? texts.deleteAccount.here : texts.deleteAccount.elsewhere;
  return html`<${Section} title=${texts.deleteAccount.title} text=${text}>
    <${Button} danger onClick=${() => setAsks(true)}>${texts.deleteAccount.ask}<//>
    ${asks && html`<${Ask} isHere=${isHere} onClose=${() => setAsks(false)} />`}
  <//>`;
}

/** @param {{ isHere: boolean, onClose: () => void }} props */
function Ask({ isHere, onClose }) {
  // What the sign-in is called, which need not be the user's email in this account.
  const [email] = useState(() => claimsOf(tokens())?.email);
  const remove = async () => {
    await removeIdentity(email === undefined ? {} : { email });
    // The dialog goes with all else that is shown.
    return false;
  };
  return html`<${Confirm}
    title=${texts.deleteAccount.title}
    action=${texts.deleteAccount.title}
    danger
    word=${email}
    onConfirm=${remove}
    onClose=${onClose}
  >
    <p>${texts.deleteAccount.lost}</p>
    ${isHere && html`<p>${texts.deleteAccount.lostHere}</p>`}
  <//>`;
}
