/** Removed users: brought back, or deleted for good. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { isWithinReach } from '../permissions.js';
import { go, goInstead } from '../router.js';
import { texts } from '../texts.js';
import {
  Alert,
  Badge,
  Button,
  Confirm,
  Empty,
  Filter,
  Head,
  Pager,
  Person,
  Skeleton,
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
  const turn = (/** @type {import('../contract').Cursors} */ cursor) =>
    go(pathIn(id, 'trash'), { index, ...cursor });
  const orders = [
    { value: '', label: texts.common.oldestFirst },
    { value: 'gs1', label: texts.common.byEmail },
  ];
  return html`
    <${Inside} id=${id} here="trash" />
    <${Head} title=${texts.titles.trash} />
    <div class="filters single">
      <${Filter}
        label=${texts.common.sortBy}
        value=${index}
        choices=${orders}
        onChange=${(/** @type {Query['index']} */ index) => show({ index })}
      />
    </div>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`} ${!data && !error && html`<${Skeleton} />`}
    ${data && html`<${List} page=${data} isOld=${loading} reload=${reload} onGo=${turn} />`}
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
    return html`<${Empty} title=${texts.trash.empty}>
      ${texts.trash.emptyHint}
    <//>`;
  }
  const onRestored = (/** @type {User} */ user) => {
    setAsked(undefined);
    reload();
    const look = { label: texts.trash.showUser, run: () => go(`users/${user.id}`) };
    const { needsInvite, restored } = texts.trash;
    toast((user.state === 'invited' ? needsInvite : restored)(fullName(user)), look);
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
        ${texts.trash.restore}<span class="unseen"> ${fullName(user)}</span>
      <//>
      <${Button} small danger onClick=${() => setPurged(user)}>
        ${texts.trash.delete}<span class="unseen"> ${fullName(user)}</span>
      <//>
    </div>`;
  const columns = [...common(), { label: texts.common.actions, kind: 'end', cell: actions }];
  const close = () => setPurged(undefined);
  return html`
    <${Alert} error=${error} />
    <${Table} label=${texts.trash.removedUsers} columns=${columns} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} onGo=${onGo} />
    ${asked && html`<${RestoreWith} ...${asked} onDone=${onRestored} onClose=${() => setAsked(undefined)} />`}
    ${purged && html`<${Purge} user=${purged} onDone=${reload} onClose=${close} />`}
  `;
}

/** @typedef {{ user: User, taken: ReturnType<typeof takenIn> }} Asked */

/** @param {{ user: User, onDone: () => void, onClose: () => void }} props */
function Purge({ user, onDone, onClose }) {
  const purge = async () => {
    await call('trash/purge', { id: user.id });
    toast(texts.trash.deleted(fullName(user)));
    onDone();
  };
  return html`<${Confirm}
    title=${texts.trash.deleteTitle(fullName(user))}
    action=${texts.trash.deleteForGood}
    danger
    word=${user.email}
    onConfirm=${purge}
    onClose=${onClose}
  >
    <p>${texts.trash.deleteText}</p>
  <//>`;
}

/** @returns {import('../ui/table.js').Column<User>[]} */
const common = () => [
  { label: texts.common.name, kind: 'main', cell: (user) => html`<${Person} user=${user} />` },
  { label: texts.common.role, kind: 'tag', cell: (user) => html`<${Badge} kind=${user.role} />` },
  { label: texts.trash.removed, cell: (user) => html`<${Time} at=${user.updated} />` },
  {
    label: texts.trash.deletedOn,
    cell: (user) => html`<${Time} at=${user.purgeAfter} dateOnly />`,
  },
];
