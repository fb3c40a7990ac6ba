/** Removed users: brought back, or deleted for good. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
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
import { Inside, pathIn, scopeOf } from './account/inside.js';
import { RestoreWith, takenIn } from './trash/restore.js';

/** @typedef {import('../contract').User} User */
/** @typedef {import('../contract').Cursors & { index?: import('../contract').Index }} Query */

/** @param {{ query: Query, id?: string }} props the id of another account than the own one */
export default function Trash({ query, id }) {
  const { index, next, prev } = query;
  const read = (/** @type {AbortSignal} */ signal) =>
    call('trash/find', scopeOf(id), { query: { index, next, prev }, signal });
  const { data, error, loading, reload } = useLoad(read, [id, index, next, prev]);
  const show = (/** @type {Query} */ change) =>
    goInstead(pathIn(id, 'trash'), { index, ...change });
  const orders = [
    { value: '', label: 'Oldest first' },
    { value: 'gs1', label: 'By e-mail' },
  ];
  return html`
    <${Inside} id=${id} here="trash" />
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
  const [asked, setAsked] = useState(/** @type {Asked | undefined} */ (undefined));
  const { busy, error, run } = useAction();
  if (page.data.length === 0 && !page.next && !page.prev) {
    return html`<${Empty} title="The trash is empty">
      Users you remove stay here for a while, and you can restore them.
    <//>`;
  }
  const onRestored = (/** @type {User} */ user) => {
    setAsked(undefined);
    reload();
    const look = { label: 'Show user', run: () => go(`users/${user.id}`) };
    toast(`${fullName(user)} is back.${user.state === 'invited' ? NEEDS_INVITE : ''}`, look);
  };
  const restore = (/** @type {User} */ user) => async () => {
    try {
      onRestored(await call('trash/restore', { id: user.id }));
    } catch (error) {
      const taken = takenIn(error);
      if (taken.length === 0) throw error;
      setAsked({ user, taken });
    }
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
    ${asked && html`<${RestoreWith} ...${asked} onDone=${onRestored} onClose=${() => setAsked(undefined)} />`}
    ${purged && html`<${Purge} user=${purged} onDone=${reload} onClose=${close} />`}
  `;
}

/** @typedef {{ user: User, taken: ReturnType<typeof takenIn> }} Asked */

const NEEDS_INVITE = ' They need an invitation to join.';

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
      Everything that is stored about this user is deleted at once. You cannot undo this.
    </p>
  <//>`;
}

/** @type {import('../ui/table.js').Column<User>[]} */
const COLUMNS = [
  { label: 'Name', kind: 'main', cell: (user) => html`<${Person} user=${user} />` },
  { label: 'Role', kind: 'tag', cell: (user) => html`<${Badge} kind=${user.role} />` },
  { label: 'Removed', cell: (user) => html`<${Time} at=${user.updated} />` },
  { label: 'Deleted on', cell: (user) => html`<${Time} at=${user.purgeAfter} dateOnly />` },
];
