/** All accounts there are, for the operator: each leads to its page, and a new one can be made. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { go, href } from '../router.js';
import { texts } from '../texts.js';
import { Alert, Badge, Button, Head, Name, Pager, Skeleton, Table, Time, useLoad } from '../ui.js';
import { NewAccount } from './account/new-account.js';
import { pathIn } from './account/inside.js';

/** @typedef {import('../contract').Account} Account */
/** @typedef {import('../contract').Cursors} Cursors */

/** @param {{ query: Cursors }} props */
export default function AllAccounts({ query }) {
  const { next, prev } = query;
  const { account: own } = useOwn();
  const [isMaking, setMaking] = useState(false);
  const read = (/** @type {AbortSignal} */ signal) =>
    call('account/find', {}, { query: { next, prev }, signal });
  const { data, error, loading, reload } = useLoad(read, [next, prev]);
  const turn = (/** @type {Cursors} */ cursor) => go('all-accounts', { ...cursor });
  return html`
    <${Head} title=${texts.titles.allAccounts}>
      <a class="button" href=${href('person')}>${texts.account.findPerson}</a>
      <${Button} primary onClick=${() => setMaking(true)}>${texts.common.createAccount}<//>
    <//>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${!data && !error && html`<${Skeleton} plain />`}
    ${data && html`<${Table} label=${texts.titles.allAccounts} columns=${columnsFrom(own.id)} rows=${data.data} isOld=${loading} />`}
    ${data && html`<${Pager} page=${data} isOld=${loading} onGo=${turn} />`}
    ${isMaking && html`<${NewAccount} onClose=${() => setMaking(false)} />`}
  `;
}

/** @param {string} own @returns {import('../ui/table.js').Column<Account>[]} */
const columnsFrom = (own) => [
  {
    label: texts.common.name,
    kind: 'main',
    cell: ({ id, name }) =>
      html`<a class="breaks" href=${href(id === own ? 'account' : `account/${id}`)}><${Name} name=${name} /></a>`,
  },
  { label: texts.common.state, kind: 'tag', cell: ({ state }) => html`<${Badge} kind=${state} />` },
  {
    label: texts.account.signIns,
    kind: 'short',
    cell: ({ managed }) => (managed ? texts.account.isManaged : texts.account.notManaged),
  },
  { label: texts.common.created, cell: ({ created }) => html`<${Time} at=${created} dateOnly />` },
  {
    label: texts.common.actions,
    kind: 'end',
    cell: ({ id, name }) =>
      html`<a class="button small" href=${href(pathIn(id === own ? undefined : id, 'users'))}>
        ${texts.account.showUsers}<span class="unseen">${texts.account.showUsersOf(name)}</span>
      </a>`,
  },
];
