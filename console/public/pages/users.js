/** The account's users: found while one types, filtered, sorted, page by page; and what is done about one or many. */

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { useOwn } from '../own.js';
import { ROLES } from '../permissions.js';
import { go, goInstead, href } from '../router.js';
import { INVITE_STATES } from '../standing.js';
import { texts } from '../texts.js';
import {
  Alert,
  BulkBar,
  Button,
  Empty,
  Filter,
  Head,
  SearchField,
  Skeleton,
  Table,
  fullName,
  useLoad,
  useRowKeys,
  useSelection,
  useSettled,
} from '../ui.js';
import { Inside, pathIn } from './account/inside.js';
import { adminColumns, plainColumns, rowMenu } from './users/columns.js';
import { LookThrough } from './users/look-through.js';
import { Pages } from './users/pages.js';
import { ROWS, isFiltered, readUsers, sortOf, sortedBy } from './users/read.js';
import { StepDialog } from './users/step-dialog.js';
import { STEPS, fitting } from './users/steps.js';

/** @typedef {import('../contract').User} User */
/** @typedef {import('./users/read.js').Query} Query */
/** @typedef {import('../ui/table.js').Sort} Sort */
/** @typedef {import('./users/read.js').Shown} Shown */
/** @typedef {import('./users/step-dialog.js').Asked} Asked */
/** @typedef {Record<string, string | undefined>} Change */

const SETTLES_IN_MS = 150;
/** Where the list begins. */
const START = { next: '', prev: '', end: '', from: '', anywhere: '' };

/** @param {{ query: Query, id?: string }} props the id of another account than the own one */
export default function UsersPage({ query, id }) {
  const { can } = useOwn();
  const isAdmin = can('users/search');
  const { search, role, state, index, order, next, prev, end, anywhere } = query;
  const inputs = [id, search, role, state, index, order, next, prev, end, anywhere];
  const read = (/** @type {AbortSignal} */ signal) => readUsers(query, signal, { id, isAdmin });
  const { data, error, loading, reload } = useLoad(read, inputs);
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  useRowKeys();
  const show = (/** @type {Change} */ change) =>
    goInstead(pathIn(id, 'users'), { ...query, ...START, ...change });
  const list = { id, query, isOld: loading, reload, onShow: show };
  const { total } = data ?? {};
  return html`
    <${Inside} id=${id} here="users" />
    <${Head} title=${texts.common.users} note=${total === undefined ? '' : texts.users.count(total)}>
      ${can('users/change') && html`<a class="button primary" href=${href(pathIn(id, 'invite-users'))}>${texts.common.invitePeople}</a>`}
    <//>
    ${isAdmin && html`<${Filters} query=${query} inputRef=${box} onChange=${show} />`}
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${!data && !error && html`<${Skeleton} rows=${8} />`}
    ${data && (data.scanned === undefined ? html`<${List} shown=${data} ...${list} />` : html`<${LookThrough} key=${search} shown=${data} list=${Rows} ...${list} />`)}
  `;
}

/**
 * @param {{ query: Query, onChange: (change: Change) => void,
 *   inputRef: { current: HTMLInputElement | null } }} props
 */
function Filters({ query, onChange, inputRef }) {
  const states = ['active', 'invited', ...Object.keys(INVITE_STATES), 'suspended'];
  return html`<div class="toolbar" role="search">
    <${Search}
      search=${query.search ?? ''}
      inputRef=${inputRef}
      onSearch=${(/** @type {string} */ search) => onChange({ search })}
    />
    <${Filter}
      isCompact
      label=${texts.common.role}
      value=${query.role}
      choices=${[{ value: '', label: texts.users.allRoles }, ...ROLES.map(named)]}
      onChange=${(/** @type {string} */ role) => onChange({ role })}
    />
    <${Filter}
      isCompact
      label=${texts.common.state}
      value=${query.state}
      choices=${[{ value: '', label: texts.users.allStates }, ...states.map(filtered)]}
      onChange=${(/** @type {string} */ state) => onChange({ state })}
    />
    ${
      !query.search &&
      html`<div class="narrow-only">
        <${Order} query=${query} onChange=${onChange} />
      </div>`
    }
  </div>`;
}

/** Where the email has no column of its own, the order is chosen here, and not in the heads of columns. @param {{ query: Query, onChange: (change: Change) => void }} props */
function Order({ query, onChange }) {
  /** @type {(Sort & { label: string })[]} */
  const orders = [
    { by: 'primary', descending: true, label: texts.common.newestFirst },
    { by: 'primary', descending: false, label: texts.common.oldestFirst },
    { by: 'gs1', descending: false, label: texts.common.byEmail },
    { by: 'gs1', descending: true, label: texts.common.byEmailReversed },
  ];
  const { by, descending } = sortOf(query);
  const present = orders.findIndex((one) => one.by === by && one.descending === descending);
  return html`<${Filter}
    isCompact
    label=${texts.common.sortBy}
    value=${String(present)}
    choices=${orders.map(({ label }, index) => ({ value: String(index), label }))}
    onChange=${(/** @type {string} */ index) => onChange(sortedBy(orders[Number(index)]))}
  />`;
}

/** @param {string} value */
const filtered = (value) => ({ value, label: texts.users.states[value] });

/** @param {string} value */
const named = (value) => ({ value, label: texts.badges[value] });

/**
 * @param {{ search: string, onSearch: (search: string) => void,
 *   inputRef: { current: HTMLInputElement | null } }} props
 */
