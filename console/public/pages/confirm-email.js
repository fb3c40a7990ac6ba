/** Behind the link of the email to a new address of one's own: opened where one is signed in, it moves there. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { Alert, Button, useAction } from '../ui.js';

/** @param {{ code: string }} props */
export default function ConfirmEmail({ code }) {
  const { me, reload } = useOwn();
  const [email, setEmail] = useState('');
  const { busy, error, run } = useAction();
  const confirm = async () => {
    const saved = await call('user/confirmEmail', { code });
    setEmail(saved.email ?? '');
    reload();
  };
  if (email) {
    return html`
      <h1>Your e-mail is changed</h1>
      <p class="note good breaks" role="status">
        Your e-mail is <strong>${email}</strong> from now on. All your other sessions have ended.
      </p>
      <p class="links"><a href="#/me/sign-in">To your page</a></p>
    `;
  }
  return html`
    <h1>Confirm your new e-mail</h1>
    <p class="breaks">
      You are signed in as <strong>${me.email}</strong>. If you have asked to change this e-mail to
      the one that the link was sent to, confirm it. All your other sessions end, and the old e-mail
      gets an email about it.
    </p>
    <${Alert} error=${error} />
    <div class="actions">
      <${Button} primary busy=${busy} onClick=${() => run(confirm)}>Confirm e-mail<//>
    </div>
    <p class="links"><a href="#/me/sign-in">Not now</a></p>
  `;
}
