/** Going for good: one leaves all accounts, and the own sign-in is deleted, if it is one of this service. */

import { html, useState } from '../../vendor/preact.js';
import { claimsOf } from '../../entered.js';
import { removeIdentity } from '../../sign-in-and-out.js';
import { tokens } from '../../session.js';
import { texts } from '../../texts.js';
import { Button, Confirm, Section } from '../../ui.js';

/** @param {{ isHere: boolean }} props whether the sign-in is one of this service */
export function GoForGood({ isHere }) {
  const [asks, setAsks] = useState(false);
  const where = isHere ? 'here' : 'elsewhere';
  return html`<${Section} title=${texts.goingForGood.title[where]} text=${texts.goingForGood.text[where]}>
    <${Button} danger onClick=${() => setAsks(true)}>${texts.goingForGood.ask[where]}<//>
    ${asks && html`<${Ask} where=${where} onClose=${() => setAsks(false)} />`}
  <//>`;
}

/** @param {{ where: 'here' | 'elsewhere', onClose: () => void }} props */
function Ask({ where, onClose }) {
  const { lost, lostHere } = texts.goingForGood;
  // What the sign-in is called, which need not be the user's email in this account.
  const [email] = useState(() => claimsOf(tokens())?.email);
  const remove = async () => {
    const isHere = where === 'here';
    await removeIdentity(email === undefined ? {} : { email }, isHere);
    // The dialog goes with all else that is shown.
    return false;
  };
  return html`<${Confirm}
    title=${texts.goingForGood.title[where]}
    action=${texts.goingForGood.title[where]}
    danger
    word=${email}
    onConfirm=${remove}
    onClose=${onClose}
  >
    <p>${texts.goingForGood.text[where]}</p>
    <p>${lost} ${where === 'here' && lostHere}</p>
  <//>`;
}
