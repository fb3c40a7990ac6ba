/** What the navigation leads to; what the role may not see is left out. */

import { HOME } from './router.js';
import { texts } from './texts.js';

/**
 * @typedef {object} Entry
 * @property {string} path
 * @property {() => string} label
 * @property {import('./permissions.js').Thing} needs
 * @property {string[]} [others] paths that belong to it, too
 */

/** @type {Entry[]} */
export const ENTRIES = [
  { path: HOME, label: () => texts.titles.overview, needs: 'overview' },
  { path: 'users', label: () => texts.titles.users, needs: 'users/see', others: ['invite-users'] },
  { path: 'invitations', label: () => texts.titles.invitations, needs: 'users/change' },
  { path: 'trash', label: () => texts.titles.trash, needs: 'trash' },
  { path: 'account', label: () => texts.titles.account, needs: 'account', others: ['person'] },
  { path: 'keys', label: () => texts.frame.keys, needs: 'keys' },
  { path: 'audit', label: () => texts.titles.audit, needs: 'audit' },
  { path: 'mail', label: () => texts.frame.mail, needs: 'mail' },
  { path: 'transfer', label: () => texts.frame.import, needs: 'import' },
];
