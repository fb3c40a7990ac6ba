/** The account's users: found while one types, filtered, in two orders, page by page. */

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { call, inviteLink } from '../api.js';
import { useOwn } from '../own.js';
import { ROLES } from '../permissions.js';
import { go, goInstead, href } from '../router.js';
import { texts } from '../texts.js';
import {
  Ago,
  Alert,
  Badge,
  Busy,
  Button,
  Copy,
  Empty,
  Filter,
  Head,
  Pager,
  Person,
  SearchField,
  Table,
  Time,
  useLoad,
  useSettled,
} from '../ui.js';
import { Inside, pathIn, scopeOf } from './account/inside.js';

/** @typedef {import('../contract').User} User */
/** @typedef {import('../contract').Page<User>} Users */
/** @typedef {import('../contract').Cursors} Cursors */
/** @typedef {import('../contract').Index} Index */
/** @typedef {import('../contract').UsualState} UsualState */
/**
 * What of the list is shown; the place's query.
 * @typedef {Cursors & { search?: string, role?: User['role'], state?: UsualState, index?: Index }} Query
 */
/** @typedef {Record<string, string | undefined>} Change */

const ROWS = 25;
const SETTLES_IN_MS = 150;
/** A page of a filter that hardly anybody passes may be empty, and still have one after it. */
const MAX_EMPTY_PAGES = 20;

