/** Removed users: brought back, or deleted for good. */

import { html, useEffect, useState } from '../vendor/preact.js';
import { ApiError, call } from '../api.js';
import { useOwn } from '../own.js';
import { isWithinReach } from '../permissions.js';
import { go, goInstead } from '../router.js';
import { texts } from '../texts.js';
import {
  Ago,
  Alert,
  Badge,
  Button,
  Confirm,
  Empty,
  Filter,
  fullName,
  Head,
  Name,
  Person,
  Skeleton,
  Table,
  toast,
  useAction,
  useLoad,
} from '../ui.js';
import { Inside, pathIn, scopeOf } from './account/inside.js';
import { RestoreWith, takenIn } from './trash/restore.js';
import { Pages } from './users/pages.js';

/** @typedef {import('../contract').User} User */
/** @typedef {{ order?: string, offset?: string }} Query */
/** `isUnsorted` where there are too many. @typedef {{ data: User[], total: number, from: number, order: string, isUnsorted?: boolean }} Shown */

const ROWS = 25;

/** @param {{ query: Query, id?: string }} props the id of another account than the own one */
export default function Trash({ query, id }) {
  const { order = '', offset = '' } = query;
  const read = (/** @type {AbortSignal} */ signal) => readTrash({ order, offset }, signal, id);
  const { data, error, loading, reload } = useLoad(read, [id, order, offset]);
  const orders = [
    { value: '', label: texts.trash.lastRemovedFirst },
    { value: 'updated', label: texts.trash.firstRemovedFirst },
    { value: 'email', label: texts.common.byEmail },
    { value: '-email', label: texts.common.byEmailReversed },
  ];
  const { total } = data ?? {};
  return html`
    <${Inside} id=${id} here="trash" />
    <${Head} title=${texts.titles.trash} note=${total ? texts.users.count(total) : ''} />
    <div class="filters">
      <${Filter}
        label=${texts.common.sortBy}
        value=${order}
        choices=${orders}
        onChange=${(/** @type {string} */ order) => goInstead(pathIn(id, 'trash'), { order })}
      />
    </div>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${!data && !error && html`<${Skeleton} />`}
    ${data?.isUnsorted && html`<p class="hint" role="status">${texts.trash.tooMany}</p>`}
    ${
      data &&
      html`<${List}
        page=${data}
        isOld=${loading}
        reload=${reload}
        onGo=${
          // The ways lead on from what is shown, whatever was asked for since.
          (/** @type {Query} */ where) => go(pathIn(id, 'trash'), { order: data.order, ...where })
        }
      />`
    }
  `;
}

/**
 * A page of the trash, the user who was removed last on top. Where there are more than the service sorts, it is the
 * one who was added last.
 * @param {{ order: string, offset: string }} query
 * @param {AbortSignal} signal
 * @param {string} [id]
 * @returns {Promise<Shown>}
 */
async function readTrash({ order, offset }, signal, id) {
  const at = { limit: ROWS, offset: Number(offset) };
  const list = (/** @type {string} */ order) =>
    call('trash/list', scopeOf(id), { query: { ...at, order }, signal });
  const from = Number(offset);
  try {
    return { ...(await list(order || '-updated')), from, order };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'too_many_users') throw error;
    return { ...(await list('-id')), from, order, isUnsorted: true };
  }
}

/**
 * @param {{ page: Shown, isOld: boolean, reload: () => void, onGo: (where: Query) => void }} props
 */
function List({ page, isOld, reload, onGo }) {
  const { me } = useOwn();
  const [purged, setPurged] = useState(/** @type {User | undefined} */ (undefined));
  const [asked, setAsked] = useState(/** @type {Asked | undefined} */ (undefined));
  const { error, press } = useAction();
  const { data, total, from } = page;
  const before = from > 0 ? { offset: String(Math.max(from - ROWS, 0)) } : undefined;
  // Those of the last page have gone meanwhile.
  const isBehind = data.length === 0 && from > 0;
  useEffect(() => {
    if (isBehind) onGo(before ?? {});
  }, [isBehind]);
  if (total === 0) {
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
      <${Button} small ...${press(user.id, restore(user))}>
        ${texts.trash.restore}<span class="unseen"> <${Name} name=${fullName(user)} /></span>
      <//>
      <${Button} small danger onClick=${() => setPurged(user)}>
        ${texts.trash.delete}<span class="unseen"> <${Name} name=${fullName(user)} /></span>
      <//>
    </div>`;
  const columns = [...common(), { label: texts.common.actions, kind: 'end', cell: actions }];
  const close = () => setPurged(undefined);
  return html`
    <${Alert} error=${error} />
    <${Table} label=${texts.trash.removedUsers} columns=${columns} rows=${data} isOld=${isOld} />
    <${Pages}
      count=${data.length}
      from=${from}
      total=${total}
      before=${before}
      after=${from + data.length < total ? { offset: String(from + ROWS) } : undefined}
      ends=${false}
      onGo=${onGo}
    />
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
  {
    label: texts.common.name,
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} wraps />`,
  },
  {
    label: texts.common.role,
    kind: 'tag least',
    cell: (user) => html`<${Badge} kind=${user.role} />`,
  },
  { label: texts.trash.removed, kind: 'less', cell: (user) => html`<${Ago} at=${user.updated} />` },
  {
    label: texts.trash.deletedOn,
    cell: (user) => html`<${Ago} at=${user.purgeAfter} />`,
  },
];
