/** An admin for another account than the operator's own: whoever that is invites everybody else. */

import { html, useState } from '../../vendor/preact.js';
import { call, inviteLink } from '../../api.js';
import { Form, Submit, Text, useForm } from '../../forms.js';
import { CopyField, Section, toast } from '../../ui.js';

/** @typedef {import('../../contract').Account} Account */

/** @param {{ account: Account }} props */
export function Admin({ account }) {
  const [link, setLink] = useState('');
  const blank = { email: '' };
  const form = useForm(blank, async ({ email }) => {
    const fields = { accountId: account.id, email, role: /** @type {const} */ ('admin') };
    const { invite } = await call('user/create', { ...fields, sendInvite: true });
    setLink(invite ? inviteLink(invite) : '');
    form.reset(blank);
    toast(`${email} is invited.`);
  });
  return html`<${Section} title="Invite an admin" text="Who looks after this account, and invites others.">
    <${Form} form=${form}>
      <${Text} form=${form} name="email" label="E-mail" type="email" required />
      <${Submit} form=${form} onlyChanged>Invite<//>
    <//>
    ${link && html`<${CopyField} label="Link of the invitation" text=${link} />`}
  <//>`;
}
