/** Removed users: brought back, or deleted for good. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../app.js';
import { isWithinReach } from '../permissions.js';
import { go, goInstead } from '../router.js';
import {
  Alert,
  Badge,
  Busy,
  Button,
  Confirm,
  Empty,
  Filter,
  Head,
  Pager,
  Person,
  Table,
  Time,
  fullName,
  toast,
  useAction,
  useLoad,
} from '../ui.js';

/** @typedef {import('../contract').User} User */
/** @typedef {import('../contract').Cursors & { index?: import('../contract').Index }} Query */

/** @param {{ query: Query }} props */
export default function Trash({ query }) {
  const { index, next, prev } = query;
  const read = (/** @type {AbortSignal} */ signal) =>
    call('trash/find', {}, { query: { index, next, prev }, signal });
  const { data, error, loading, reload } = useLoad(read, [index, next, prev]);
  const show = (/** @type {Query} */ change) => goInstead('trash', { index, ...change });
  const orders = [
    { value: '', label: 'Oldest first' },
    { value: 'gs1', label: 'By e-mail' },
  ];
  return html`
    <${Head} title="Trash" />
    <div class="filters single">
      <${Filter}
        label="Order"
        value=${index}
        choices=${orders}
        onChange=${(/** @type {Query['index']} */ index) => show({ index })}
      />
    </div>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>Try again<//>`} ${!data && !error && html`<${Busy} />`}
    ${data && html`<${List} page=${data} isOld=${loading} reload=${reload} onGo=${show} />`}
  `;
}

/**
 * @param {{ page: import('../contract').Page<User>, isOld: boolean, reload: () => void,
 *   onGo: (cursor: Query) => void }} props
 */
function List({ page, isOld, reload, onGo }) {
  const { me } = useOwn();
  const [purged, setPurged] = useState(/** @type {User | undefined} */ (undefined));
  const { busy, error, run } = useAction();
  if (page.data.length === 0 && !page.next && !page.prev) {
    return html`<${Empty} title="The trash is empty">
      Whoever is removed stays here for a while, and can be brought back.
    <//>`;
  }
  const restore = (/** @type {User} */ user) => async () => {
    await call('trash/restore', { id: user.id });
    reload();
    const look = { label: 'Show', run: () => go(`users/${user.id}`) };
    toast(`${fullName(user)} is back.`, look);
  };
  const actions = (/** @type {User} */ user) =>
    isWithinReach(me.role, user) &&
    html`<div class="actions end">
      <${Button} small busy=${busy} onClick=${() => run(restore(user))}>
        Restore<span class="unseen"> ${fullName(user)}</span>
      <//>
      <${Button} small danger onClick=${() => setPurged(user)}>
        Delete<span class="unseen"> ${fullName(user)}</span>
      <//>
    </div>`;
  const columns = [...COLUMNS, { label: 'Actions', kind: 'end', cell: actions }];
  const close = () => setPurged(undefined);
  return html`
    <${Alert} error=${error} />
    <${Table} label="Removed users" columns=${columns} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} onGo=${onGo} />
    ${purged && html`<${Purge} user=${purged} onDone=${reload} onClose=${close} />`}
  `;
}

/** @param {{ user: User, onDone: () => void, onClose: () => void }} props */
function Purge({ user, onDone, onClose }) {
  const purge = async () => {
    await call('trash/purge', { id: user.id });
    toast(`${fullName(user)} is deleted.`);
    onDone();
  };
  return html`<${Confirm}
    title=${`Delete ${fullName(user)} for good?`}
    action="Delete for good"
    danger
    word=${user.email}
    onConfirm=${purge}
    onClose=${onClose}
  >
    <p>
      Everything that is stored about this user is deleted, at once. This cannot be undone. The
      e-mail can be used again.
    </p>
  <//>`;
}

/** @type {import('../ui/table.js').Column<User>[]} */
const COLUMNS = [
  { label: 'Name', kind: 'main', cell: (user) => html`<${Person} user=${user} />` },
  { label: 'Role', kind: 'tag', cell: (user) => html`<${Badge} kind=${user.role} />` },
  { label: 'Removed', cell: (user) => html`<${Time} at=${user.updated} />` },
  { label: 'Deleted by itself', cell: (user) => html`<${Time} at=${user.purgeAfter} dateOnly />` },
];
