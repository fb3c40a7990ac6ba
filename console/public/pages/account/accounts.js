/** All accounts there are, for the operator: each leads to its page, and a new one can be made. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Check, Form, Submit, Text, useForm } from '../../forms.js';
import { go, href } from '../../router.js';
import { Alert, Badge, Button, Dialog, Pager, Table, Time, toast, useLoad } from '../../ui.js';
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
      <h2>All accounts</h2>
      <div class="actions">
        <a class="button" href="#/person">Find a person</a>
        <${Button} onClick=${() => setMaking(true)}>New account<//>
      </div>
    </div>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>Try again<//>`}
    ${data && html`<${Table} label="Accounts" columns=${columnsFrom(own.id)} rows=${data.data} isOld=${loading} />`}
    ${data && html`<${Pager} page=${data} onGo=${setCursor} />`}
    ${isMaking && html`<${Make} onClose=${() => setMaking(false)} />`}
  `;
}

/** @param {{ onClose: () => void }} props */
function Make({ onClose }) {
  const form = useForm({ name: '', managed: false }, async (fields) => {
    const { id, name } = await call('account/create', fields);
    onClose();
    go(`account/${id}`);
    toast(`${name} is created. Nobody is in it yet: invite an admin.`);
  });
  return html`<${Dialog} title="New account" onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label="New account">
      <${Text}
        form=${form}
        name="name"
        label="Name"
        required
        autofocus
        hint="People see it in invitations and emails."
      />
      <${Check}
        form=${form}
        name="managed"
        label="Managed: its admins may set passwords"
        hint="Only for an organization whose admins you trust with how people sign in."
      />
      <div class="actions end">
        <${Button} disabled=${form.busy} onClick=${onClose}>Cancel<//>
        <${Submit} form=${form}>Create account<//>
      </div>
    <//>
  <//>`;
}

/** @param {string} own @returns {import('../../ui/table.js').Column<Account>[]} */
const columnsFrom = (own) => [
  {
    label: 'Name',
    kind: 'main',
    cell: ({ id, name }) => html`<a class="breaks" href=${href(`account/${id}`)}>${name}</a>`,
  },
  { label: 'State', kind: 'tag', cell: ({ state }) => html`<${Badge} kind=${state} />` },
  {
    label: 'Sign-ins',
    kind: 'short',
    cell: ({ managed }) => (managed ? 'managed' : 'their own'),
  },
  { label: 'Created', cell: ({ created }) => html`<${Time} at=${created} dateOnly />` },
  {
    label: 'Inside',
    kind: 'end',
    cell: ({ id, name }) =>
      html`<a class="button small" href=${href(pathIn(id === own ? undefined : id, 'users'))}>
        Show users<span class="unseen"> of ${name}</span>
      </a>`,
  },
];
