/** One person in all accounts, by e-mail; for the operator. */

import { html } from '../vendor/preact.js';
import { call } from '../api.js';
import { Form, Submit, Text, useForm } from '../forms.js';
import { goInstead, href } from '../router.js';
import {
  Ago,
  Alert,
  Badge,
  Button,
  Busy,
  Empty,
  Head,
  Pager,
  Person,
  Table,
  useLoad,
} from '../ui.js';

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
  const turn = (/** @type {Query} */ cursor) => goInstead('person', { email, ...cursor });
  return html`
    <${Head} title="Find a person"><a class="button" href="#/account">All accounts</a><//>
    <${Form} form=${form} label="Find a person">
      <div class="row line">
        <${Text} form=${form} name="email" label="E-mail" type="email" required isFilter />
        <${Submit} form=${form}>Find person<//>
      </div>
    <//>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>Try again<//>`}
    ${email && !data && !error && html`<${Busy} />`}
    ${data && html`<${List} page=${data} email=${email} isOld=${loading} onGo=${turn} />`}
  `;
}

/**
 * @param {{ page: import('../contract').Page<Row>, email: string, isOld: boolean, onGo: (cursor: Query) => void }} props
 */
function List({ page, email, isOld, onGo }) {
  if (page.data.length === 0) {
    return html`<${Empty} title="No users match">No account has a user with the e-mail ${email}.<//>`;
  }
  return html`
    <${Table} label="Accounts of this person" columns=${COLUMNS} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} onGo=${onGo} />
  `;
}

/**
 * The users who have this e-mail, each with the account that it is in.
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

/** @type {import('../ui/table.js').Column<Row>[]} */
const COLUMNS = [
  {
    label: 'User',
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} link=${href(`users/${user.id}`)} />`,
  },
  {
    label: 'Account',
    kind: 'named',
    cell: ({ account, accountId }) =>
      html`<a class="breaks" href=${href(`account/${accountId}`)}><bdi>${account?.name}</bdi></a>`,
  },
  { label: 'Role', kind: 'tag', cell: ({ role }) => html`<${Badge} kind=${role} />` },
  { label: 'State', kind: 'tag', cell: ({ state }) => html`<${Badge} kind=${state} />` },
  { label: 'Last seen', cell: ({ activity }) => html`<${Ago} at=${activity} none="never" />` },
];
