/** Behind the link of the email to a new address of one's own: opened where one is signed in, it moves there. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { byLink } from '../emailed-link.js';
import { useOwn } from '../own.js';
import { texts } from '../texts.js';
import { Alert, Button, Name, useAction } from '../ui.js';

/** @param {{ code: string }} props */
export default function ConfirmEmail({ code }) {
  const { me, reload } = useOwn();
  const [email, setEmail] = useState('');
  const { busy, error, run } = useAction();
  const confirm = async () => {
    const saved = await byLink(call('user/confirmEmail', { code }));
    setEmail(saved.email ?? '');
    reload();
  };
  if (email) {
    return html`
      <h1>${texts.confirmEmail.changed}</h1>
      <p class="note good breaks" role="status">
        ${texts.confirmEmail.changedTo(html`<strong><${Name} name=${email} /></strong>`)}
      </p>
      <p class="links"><a href="#/me/sign-in">${texts.confirmEmail.toProfile}</a></p>
    `;
  }
  return html`
    <h1>${texts.confirmEmail.title}</h1>
    <p class="breaks">
      ${texts.confirmEmail.text(html`<strong><${Name} name=${me.email} /></strong>`)}
    </p>
    <${Alert} error=${error} />
    <div class="actions">
      <${Button} primary busy=${busy} onClick=${() => run(confirm)}>${texts.confirmEmail.confirm}<//>
    </div>
    <p class="links"><a href="#/me/sign-in">${texts.confirmEmail.notNow}</a></p>
  `;
}