function Search({ search, onSearch, inputRef }) {
  const [text, setText] = useState(search);
  const settled = useSettled(text.trim(), SETTLES_IN_MS);
  useEffect(() => {
    if (settled !== search) onSearch(settled);
  }, [settled]);
  // Going back changes the text, too, but never under the hands of who is typing.
  useEffect(() => {
    if (document.activeElement !== inputRef.current) setText(search);
  }, [search]);
  return html`<${SearchField}
    isCompact
    label=${texts.users.search}
    placeholder=${texts.users.placeholder}
    shortcut="/"
    inputRef=${inputRef}
    value=${text}
    onInput=${setText}
  />`;
}

/**
 * @typedef {object} ListProps
 * @property {Shown} shown
 * @property {string} [id]
 * @property {Query} query
 * @property {boolean} isOld
 * @property {() => void} reload
 * @property {(change: Change) => void} onShow
 */

/** @param {ListProps} props */
function List(props) {
  const { shown, id, query, onShow } = props;
  const { can } = useOwn();
  const { data, before, after, from = 0, total } = shown;
  const isWhole = !before && !after;
  if (data.length === 0 && isWhole) return html`<${None} query=${query} onShow=${onShow} />`;
  const isAlone = !id && !isFiltered(query) && isWhole && data.length === 1;
  // The ways lead on from what is shown, whatever was asked for since.
  const turn = (/** @type {Query} */ where) =>
    go(pathIn(id, 'users'), { ...shown.query, ...START, ...where });
  const ends = total !== undefined && {
    first: before && {},
    last: after && { end: String(total % ROWS || ROWS) },
  };
  return html`
    <${Rows} ...${props} />
    <${Pages} count=${data.length} from=${from} total=${total} before=${before} after=${after} ends=${ends} onGo=${turn} />
    ${query.search && !after && html`<${Further} onShow=${onShow} />`}
    ${
      isAlone &&
      can('users/change') &&
      html`<${Empty} title=${texts.users.alone}>
        ${texts.users.aloneHint((words) => html`<a href="#/invite-users">${words}</a>`)}
      <//>`
    }
  `;
}

/** The table, and what is done about those in it. @param {ListProps} props */
function Rows({ shown, id, query, isOld, reload, onShow }) {
  const { can, me } = useOwn();
  const { data } = shown;
  const [asked, setAsked] = useState(/** @type {Asked | undefined} */ (undefined));
  const { search, role, state } = query;
  const selection = useSelection(data, [id, search, role, state].join());
  // Those that were selected on other pages are still known.
  const seen = useRef(/** @type {Map<string, User>} */ (new Map()));
  for (const user of data) seen.current.set(user.id, user);
  if (!can('users/change')) {
    return html`<${Table} label=${texts.common.users} columns=${plainColumns(me)} rows=${data} isOld=${isOld} />`;
  }
  const selected = [...selection.ids].flatMap((id) => seen.current.get(id) ?? []);
  const onDone = () => {
    selection.clear();
    reload();
  };
  const sort = search ? undefined : sortOf(query);
  // Coming from another order, the newest come first.
  const onSort = (/** @type {Sort} */ { by, descending }) =>
    onShow(sortedBy({ by, descending: descending || (by === 'primary' && sort?.by !== by) }));
  const menu = rowMenu(me, (name, user) => setAsked({ name, users: [user] }));
  return html`
    <div class="people">
      <${Table}
        label=${texts.common.users}
        columns=${[...adminColumns(), menu]}
        rows=${data}
        isOld=${isOld}
        sort=${sort}
        onSort=${sort ? onSort : undefined}
        selection=${selection}
        nameOf=${fullName}
      />
    </div>
    <${BulkBar} selection=${selection}>
      <${BulkSteps} users=${selected} me=${me} onAsk=${setAsked} />
    <//>
    ${
      asked &&
      html`<${StepDialog} ...${asked} accountId=${id} onDone=${onDone} onClose=${() => setAsked(undefined)} />`
    }
  `;
}

/** @param {{ users: User[], me: User, onAsk: (asked: Asked) => void }} props */
function BulkSteps({ users, me, onAsk }) {
  const names = /** @type {(keyof typeof STEPS)[]} */ (Object.keys(STEPS));
  const possible = names.filter((name) => fitting(name, users, me).length > 0);
  return possible.map(
    (name) =>
      html`<${Button} key=${name} small danger=${name === 'remove' || name === 'revoke'} onClick=${() => onAsk({ name, users })}>
        ${texts.steps[name].label}
      <//>`,
  );
}

/** @param {{ query: Query, onShow: (change: Change) => void }} props */
function None({ query, onShow }) {
  const clear = { search: '', role: '', state: '' };
  return html`<${Empty} title=${isFiltered(query) ? texts.common.noUsersMatch : texts.users.none}>
    ${query.search && texts.users.notBegun}
    ${
      isFiltered(query) &&
      html`<span class="actions centred">
        ${
          query.search &&
          html`<${Button} primary onClick=${() => onShow({ anywhere: '1' })}>${texts.users.searchAnywhere}<//>`
        }
        <${Button} onClick=${() => onShow(clear)}>${texts.users.showAll}<//>
      </span>`
    }
  <//>`;
}

/** @param {{ onShow: (change: Change) => void }} props */
const Further = ({ onShow }) =>
  html`<p class="further">
    ${texts.users.notFound}
    <${Button} small onClick=${() => onShow({ anywhere: '1' })}>${texts.users.searchAnywhere}<//>
  </p>`;
