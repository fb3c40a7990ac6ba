/**
 * The pages, and which one a hash leads to. `#/users/ID?state=active` names a page and what it shows of it;
 * `#invite=CODE`, `#reset=CODE`, `#verify=CODE`, `#confirm-email=CODE` and `#undo-email=CODE` are the links of emails.
 */

import { useEffect, useState } from './vendor/preact.js';
import { mayLeave } from './leaving.js';
import { HOME } from './router.js';
import { texts } from './texts.js';

/** @typedef {import('./permissions.js').Thing} Thing */
/**
 * @typedef {object} Route
 * @property {string} path parts with a colon stand for whatever is there
 * @property {() => string} title
 * @property {Thing} [needs] missing where one need not be signed in
 * @property {() => Promise<{ default: import('preact').FunctionComponent<any> }>} load
 */
/**
 * @typedef {object} Place
 * @property {Route | undefined} route
 * @property {string} path
 * @property {Record<string, string>} params
 * @property {Record<string, string>} query
 */

/** Files that are shown at more than one path. */
const USERS = () => import('./pages/users.js');
const INVITE_USERS = () => import('./pages/invite-users.js');
const INVITATIONS = () => import('./pages/invitations.js');
const TRASH = () => import('./pages/trash.js');
const KEYS = () => import('./pages/keys.js');
const AUDIT = () => import('./pages/audit.js');
const USER = () => import('./pages/user.js');
const ACCOUNT = () => import('./pages/account.js');
const ME = () => import('./pages/me.js');
const SET_UP = () => import('./pages/setup.js');

/** The pages, each loaded when it is first shown. @type {Route[]} */
const ROUTES = [
  {
    path: HOME,
    title: () => texts.titles.overview,
    needs: 'overview',
    load: () => import('./pages/overview.js'),
  },
  { path: 'users', title: () => texts.titles.users, needs: 'users/see', load: USERS },
  {
    path: 'users/:id',
    title: () => texts.titles.users,
    needs: 'users/search',
    load: USER,
  },
  {
    path: 'users/:id/:tab',
    title: () => texts.titles.users,
    needs: 'users/search',
    load: USER,
  },
  {
    path: 'invite-users',
    title: () => texts.titles.invite,
    needs: 'users/change',
    load: INVITE_USERS,
  },
  {
    path: 'invitations',
    title: () => texts.titles.invitations,
    needs: 'users/change',
    load: INVITATIONS,
  },
  { path: 'trash', title: () => texts.titles.trash, needs: 'trash', load: TRASH },
  { path: 'account', title: () => texts.titles.account, needs: 'account', load: ACCOUNT },
  { path: 'account/:id', title: () => texts.titles.account, needs: 'accounts', load: ACCOUNT },
  { path: 'account/:id/users', title: () => texts.titles.users, needs: 'accounts', load: USERS },
  {
    path: 'account/:id/invite-users',
    title: () => texts.titles.invite,
    needs: 'accounts',
    load: INVITE_USERS,
  },
  {
    path: 'account/:id/invitations',
    title: () => texts.titles.invitations,
    needs: 'accounts',
    load: INVITATIONS,
  },
  { path: 'account/:id/keys', title: () => texts.titles.keys, needs: 'accounts', load: KEYS },
  { path: 'account/:id/audit', title: () => texts.titles.audit, needs: 'accounts', load: AUDIT },
  { path: 'account/:id/trash', title: () => texts.titles.trash, needs: 'accounts', load: TRASH },
  {
    path: 'all-accounts',
    title: () => texts.titles.allAccounts,
    needs: 'accounts',
    load: () => import('./pages/all-accounts.js'),
  },
  {
    path: 'accounts',
    title: () => texts.titles.accounts,
    needs: 'me',
    load: () => import('./pages/accounts.js'),
  },
  {
    path: 'person',
    title: () => texts.titles.person,
    needs: 'accounts',
    load: () => import('./pages/person.js'),
  },
  { path: 'keys', title: () => texts.titles.keys, needs: 'keys', load: KEYS },
  { path: 'audit', title: () => texts.titles.audit, needs: 'audit', load: AUDIT },
  {
    path: 'mail',
    title: () => texts.titles.mail,
    needs: 'mail',
    load: () => import('./pages/mail.js'),
  },
  {
    path: 'transfer',
    title: () => texts.titles.transfer,
    needs: 'import',
    load: () => import('./pages/transfer.js'),
  },
  { path: 'me', title: () => texts.titles.me, needs: 'me', load: ME },
  { path: 'me/:tab', title: () => texts.titles.me, needs: 'me', load: ME },
  { path: 'setup', title: () => texts.titles.setUp, load: SET_UP },
  { path: 'setup/:code', title: () => texts.titles.setUp, load: SET_UP },
  { path: 'sign-in', title: () => texts.titles.signIn, load: () => import('./pages/sign-in.js') },
  { path: 'sign-up', title: () => texts.titles.signUp, load: () => import('./pages/sign-up.js') },
  { path: 'forgot', title: () => texts.titles.forgot, load: () => import('./pages/forgot.js') },
  { path: 'provider', title: () => texts.titles.signIn, load: () => import('./pages/provider.js') },
  { path: 'token', title: () => texts.titles.token, load: () => import('./pages/token.js') },
  {
    path: 'invite/:code',
    title: () => texts.titles.invitation,
    load: () => import('./pages/invite.js'),
  },
  {
    path: 'reset/:code',
    title: () => texts.titles.newPassword,
    load: () => import('./pages/reset.js'),
  },
  {
    path: 'confirm-email/:code',
    title: () => texts.titles.confirmEmail,
    needs: 'me',
    load: () => import('./pages/confirm-email.js'),
  },
  {
    path: 'undo-email/:code',
    title: () => texts.titles.undoEmail,
    load: () => import('./pages/undo-email.js'),
  },
  {
    path: 'verify/:code',
    title: () => texts.titles.verify,
    load: () => import('./pages/verify.js'),
  },
];

/** Shown instead of pages, to somebody who is not signed in. */
export const SIGN_IN = /** @type {Route} */ (ROUTES.find(({ path }) => path === 'sign-in'));

/** The present place, and again whenever another is gone to. @returns {Place} */
export function usePlace() {
  const [place, setPlace] = useState(() => placeAt(location.hash));
  useEffect(() => {
    let shown = location.hash;
    const follow = (/** @type {HashChangeEvent} */ { isTrusted }) => {
      const next = placeAt(location.hash);
      // What the console does by itself, such as after signing out, needs no leave.
      const leaves = isTrusted && placeAt(shown).path !== next.path;
      if (leaves && !mayLeave(shown)) return;
      shown = location.hash;
      setPlace(next);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
}

/** @param {string} hash @returns {Place} */
export function placeAt(hash) {
  const [before, after] = hash.replace(/^#\/?/, '').split('?', 2);
  const path = before.replace('=', '/') || HOME;
  const query = Object.fromEntries(new URLSearchParams(after));
  for (const route of ROUTES) {
    const params = matched(route.path, path);
    if (params) return { route, path, params, query };
  }
  return { route: undefined, path, params: {}, query };
}

/**
 * @param {string} pattern
 * @param {string} path
 */
function matched(pattern, path) {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  /** @type {Record<string, string>} */
  const params = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decoded(given[index]);
    else if (part !== given[index]) return undefined;
  }
  return params;
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
