/** The invitations that are out: who was invited by whom, until when, and sending them again or taking them back. */

import { html, useRef, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { go, goInstead, href } from '../router.js';
import { isOpen } from '../standing.js';
import { texts } from '../texts.js';
import {
  Ago,
  Alert,
  Badge,
  BulkBar,
  Button,
  Empty,
  Filter,
  fullName,
  Head,
  Name,
  Pager,
  Person,
  Skeleton,
  Table,
  useLoad,
  useRowKeys,
  useSelection,
} from '../ui.js';
import { Inside, pathIn, scopeOf } from './account/inside.js';
import { rowMenu } from './users/columns.js';
import { readUsers } from './users/read.js';
import { StepDialog } from './users/step-dialog.js';

/** @typedef {import('../contract').User} User */
/** @typedef {import('../contract').Cursors} Cursors */
/** @typedef {import('../contract').Reply<'invite/find'>} Invitations */
/** The invitee, with what only the invitation says. @typedef {User & { inviter?: string }} Invitee */

/** @param {{ query: Cursors & { show?: string }, id?: string }} props the id of another account than the own one */
export default function InvitationsPage({ query, id }) {
  const { next, prev, show = '' } = query;
  const isExpired = show === 'expired';
  const read = (/** @type {AbortSignal} */ signal) =>
    isExpired ? readExpired(id, { next, prev }, signal) : readOpen(id, { next, prev }, signal);
  const { data, error, loading, reload } = useLoad(read, [id, show, next, prev]);
  useRowKeys();
  const invite = html`<a class="button primary" href=${href(pathIn(id, 'invite-users'))}>${texts.common.invitePeople}</a>`;
  const isNone = data?.rows.length === 0 && !data.prev && !data.next;
  return html`
    <${Inside} id=${id} here="invitations" />
    <${Head} title=${texts.titles.invitations}>${invite}<//>
    <div class="filters">
      <${Filter}
        label=${texts.transfer.show}
        value=${show}
        choices=${[
          { value: '', label: texts.users.states.open },
          { value: 'expired', label: texts.users.states.expired },
        ]}
        onChange=${(/** @type {string} */ show) => goInstead(pathIn(id, 'invitations'), { show })}
      />
    </div>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${!data && !error && html`<${Skeleton} />`}
    ${isNone && html`<${None} isExpired=${isExpired} />`}
    ${data && !isNone && html`<${List} key=${show} page=${data} id=${id} show=${show} isOld=${loading} reload=${reload} />`}
  `;
}

/** @param {{ isExpired: boolean }} props */
const None = ({ isExpired }) =>
  isExpired
    ? html`<${Empty} title=${texts.invitations.noneExpired}>${texts.invitations.noneExpiredHint}<//>`
    : html`<${Empty} title=${texts.invitations.none}>${texts.invitations.noneHint}<//>`;

/** @typedef {Cursors & { rows: Invitee[] }} Shown */

/** @param {string | undefined} id @param {Cursors} at @param {AbortSignal} signal @returns {Promise<Shown>} */
async function readOpen(id, at, signal) {
  const { data, ...cursors } = await call('invite/find', scopeOf(id), { query: at, signal });
  return { ...cursors, rows: data.map(asUser) };
}

/**
 * An invite whose time is over is no more than a note in the user's record.
 * @param {string | undefined} id
 * @param {Cursors} at
 * @param {AbortSignal} signal
 * @returns {Promise<Shown>}
 */
async function readExpired(id, at, signal) {
  const shown = await readUsers({ state: 'expired', ...at }, signal, { id, isAdmin: true });
  return { next: shown.after?.next, prev: shown.before?.prev, rows: shown.data };
}

/** @param {{ page: Shown, id?: string, show: string, isOld: boolean, reload: () => void }} props */
function List({ page, id, show, isOld, reload }) {
  const { me } = useOwn();
  const [asked, setAsked] = useState(
    /** @type {import('./users/step-dialog.js').Asked | undefined} */ (undefined),
  );
  const { rows } = page;
  const selection = useSelection(rows, id);
  // Those that were selected on other pages are still known.
  const seen = useRef(/** @type {Map<string, Invitee>} */ (new Map()));
  for (const row of rows) seen.current.set(row.id, row);
  const users = [...selection.ids].flatMap((id) => seen.current.get(id) ?? []);
  const onDone = () => {
    selection.clear();
    reload();
  };
  const menu = rowMenu(me, (name, user) => setAsked({ name, users: [user] }));
  const turn = (/** @type {Cursors} */ cursor) =>
    go(pathIn(id, 'invitations'), { show, ...cursor });
  return html`
    <div class="people">
      <${Table}
        label=${texts.titles.invitations}
        columns=${[...columns(show), menu]}
        rows=${rows}
        isOld=${isOld}
        selection=${selection}
        nameOf=${fullName}
      />
    </div>
    <${Pager} page=${page} isOld=${isOld} onGo=${turn} />
    <${BulkBar} selection=${selection}>
      <${Button} small onClick=${() => setAsked({ name: 'invite', users })}>${texts.common.sendAgain}<//>
      ${
        users.some(isOpen) &&
        html`<${Button} small danger onClick=${() => setAsked({ name: 'revoke', users })}>${texts.steps.revoke.label}<//>`
      }
    <//>
    ${
      asked &&
      html`<${StepDialog} ...${asked} accountId=${id} onDone=${onDone} onClose=${() => setAsked(undefined)} />`
    }
  `;
}

/** @param {Invitations['data'][number]} invitation @returns {Invitee} */
const asUser = ({ userId, sent, expires, ...invitation }) =>
  /** @type {Invitee} */ ({
    ...invitation,
    id: userId,
    state: 'invited',
    inviteSent: sent,
    inviteExpires: expires,
  });

/** Who has sent an invite is kept no longer than that. @param {string} show @returns {import('../ui/table.js').Column<Invitee>[]} */
const columns = (show) => [
  {
    label: texts.common.user,
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} link=${href(`users/${user.id}`)} />`,
  },
  {
    label: texts.common.email,
    kind: 'wide address',
    cell: ({ email }) =>
      html`<span class="cut" title=${email}><${Name} name=${email} hasOneLine /></span>`,
  },
  { label: texts.common.role, kind: 'tag', cell: ({ role }) => html`<${Badge} kind=${role} />` },
  ...(show === 'expired' ? [] : [inviter()]),
  {
    label: texts.invitations.sent,
    kind: 'wide',
    cell: ({ inviteSent }) => html`<${Ago} at=${inviteSent} />`,
  },
  {
    label: show === 'expired' ? texts.invitations.expired : texts.keys.ends,
    kind: 'seen ends',
    cell: ({ inviteExpires }) => html`<${Ago} at=${inviteExpires} />`,
  },
];

/** @returns {import('../ui/table.js').Column<Invitee>} */
const inviter = () => ({
  label: texts.invitations.inviter,
  kind: 'wide named',
  cell: ({ inviter }) => html`<${Name} name=${inviter ?? '–'} />`,
});