/** @param {{ query: Query, id?: string }} props the id of another account than the own one */
export default function UsersPage({ query, id }) {
  const { can } = useOwn();
  const { search, role, state, index, next, prev } = query;
  const inputs = [id, search, role, state, index, next, prev];
  const { data, error, loading, reload } = useLoad((signal) => read(query, signal, id), inputs);
  const show = (/** @type {Change} */ change) => {
    goInstead(pathIn(id, 'users'), { ...query, next: '', prev: '', ...change });
  };
  return html`
    <${Inside} id=${id} here="users" />
    <${Head} title=${texts.common.users}>
      ${can('users/change') && html`<a class="button primary" href=${href(pathIn(id, 'invite-users'))}>${texts.common.invitePeople}</a>`}
    <//>
    ${can('users/search') && html`<${Filters} query=${query} onChange=${show} />`}
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`} ${!data && !error && html`<${Busy} />`}
    ${data && html`<${List} page=${data} id=${id} query=${query} isOld=${loading} onShow=${show} />`}
  `;
}

/**
 * @param {Query} query
 * @param {AbortSignal} signal
 * @param {string} [id]
 * @returns {Promise<Users>}
 */
async function read({ search, role, state, index, next, prev }, signal, id) {
  const body = {
    ...scopeOf(id),
    ...(search && { search }),
    ...(role && { role }),
    ...(state && { state }),
  };
  const isBack = !next && Boolean(prev);
  let cursor = { next, prev };
  for (let pages = 1; ; pages += 1) {
    const at = { index, limit: ROWS, ...cursor };
    /** @type {Users} */
    const page = await call('user/find', body, { query: at, signal });
    const further = isBack ? page.prev : page.next;
    if (page.data.length > 0 || !further || pages === MAX_EMPTY_PAGES) return page;
    cursor = isBack ? { next: '', prev: further } : { next: further, prev: '' };
  }
}

/** @param {{ query: Query, onChange: (change: Change) => void }} props */
function Filters({ query, onChange }) {
  const states = ['invited', 'active', 'suspended'];
  return html`<div class="filters" role="search">
    <${Search} search=${query.search ?? ''} onSearch=${(/** @type {string} */ search) => onChange({ search })} />
    <${Filter}
      label=${texts.common.role}
      value=${query.role}
      choices=${[{ value: '', label: texts.users.allRoles }, ...ROLES.map(named)]}
      onChange=${(/** @type {string} */ role) => onChange({ role })}
    />
    <${Filter}
      label=${texts.common.state}
      value=${query.state}
      choices=${[{ value: '', label: texts.users.allStates }, ...states.map(named)]}
      onChange=${(/** @type {string} */ state) => onChange({ state })}
    />
    <${Filter}
      label=${texts.common.sortBy}
      value=${query.search ? 'name' : query.index}
      disabled=${Boolean(query.search)}
      choices=${
        query.search
          ? [{ value: 'name', label: texts.common.byName }]
          : [
              { value: '', label: texts.common.oldestFirst },
              { value: 'gs1', label: texts.common.byEmail },
            ]
      }
      onChange=${(/** @type {string} */ index) => onChange({ index })}
    />
  </div>`;
}

/** @param {string} value */
const named = (value) => ({ value, label: texts.badges[value] });

/** @param {{ search: string, onSearch: (search: string) => void }} props */
function Search({ search, onSearch }) {
  const [text, setText] = useState(search);
  const settled = useSettled(text.trim(), SETTLES_IN_MS);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    if (settled !== search) onSearch(settled);
  }, [settled]);
  // Going back changes the text, too, but never under the hands of who is typing.
  useEffect(() => {
    if (document.activeElement !== input.current) setText(search);
  }, [search]);
  return html`<${SearchField}
    label=${texts.users.search}
    placeholder=${texts.users.placeholder}
    inputRef=${input}
    value=${text}
    onInput=${setText}
  />`;
}

/** @param {{ page: Users, id?: string, query: Query, isOld: boolean, onShow: (change: Change) => void }} props */
function List({ page, id, query, isOld, onShow }) {
  const { can, me } = useOwn();
  const isFiltered = Boolean(query.search || query.role || query.state);
  if (page.data.length === 0) {
    return html`<${Empty} title=${isFiltered ? texts.common.noUsersMatch : texts.users.none}>
      ${
        isFiltered &&
        html`<${Button} onClick=${() => onShow({ search: '', role: '', state: '' })}>
          ${texts.users.showAll}
        <//>`
      }
    <//>`;
  }
  const isAlone = !id && !isFiltered && !page.next && !page.prev && page.data.length === 1;
  const columns = can('users/search') ? adminColumns() : columnsOf(me);
  const turn = (/** @type {Cursors} */ cursor) => {
    go(pathIn(id, 'users'), { ...query, next: '', prev: '', ...cursor });
    scrollTo({ top: 0 });
  };
  return html`
    <${Table} label=${texts.common.users} columns=${columns} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} onGo=${turn} />
    ${
      isAlone &&
      can('users/change') &&
      html`<${Empty} title=${texts.users.alone}>
        ${texts.users.aloneHint((words) => html`<a href="#/invite-users">${words}</a>`)}
      <//>`
    }
  `;
}

const role = () => ({
  label: texts.common.role,
  kind: 'tag',
  cell: (/** @type {User} */ user) => html`<${Badge} kind=${user.role} />`,
});
const state = () => ({
  label: texts.common.state,
  kind: 'tag',
  cell: (/** @type {User} */ user) => html`<${Badge} kind=${user.state} />`,
});

/** @returns {import('../ui/table.js').Column<User>[]} */
const adminColumns = () => [
  {
    label: texts.common.name,
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} link=${href(`users/${user.id}`)} />`,
  },
  role(),
  state(),
  {
    label: texts.common.lastSeen,
    cell: (user) => html`<${Ago} at=${user.activity} none=${texts.common.never} />`,
  },
  {
    label: texts.common.added,
    kind: 'wide',
    cell: (user) => html`<${Time} at=${user.created} dateOnly />`,
  },
  {
    label: texts.users.invitation,
    kind: 'end',
    cell: (user) =>
      user.invite &&
      html`<${Copy} small text=${inviteLink(user.invite)} about=${user.email}>${texts.common.copyInviteLink}<//>`,
  },
];

/** Users see of others just this much. @param {User} me @returns {import('../ui/table.js').Column<User>[]} */
const columnsOf = (me) => [
  {
    label: texts.common.name,
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} link=${user.id === me.id ? href('me') : ''} />`,
  },
  role(),
  state(),
];
