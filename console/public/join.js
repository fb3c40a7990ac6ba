/** Shown to whoever has signed in and is no user of any account yet: come in by an invite, or found one. */

import { html } from './vendor/preact.js';
import { call } from './api.js';
import { Form, Submit, Text, useForm } from './forms.js';
import { forget } from './session.js';

/** @param {{ onJoined: () => void }} props */
export function Join({ onJoined }) {
  const joining = useForm({ invite: '' }, async ({ invite }) => {
    await call('user/login', { invite: codeIn(invite) });
    onJoined();
  });
  const founding = useForm({ 'account.name': '' }, async ({ 'account.name': name }) => {
    await call('user/login', { register: true, ...(name && { account: { name } }) });
    onJoined();
  });
  return html`
    <h1>You are signed in, but in no account yet</h1>
    <${Form} form=${joining} label="Accept an invitation">
      <${Text}
        form=${joining}
        name="invite"
        label="Link or code of an invitation"
        required
        hint="It is in the letter that you were sent."
      />
      <${Submit} form=${joining}>Accept the invitation<//>
    <//>
    <${Form} form=${founding} label="Make an account">
      <${Text}
        form=${founding}
        name="account.name"
        label="Name of a new account"
        hint="You will be its admin, and can invite others."
      />
      <button type="submit" class="button" aria-busy=${founding.busy}>Make an account</button>
    <//>
    <div class="links">
      <button type="button" class="link" onClick=${() => forget()}>Sign out</button>
    </div>
  `;
}

/** The code in a link, or the code itself. @param {string} text */
export const codeIn = (text) => text.trim().replace(/^.*#(invite|setup)=/, '');
