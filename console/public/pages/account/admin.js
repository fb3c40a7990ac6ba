/** An admin for another account than the operator's own: the admin invites everybody else. */

import { html, useState } from '../../vendor/preact.js';
import { call, inviteLink } from '../../api.js';
import { Form, Submit, Text, useForm } from '../../forms.js';
import { texts } from '../../texts.js';
import { CopyField, Section, toast } from '../../ui.js';

/** @typedef {import('../../contract').Account} Account */

/** @param {{ account: Account }} props */
export function Admin({ account }) {
  const [link, setLink] = useState('');
  const blank = { email: '' };
  const submit = async (/** @type {typeof blank} */ { email }) => {
    const fields = { accountId: account.id, email, role: /** @type {const} */ ('admin') };
    const { invite } = await call('user/create', { ...fields, sendInvite: true });
    setLink(invite ? inviteLink(invite) : '');
    form.reset(blank);
    toast(texts.account.invited(email));
  };
  const form = useForm(blank, submit, { draft: `admin ${account.id}` });
  return html`<${Section} title=${texts.account.admin} text=${texts.account.adminHint}>
    <${Form} form=${form}>
      <${Text} form=${form} name="email" label=${texts.common.email} type="email" required />
      <${Submit} form=${form} onlyChanged>${texts.common.sendInvite}<//>
    <//>
    ${link && html`<${CopyField} label=${texts.account.inviteLink} text=${link} />`}
  <//>`;
}
