/** What a user owns elsewhere, and so cannot be removed for. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import {
  Alert,
  Busy,
  Button,
  Confirm,
  Empty,
  Pager,
  Table,
  Time,
  toast,
  useLoad,
} from '../../ui.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').Hold} Hold */

/** @param {Props} props */
export function Holds({ user, mayChange, reload: reloadUser }) {
  const [cursor, setCursor] = useState({});
  const [released, setReleased] = useState(/** @type {Hold | undefined} */ (undefined));
  const { id } = user;
  const read = (/** @type {AbortSignal} */ signal) =>
    call('hold/find', { id }, { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [id, cursor]);
  if (error) return html`<${Alert} error=${error} /><${Button} onClick=${reload}>Try again<//>`;
  if (!data) return html`<${Busy} />`;
  if (data.data.length === 0) {
    return html`<${Empty} title="No holds">
      Other services place a hold where this user owns something that must not lose its owner. While
      one stands, the user cannot be removed.
    <//>`;
  }
  const release = async (/** @type {Hold} */ hold) => {
    await call('hold/release', { id, hold: hold.id });
    toast('The hold is released.');
    reload();
    reloadUser();
  };
  const releasing = {
    label: 'Actions',
    kind: 'end',
    cell: (/** @type {Hold} */ hold) =>
      html`<${Button} small onClick=${() => setReleased(hold)}>Release<//>`,
  };
  const columns = mayChange ? [...COLUMNS, releasing] : COLUMNS;
  return html`
    <${Table} label="Holds" columns=${columns} rows=${data.data} isOld=${loading} />
    <${Pager} page=${data} onGo=${setCursor} />
    ${
      released &&
      html`<${Confirm}
        title="Release this hold?"
        action="Release"
        danger
        onConfirm=${() => release(released)}
        onClose=${() => setReleased(undefined)}
      >
        <p>
          ${released.kind} <code>${released.ref}</code>: usually the service that has placed a hold
          releases it. Once none is left, the user can be removed.
        </p>
      <//>`
    }
  `;
}

/** @type {import('../../ui/table.js').Column<Hold>[]} */
const COLUMNS = [
  { label: 'Kind', kind: 'main', cell: ({ kind }) => kind },
  { label: 'Reference', cell: ({ ref }) => html`<span class="breaks">${ref}</span>` },
  { label: 'Data', cell: ({ data }) => data && html`<code>${JSON.stringify(data)}</code>` },
  { label: 'Placed', cell: ({ created }) => html`<${Time} at=${created} />` },
];
