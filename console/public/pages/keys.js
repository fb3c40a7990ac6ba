/** API keys: what programs call the service with. Each is shown once, when it is made. */

import { html, useState } from '../vendor/preact.js';
import { Actor } from '../actor.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { Choice, Form, Submit, Text, useForm } from '../forms.js';
import { grantable, isWithinReach } from '../permissions.js';
import {
  Ago,
  Alert,
  Badge,
  Busy,
  Button,
  Confirm,
  CopyField,
  Dialog,
  Empty,
  Head,
  Pager,
  Table,
  Time,
  toast,
  useLoad,
} from '../ui.js';
import { Inside, scopeOf } from './account/inside.js';

/** @typedef {import('../contract').Key} Key */
/** @typedef {import('../contract').NewKey} NewKey */
/** @typedef {import('../contract').Cursors} Cursors */

const ACCESS = { write: 'reads and writes', read: 'only reads' };

/** @param {{ id?: string }} props the id of another account than the own one */
export default function Keys({ id }) {
  const [cursor, setCursor] = useState({});
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState(/** @type {NewKey | undefined} */ (undefined));
  const [removed, setRemoved] = useState(/** @type {Key | undefined} */ (undefined));
  const read = (/** @type {AbortSignal} */ signal) =>
    call('key/find', scopeOf(id), { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [id, cursor]);
  const onMade = (/** @type {NewKey} */ key) => {
    setMade(key);
    setMaking(false);
    reload();
  };
  const list = { page: data, isOld: loading, onGo: setCursor, onRemove: setRemoved };
  return html`
    <${Inside} id=${id} here="keys" />
    <${Head} title="Keys">
      <${Button} primary onClick=${() => setMaking(true)}>New key<//>
    <//>
    ${made && html`<${Made} made=${made} onKept=${() => setMade(undefined)} />`}
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>Try again<//>`} ${!data && !error && html`<${Busy} />`}
    ${data && html`<${List} ...${list} />`}
    ${isMaking && html`<${Make} id=${id} onMade=${onMade} onClose=${() => setMaking(false)} />`}
    ${
      removed &&
      html`<${Remove} removed=${removed} onDone=${reload} onClose=${() => setRemoved(undefined)} />`
    }
  `;
}

/** Stays until one says so, since it cannot be had again. @param {{ made: NewKey, onKept: () => void }} props */
const Made = ({ made, onKept }) =>
  html`<section class="note good stack" aria-label="New key">
    <p>
      <strong class="breaks">${made.name}</strong> is created. Copy the key now: it is shown only once.
    </p>
    <${CopyField} label="Key" text=${made.key} />
    <div class="actions"><${Button} onClick=${onKept}>I’ve saved it<//></div>
  </section>`;

/**
 * @param {{ page: import('../contract').Page<Key>, isOld: boolean, onGo: (cursor: Cursors) => void,
 *   onRemove: (key: Key) => void }} props
 */
function List({ page, isOld, onGo, onRemove }) {
  const { me } = useOwn();
  if (page.data.length === 0 && !page.prev) {
    return html`<${Empty} title="No keys">
      A key lets a program call the service, as what its role allows. Make one for each program.
    <//>`;
  }
  const removing = {
    label: 'Actions',
    kind: 'end',
    cell: (/** @type {Key} */ key) =>
      isWithinReach(me.role, key) &&
      html`<${Button} small danger onClick=${() => onRemove(key)}>
        Remove<span class="unseen"> ${key.name}</span>
      <//>`,
  };
  return html`
    <${Table} label="Keys" columns=${[...COLUMNS, removing]} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} onGo=${onGo} />
  `;
}

/** @param {{ id?: string, onMade: (key: NewKey) => void, onClose: () => void }} props */
function Make({ id, onMade, onClose }) {
  const { me } = useOwn();
  const blank = {
    name: '',
    role: /** @type {Key['role']} */ ('user'),
    access: /** @type {Key['access']} */ ('write'),
    expires: '',
  };
  const form = useForm(blank, async ({ expires, ...fields }) => {
    const ends = expires && { expires: endOf(expires) };
    onMade(await call('key/create', { ...scopeOf(id), ...fields, ...ends }));
  });
  const roles = grantable(me.role, Boolean(id)).map((role) => ({ value: role, label: role }));
  const access = Object.entries(ACCESS).map(([value, label]) => ({ value, label }));
  return html`<${Dialog} title="New key" onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label="New key">
      <${Text}
        form=${form}
        name="name"
        label="Name"
        required
        autofocus
        hint="Which program it is for."
      />
      <div class="pair">
        <${Choice} form=${form} name="role" label="Role" required choices=${roles} />
        <${Choice} form=${form} name="access" label="Access" required choices=${access} />
      </div>
      <${Text}
        form=${form}
        name="expires"
        label="Last day"
        type="date"
        hint="It opens nothing from the day after."
      />
      <div class="actions end">
        <${Button} disabled=${form.busy} onClick=${onClose}>Cancel<//>
        <${Submit} form=${form}>Create key<//>
      </div>
    <//>
  <//>`;
}

/** The end of a day of the reader's. @param {string} day */
const endOf = (day) => new Date(`${day}T23:59:59`).toISOString();

/** @param {{ removed: Key, onDone: () => void, onClose: () => void }} props */
function Remove({ removed, onDone, onClose }) {
  const remove = async () => {
    await call('key/remove', { id: removed.id });
    toast('The key is removed.');
    onDone();
  };
  return html`<${Confirm}
    title=${`Remove ${removed.name}?`}
    action="Remove"
    danger
    onConfirm=${remove}
    onClose=${onClose}
  >
    <p>Programs that call with it are refused from then on. A removed key does not come back.</p>
    <p>Last used: <${Time} at=${removed.lastUsed} none="never" /></p>
  <//>`;
}

/** @type {import('../ui/table.js').Column<Key>[]} */
const COLUMNS = [
  {
    label: 'Name',
    kind: 'main',
    cell: ({ good, name, start }) =>
      html`<strong class="breaks"><bdi>${name}</bdi></strong> <code>${start}…</code>${
        !good && html` <${Badge} kind="ended" />`
      }`,
  },
  { label: 'Role', kind: 'tag', cell: ({ role }) => html`<${Badge} kind=${role} />` },
  { label: 'Access', kind: 'tag short', cell: ({ access }) => ACCESS[access] },
  { label: 'Last used', cell: ({ lastUsed }) => html`<${Ago} at=${lastUsed} none="never" />` },
  { label: 'Ends', cell: ({ expires }) => html`<${Time} at=${expires} dateOnly none="never" />` },
  {
    label: 'Created',
    kind: 'wide',
    cell: ({ created }) => html`<${Time} at=${created} dateOnly />`,
  },
  {
    label: 'Whose',
    kind: 'wide named',
    cell: ({ maker }) => (maker ? html`<${Actor} actor=${maker} />` : '–'),
  },
];
