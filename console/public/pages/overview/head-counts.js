/** How many users of each role are in each state; each number leads to them. */

import { html } from '../../vendor/preact.js';
import { number } from '../../formats.js';
import { ROLES } from '../../permissions.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';
import { Badge } from '../../ui.js';

/** @typedef {import('../../contract').Reply<'account/overview'>['users'][number]} HeadCount */
/** @typedef {Partial<Pick<HeadCount, 'role' | 'state'>>} Which */

/** The list of users has these. @type {HeadCount['state'][]} */
const LISTED = ['invited', 'active', 'suspended'];

/** @param {{ users: HeadCount[] }} props */
export function HeadCounts({ users }) {
  const heads = [...ROLES, undefined].map(
    (role) => html`<th key=${role} scope="col" class="number">${nameOf(role)}</th>`,
  );
  /** @param {Which['state']} [state] all that are listed, unless one is named */
  const cells = (state) =>
    [...ROLES, undefined].map((role) => {
      const count = sumOf(users, { role, state });
      return html`<td key=${role} class="number">
        <a class=${count ? '' : 'faint'} href=${listOf({ role, state })}>
          ${number(count)}<span class="unseen"> ${texts.overview.headCount({ role, state })}</span>
        </a>
      </td>`;
    });
  const row = (/** @type {HeadCount['state']} */ state) =>
    html`<tr key=${state}>
      <th scope="row"><${Badge} kind=${state} /></th>
      ${cells(state)}
    </tr>`;
  return html`<table class="numbers" aria-label=${texts.overview.usersByState}>
    <thead>
      <tr>
        <td></td>
        ${heads}
      </tr>
    </thead>
    <tbody>
      ${LISTED.map(row)}
      <tr class="sum">
        <th scope="row">${texts.overview.all}</th>
        ${cells()}
      </tr>
      ${row('trashed')}
    </tbody>
  </table>`;
}

/** @param {HeadCount[]} users @param {Which} which */
function sumOf(users, { role, state }) {
  const states = state ? [state] : LISTED;
  const fits = (/** @type {HeadCount} */ one) =>
    states.includes(one.state) && (!role || one.role === role);
  return users.filter(fits).reduce((sum, { count }) => sum + count, 0);
}

/** @param {Which} which */
const listOf = ({ role, state }) =>
  state === 'trashed' ? href('trash') : href('users', { role, state });

/** @param {Which['role']} role */
const nameOf = (role) => (role ? texts.badges[role] : texts.overview.all);
