/** One person in all accounts, by email; for the operator. */

import { html } from '../vendor/preact.js';
import { call } from '../api.js';
import { Form, Submit, Text, useForm } from '../forms.js';
import { go, goInstead, href } from '../router.js';
import { texts } from '../texts.js';
import {
  Ago,
  Alert,
  Badge,
  Button,
  Empty,
  Head,
  Name,
  Pager,
  Person,
  Skeleton,
  Table,
  useLoad,
} from '../ui.js';
import { State } from './users/columns.js';

/** @typedef {import('../contract').User} User */
/** @typedef {import('../contract').Account} Account */
/** @typedef {User & { account?: Account }} Row */
/** @typedef {import('../contract').Cursors & { email?: string }} Query */

/** @param {{ query: Query }} props */
export default function PersonPage({ query }) {
  const { email = '', next, prev } = query;
  const read = async (/** @type {AbortSignal} */ signal) =>
    email ? await everywhere(query, signal) : undefined;
  const { data, error, loading, reload } = useLoad(read, [email, next, prev]);
  const form = useForm({ email }, async (typed) =>
    goInstead('person', { email: typed.email.trim() }),
  );
  const turn = (/** @type {Query} */ cursor) => go('person', { email, ...cursor });
  return html`
    <${Head} title=${texts.person.title}><a class="button" href=${href('all-accounts')}>${texts.person.showAll}</a><//>
    <${Form} form=${form} label=${texts.person.title}>
      <div class="row line">
        <${Text} form=${form} name="email" label=${texts.common.email} type="email" required isFilter />
        <${Submit} form=${form}>${texts.person.find}<//>
      </div>
    <//>
    ${!email && html`<p class="hint">${texts.person.hint}</p>`}
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${email && !data && !error && html`<${Skeleton} rows=${2} />`}
    ${data && html`<${List} page=${data} email=${email} isOld=${loading} onGo=${turn} />`}
  `;
}

/**
 * @param {{ page: import('../contract').Page<Row>, email: string, isOld: boolean, onGo: (cursor: Query) => void }} props
 */
function List({ page, email, isOld, onGo }) {
  if (page.data.length === 0) {
    return html`<${Empty} title=${texts.common.noUsersMatch}>${texts.person.none(email)}<//>`;
  }
  return html`
    <${Table} label=${texts.person.accounts} columns=${columns()} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} isOld=${isOld} onGo=${onGo} />
  `;
}

/**
 * The users who have this email, each with the account that it is in.
 * @param {Query} query
 * @param {AbortSignal} signal
 */
async function everywhere({ email, next, prev }, signal) {
  const options = { query: { next, prev }, signal };
  const page = await call('user/find', { email, everywhere: true }, options);
  const data = page.data.map(async (user) => {
    const account = await call('account/get', { accountId: user.accountId }, { signal });
    return { ...user, account };
  });
  return { ...page, data: await Promise.all(data) };
}

/** @returns {import('../ui/table.js').Column<Row>[]} */
const columns = () => [
  {
    label: texts.common.user,
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} link=${href(`users/${user.id}`)} />`,
  },
  {
    label: texts.person.account,
    kind: 'named',
    cell: ({ account, accountId }) =>
      html`<a class="breaks" href=${href(`account/${accountId}`)}><${Name} name=${account?.name} /></a>`,
  },
  { label: texts.common.role, kind: 'tag', cell: ({ role }) => html`<${Badge} kind=${role} />` },
  { label: texts.common.state, kind: 'tag', cell: (user) => html`<${State} user=${user} />` },
  {
    label: texts.common.lastSeen,
    cell: ({ activity }) => html`<${Ago} at=${activity} none=${texts.common.never} />`,
  },
];
