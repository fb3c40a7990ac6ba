/** One user: who it is, what can be done about it, and all there is to it behind tabs. */

import { html } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { isWithinReach } from '../permissions.js';
import { href } from '../router.js';
import { texts } from '../texts.js';
import { useTitle } from '../titles.js';
import { useVisit } from '../visit.js';
import {
  Alert,
  Avatar,
  Badge,
  Button,
  Name,
  NoPage,
  SkeletonPage,
  Tabs,
  fullName,
  useLoad,
} from '../ui.js';
import { Inside } from './account/inside.js';
import { Access } from './user/access.js';
import { Actions } from './user/actions.js';
import { History } from './user/history.js';
import { Holds } from './user/holds.js';
import { Profile } from './user/profile.js';
import { Sessions } from './user/sessions.js';
import { State } from './users/columns.js';

/** @typedef {import('../contract').User} User */
/**
 * What each tab gets.
 * @typedef {object} Props
 * @property {User} user
 * @property {import('../contract').Account} account the one that the user is in
 * @property {boolean} mayChange whether changes of this user are offered
 * @property {(user: User) => void} onUser gives the user as it is after a change
 * @property {() => void} reload
 * @property {Record<string, string>} query
 */

const tabs = () => [
  { path: '', label: texts.user.profile, tab: Profile },
  { path: 'access', label: texts.user.access, tab: Access },
  { path: 'sessions', label: texts.user.sessions, tab: Sessions },
  { path: 'holds', label: texts.user.holds, tab: Holds },
  { path: 'history', label: texts.user.history, tab: History },
];

/** @param {{ id: string, tab?: string, query: Record<string, string> }} props */
export default function UserPage({ id, tab = '', query }) {
  const { account: own, can, me, reload: reloadOwn } = useOwn();
  const read = async (/** @type {AbortSignal} */ signal) => {
    const user = await call('user/get', { id }, { signal });
    const { accountId } = user;
    const isOwn = accountId === own.id;
    return { user, account: isOwn ? own : await call('account/get', { accountId }, { signal }) };
  };
  const { data, error, reload, setData } = useLoad(read, [id]);
  const shown = data?.user.id === id ? data : undefined;
  useTitle('shown', shown && fullName(shown.user));
  useVisit(whose(error, shown?.account, own));
  if (error) return html`<${Absent} error=${error} onRetry=${reload} />`;
  if (!shown) return html`<${SkeletonPage} />`;
  const { user, account } = shown;
  const all = tabs();
  const here = all.find(({ path }) => path === tab) ?? all[0];
  const mayChange = can('users/change') && isWithinReach(me.role, user);
  const onUser = (/** @type {User} */ changed) => {
    setData({ user: changed, account });
    if (id === me.id) reloadOwn();
  };
  const props = { user, account, mayChange, onUser, reload, query };
  return html`
    ${account.id !== own.id && html`<${Inside} id=${account.id} here="users" account=${account} />`}
    <${Who} ...${props} />
    <${Tabs}
      label=${texts.user.about}
      tabs=${all.map(({ path, label }) => ({
        label,
        href: href(path ? `users/${id}/${path}` : `users/${id}`),
        isHere: path === here.path,
      }))}
    />
    <${here.tab} key=${here.path} ...${props} />
  `;
}

/**
 * Which account the navigation shows that one is in; of a user who is not there, one's own.
 * @param {import('../api.js').ApiError | undefined} error
 * @param {import('../contract').Account | undefined} account
 * @param {import('../contract').Account} own
 */
function whose(error, account, own) {
  if (error || account?.id === own.id) return '';
  return account?.id;
}

/** @param {{ error: import('../api.js').ApiError, onRetry: () => void }} props */
function Absent({ error, onRetry }) {
  if (error.status !== 404) {
    return html`<${Alert} error=${error} /><${Button} onClick=${onRetry}>${texts.common.tryAgain}<//>`;
  }
  return html`<${NoPage} title=${texts.user.notFound}>
    ${texts.user.notFoundHint(
      (words) => html`<a href="#/trash">${words}</a>`,
      (words) => html`<a href="#/users">${words}</a>`,
    )}
  <//>`;
}

/** @param {Props} props */
function Who(props) {
  const { user, mayChange } = props;
  const { can, me } = useOwn();
  const name = fullName(user);
  return html`<div class="head">
    <div class="who-large">
      <${Avatar} user=${user} large />
      <div>
        <h1 title=${name}><${Name} name=${name} /></h1>
        <p class="row wraps">
          ${user.email !== name && html`<span class="breaks"><${Name} name=${user.email} /></span>`}
          <${Badge} kind=${user.role} />
          <${State} user=${user} />
          ${user.twoFactor && html`<${Badge} kind="two-factor" />`}
          ${user.id === me.id && html`<${Badge} kind="self" />`}
        </p>
        ${
          can('accounts') &&
          user.email &&
          html`<p><a href=${href('person', { email: user.email })}>${texts.user.allAccounts}</a></p>`
        }
      </div>
    </div>
    ${mayChange && html`<${Actions} ...${props} />`}
  </div>`;
}
