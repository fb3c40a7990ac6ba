/** The invitations that are out: who was invited by whom, until when, and sending them again or taking them back. */

import { html, useRef, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { go, href } from '../router.js';
import { texts } from '../texts.js';
import {
  Ago,
  Alert,
  Badge,
  BulkBar,
  Button,
  Empty,
  Head,
  Pager,
  Person,
  Skeleton,
  Table,
  Time,
  fullName,
  useLoad,
  useRowKeys,
  useSelection,
} from '../ui.js';
import { Inside, pathIn, scopeOf } from './account/inside.js';
import { rowMenu } from './users/columns.js';
import { StepDialog } from './users/step-dialog.js';

/** @typedef {import('../contract').User} User */
/** @typedef {import('../contract').Cursors} Cursors */
/** @typedef {import('../contract').Reply<'invite/find'>} Invitations */
/** The invitee, with what only the invitation says. @typedef {User & { inviter?: string, sent?: string, expires?: string }} Invitee */

/** @param {{ query: Cursors, id?: string }} props the id of another account than the own one */
export default function InvitationsPage({ query, id }) {
  const { next, prev } = query;
  const { data, error, loading, reload } = useLoad(
    (signal) => call('invite/find', scopeOf(id), { query: { next, prev }, signal }),
    [id, next, prev],
  );
  useRowKeys();
  const invite = html`<a class="button primary" href=${href(pathIn(id, 'invite-users'))}>${texts.common.invitePeople}</a>`;
  return html`
    <${Inside} id=${id} here="invitations" />
    <${Head} title=${texts.titles.invitations}>${invite}<//>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${!data && !error && html`<${Skeleton} />`}
    ${
      data &&
      (data.data.length === 0 && !data.prev
        ? html`<${Empty} title=${texts.invitations.none}>${texts.invitations.noneHint}<//>`
        : html`<${List} page=${data} id=${id} isOld=${loading} reload=${reload} />`)
    }
  `;
}

/** @param {{ page: Invitations, id?: string, isOld: boolean, reload: () => void }} props */
function List({ page, id, isOld, reload }) {
  const { me } = useOwn();
  const [asked, setAsked] = useState(
    /** @type {import('./users/step-dialog.js').Asked | undefined} */ (undefined),
  );
  const rows = page.data.map(asUser);
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
  const turn = (/** @type {Cursors} */ cursor) => go(pathIn(id, 'invitations'), cursor);
  return html`
    <div class="people">
      <${Table}
        label=${texts.titles.invitations}
        columns=${[...columns(), menu]}
        rows=${rows}
        isOld=${isOld}
        selection=${selection}
        nameOf=${fullName}
      />
    </div>
    <${Pager} page=${page} onGo=${turn} />
    <${BulkBar} selection=${selection}>
      <${Button} small onClick=${() => setAsked({ name: 'invite', users })}>${texts.common.sendAgain}<//>
      <${Button} small danger onClick=${() => setAsked({ name: 'revoke', users })}>${texts.steps.revoke.label}<//>
    <//>
    ${
      asked &&
      html`<${StepDialog} ...${asked} accountId=${id} onDone=${onDone} onClose=${() => setAsked(undefined)} />`
    }
  `;
}

/** @param {Invitations['data'][number]} invitation @returns {Invitee} */
const asUser = ({ userId, ...invitation }) =>
  /** @type {Invitee} */ ({ ...invitation, id: userId, state: 'invited' });

/** @returns {import('../ui/table.js').Column<Invitee>[]} */
const columns = () => [
  {
    label: texts.common.user,
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} link=${href(`users/${user.id}`)} />`,
  },
  {
    label: texts.common.email,
    kind: 'wide address',
    cell: ({ email }) => html`<span class="cut" title=${email}><bdi>${email}</bdi></span>`,
  },
  { label: texts.common.role, kind: 'tag', cell: ({ role }) => html`<${Badge} kind=${role} />` },
  {
    label: texts.invitations.inviter,
    kind: 'wide',
    cell: ({ inviter }) => html`<bdi>${inviter ?? '–'}</bdi>`,
  },
  { label: texts.invitations.sent, kind: 'wide', cell: ({ sent }) => html`<${Ago} at=${sent} />` },
  {
    label: texts.keys.ends,
    kind: 'seen',
    cell: ({ expires }) => html`<${Time} at=${expires} dateOnly />`,
  },
];
