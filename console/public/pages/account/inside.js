/** Where the operator is who looks into another account: its name, its pages, and the way back. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';
import { Alert, Name, Tabs, useLoad } from '../../ui.js';
import { useVisit } from '../../visit.js';

/** @typedef {import('../../contract').Account} Account */

const pages = () => [
  { path: '', label: texts.titles.account },
  { path: 'users', label: texts.titles.users },
  { path: 'invitations', label: texts.titles.invitations },
  { path: 'trash', label: texts.titles.trash },
  { path: 'keys', label: texts.titles.keys },
  { path: 'audit', label: texts.titles.audit },
];

/**
 * Nothing in one's own account, which has no id in its paths.
 * @param {{ id?: string, here: string, account?: Account }} props
 */
export function Inside({ id, here, account }) {
  const read = async (/** @type {AbortSignal} */ signal) =>
    account ?? (id && call('account/get', { accountId: id }, { signal }));
  const { data, error } = useLoad(read, [id, account?.version]);
  useVisit(id);
  if (!id) return null;
  const name = (data && data.id === id && data.name) || '…';
  return html`<div class="inside">
    <${Alert} error=${error} />
    <p>
      ${texts.account.insideOf(
        html`<strong class="breaks"><${Name} name=${name} /></strong>`,
        (words) => html`<a href="#/account">${words}</a>`,
      )}
    </p>
    <${Tabs}
      label=${texts.account.pages}
      tabs=${pages().map(({ path, label }) => ({
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
