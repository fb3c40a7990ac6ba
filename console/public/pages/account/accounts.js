/** All accounts there are, for the operator: each leads to its page, and a new one can be made. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Check, Form, Submit, Text, useForm } from '../../forms.js';
import { go, href } from '../../router.js';
import { texts } from '../../texts.js';
import {
  Alert,
  Badge,
  Button,
  Dialog,
  Name,
  Pager,
  Table,
  Time,
  toast,
  useLoad,
} from '../../ui.js';
import { pathIn } from './inside.js';

/** @typedef {import('../../contract').Account} Account */

/** @param {{ shown: Account }} props read again when the one that is shown has changed */
export function Accounts({ shown }) {
  const [cursor, setCursor] = useState({});
  const { account: own } = useOwn();
  const [isMaking, setMaking] = useState(false);
  const read = (/** @type {AbortSignal} */ signal) =>
    call('account/find', {}, { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [cursor, shown.id, shown.version]);
  return html`
    <div class="head">
      <h2>${texts.account.all}</h2>
      <div class="actions">
        <a class="button" href="#/person">${texts.account.findPerson}</a>
        <${Button} onClick=${() => setMaking(true)}>${texts.account.newAccount}<//>
      </div>
    </div>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${data && html`<${Table} label=${texts.account.all} columns=${columnsFrom(own.id)} rows=${data.data} isOld=${loading} />`}
    ${data && html`<${Pager} page=${data} onGo=${setCursor} />`}
    ${isMaking && html`<${NewAccount} onClose=${() => setMaking(false)} />`}
  `;
}

/** A new account, which nobody is in. @param {{ onClose: () => void }} props */
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
  const cancel = () => {
    form.discard();
    onClose();
  };
  return html`<${Dialog} title=${texts.account.newAccount} onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label=${texts.account.newAccount}>
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
      <div class="actions end">
        <${Button} disabled=${form.busy} onClick=${cancel}>${texts.common.cancel}<//>
        <${Submit} form=${form}>${texts.common.createAccount}<//>
      </div>
    <//>
  <//>`;
}

/** @param {string} own @returns {import('../../ui/table.js').Column<Account>[]} */
const columnsFrom = (own) => [
  {
    label: texts.common.name,
    kind: 'main',
    cell: ({ id, name }) =>
      html`<a class="breaks" href=${href(`account/${id}`)}><${Name} name=${name} /></a>`,
  },
  { label: texts.common.state, kind: 'tag', cell: ({ state }) => html`<${Badge} kind=${state} />` },
  {
    label: texts.account.signIns,
    kind: 'short',
    cell: ({ managed }) => (managed ? texts.account.isManaged : texts.account.notManaged),
  },
  { label: texts.common.created, cell: ({ created }) => html`<${Time} at=${created} dateOnly />` },
  {
    label: texts.account.inside,
    kind: 'end',
    cell: ({ id, name }) =>
      html`<a class="button small" href=${href(pathIn(id === own ? undefined : id, 'users'))}>
        ${texts.account.showUsers}<span class="unseen">${texts.account.showUsersOf(name)}</span>
      </a>`,
  },
];
