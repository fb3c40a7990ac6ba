/** Where the operator is who looks into another account: its name, its pages, and the way back. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { href } from '../../router.js';
import { Alert, Tabs, useLoad } from '../../ui.js';

/** @typedef {import('../../contract').Account} Account */

const PAGES = [
  { path: '', label: 'Account' },
  { path: 'users', label: 'Users' },
  { path: 'trash', label: 'Trash' },
  { path: 'keys', label: 'Keys' },
  { path: 'audit', label: 'Audit log' },
];

/**
 * Nothing in one's own account, which has no id in its paths.
 * @param {{ id?: string, here: string, account?: Account }} props
 */
export function Inside({ id, here, account }) {
  const read = async (/** @type {AbortSignal} */ signal) =>
    account ?? (id && call('account/get', { accountId: id }, { signal }));
  const { data, error } = useLoad(read, [id, account?.version]);
  if (!id) return null;
  return html`<div class="inside">
    <${Alert} error=${error} />
    <p>
      You are looking into the account${' '}
      <strong class="breaks">${(data && data.id === id && data.name) || '…'}</strong>.
      ${' '}<a href="#/account">Back to your own account</a>
    </p>
    <${Tabs}
      label="Pages of this account"
      tabs=${PAGES.map(({ path, label }) => ({
        label,
        href: href(path ? `account/${id}/${path}` : `account/${id}`),
        isHere: path === here,
      }))}
    />
  </div>`;
}

/** What names an account in calls; one's own needs no name. @param {string | undefined} id */
export const scopeOf = (id) => (id ? { accountId: id } : {});

/** The path of a page of an account. @param {string | undefined} id @param {string} page */
export const pathIn = (id, page) => (id ? `account/${id}/${page}` : page);
