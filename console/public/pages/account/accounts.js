/** All accounts there are, for the operator: each leads to its page, and a new one can be made. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { Form, Submit, Text, useForm } from '../../forms.js';
import { go, href } from '../../router.js';
import { Alert, Badge, Button, Dialog, Pager, Table, Time, toast, useLoad } from '../../ui.js';

/** @typedef {import('../../contract').Account} Account */

/** @param {{ shown: Account }} props read again when the one that is shown has changed */
export function Accounts({ shown }) {
  const [cursor, setCursor] = useState({});
  const [isMaking, setMaking] = useState(false);
  const read = (/** @type {AbortSignal} */ signal) =>
    call('account/find', {}, { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [cursor, shown.id, shown.version]);
  return html`
    <div class="head">
      <h2>All accounts</h2>
      <${Button} onClick=${() => setMaking(true)}>New account<//>
    </div>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>Try again<//>`}
    ${data && html`<${Table} label="Accounts" columns=${COLUMNS} rows=${data.data} isOld=${loading} />`}
    ${data && html`<${Pager} page=${data} onGo=${setCursor} />`}
    ${isMaking && html`<${Make} onClose=${() => setMaking(false)} />`}
  `;
}

/** @param {{ onClose: () => void }} props */
function Make({ onClose }) {
  const form = useForm({ name: '' }, async (fields) => {
    const { id, name } = await call('account/create', fields);
    onClose();
    go(`account/${id}`);
    toast(`${name} is made. Nobody is in it yet: invite an admin.`);
  });
  return html`<${Dialog} title="New account" onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label="New account">
      <${Text}
        form=${form}
        name="name"
        label="Name"
        required
        autofocus
        hint="People see it in invitations and in letters."
      />
      <div class="actions end">
        <${Button} disabled=${form.busy} onClick=${onClose}>Cancel<//>
        <${Submit} form=${form}>Make the account<//>
      </div>
    <//>
  <//>`;
}

/** @type {import('../../ui/table.js').Column<Account>[]} */
const COLUMNS = [
  {
    label: 'Name',
    kind: 'main',
    cell: ({ id, name }) => html`<a class="breaks" href=${href(`account/${id}`)}>${name}</a>`,
  },
  { label: 'State', kind: 'tag', cell: ({ state }) => html`<${Badge} kind=${state} />` },
  { label: 'Made', cell: ({ created }) => html`<${Time} at=${created} dateOnly />` },
];
