/** What the navigation leads to; what the role may not see is left out. */

import { HOME } from './router.js';
import { texts } from './texts.js';

/** @typedef {'home' | 'people' | 'access' | 'records' | 'own'} Group */
/**
 * @typedef {object} Entry
 * @property {string} path
 * @property {() => string} label
 * @property {Group} group
 * @property {import('./permissions.js').Thing} needs
 * @property {string[]} [others] paths that belong to it, too, and the pages below them; `account/:id` is any account
 * @property {boolean} [isAlone] pages below it belong to another one
 */

/** As they stand below each other; what comes first needs no heading. @type {Group[]} */
export const GROUPS = ['home', 'people', 'access', 'records', 'own'];

/** @type {Entry[]} */
export const ENTRIES = [
  { path: HOME, label: () => texts.titles.overview, group: 'home', needs: 'overview' },
  {
    path: 'users',
    label: () => texts.titles.users,
    group: 'people',
    needs: 'users/see',
    others: ['invite-users'],
  },
  {
    path: 'invitations',
    label: () => texts.titles.invitations,
    group: 'people',
    needs: 'users/change',
  },
  { path: 'trash', label: () => texts.titles.trash, group: 'people', needs: 'trash' },
  { path: 'transfer', label: () => texts.titles.transfer, group: 'people', needs: 'import' },
  {
    path: 'account',
    label: () => texts.titles.account,
    group: 'access',
    needs: 'account',
    isAlone: true,
  },
  {
    path: 'all-accounts',
    label: () => texts.titles.allAccounts,
    group: 'access',
    needs: 'accounts',
    others: ['person', 'account/:id'],
  },
  { path: 'keys', label: () => texts.titles.keys, group: 'access', needs: 'keys' },
  { path: 'audit', label: () => texts.titles.audit, group: 'records', needs: 'audit' },
  { path: 'mail', label: () => texts.titles.mail, group: 'records', needs: 'mail' },
  { path: 'me', label: () => texts.titles.me, group: 'own', needs: 'me' },
  { path: 'accounts', label: () => texts.titles.accounts, group: 'own', needs: 'me' },
];

/** Whether it is where one is, or that is a page below it. @param {Entry} entry @param {string} path */
export const isHere = ({ path: own, others = [], isAlone }, path) =>
  path === own ||
  [...(isAlone ? [] : [own]), ...others].some((one) => isAt(one.replace(':id', ''), path));

/** @param {string} top ends with a slash where only pages below it are meant @param {string} path */
const isAt = (top, path) => path === top || path.startsWith(top.endsWith('/') ? top : `${top}/`);
