/** What the navigation leads to; what the role may not see is left out. */

import { HOME } from './router.js';

/**
 * @typedef {object} Entry
 * @property {string} path
 * @property {string} label
 * @property {import('./permissions.js').Thing} needs
 * @property {string[]} [others] paths that belong to it, too
 */

/** @type {Entry[]} */
export const ENTRIES = [
  { path: HOME, label: 'Overview', needs: 'overview' },
  { path: 'users', label: 'Users', needs: 'users/see', others: ['invite-users'] },
  { path: 'trash', label: 'Trash', needs: 'trash' },
  { path: 'account', label: 'Account', needs: 'account', others: ['person'] },
  { path: 'keys', label: 'Keys', needs: 'keys' },
  { path: 'audit', label: 'Audit log', needs: 'audit' },
  { path: 'mail', label: 'Mail', needs: 'mail' },
  { path: 'transfer', label: 'Import', needs: 'import' },
];
