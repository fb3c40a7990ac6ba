/** Making an account, as the operator: nobody is in it until an admin is invited. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { Check, DialogActions, Form, Text, useForm } from '../../forms.js';
import { go } from '../../router.js';
import { texts } from '../../texts.js';
import { Dialog, toast } from '../../ui.js';

/** @param {{ onClose: () => void }} props */
export function NewAccount({ onClose }) {
  const blank = { name: '', managed: false };
  const submit = async (/** @type {typeof blank} */ fields) => {
    const { id, name } = await call('account/create', fields);
    form.reset(blank);
    onClose();
    go(`account/${id}`);
    toast(texts.account.createdNew(name));
  };
  const form = useForm(blank, submit, { draft: 'account' });
  return html`<${Dialog} title=${texts.accounts.create} onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label=${texts.accounts.create}>
      <${Text}
        form=${form}
        name="name"
        label=${texts.common.name}
        required
        autofocus
        hint=${texts.account.nameHint}
      />
      <${Check}
        form=${form}
        name="managed"
        label=${texts.managed.check}
        hint=${texts.managed.checkHint}
      />
      <${DialogActions} form=${form} onClose=${onClose}>${texts.common.createAccount}<//>
    <//>
  <//>`;
}
