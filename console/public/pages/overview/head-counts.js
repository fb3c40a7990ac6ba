/** How many users are in each state, and of each role; each number leads to them. */

import { html } from '../../vendor/preact.js';
import { number } from '../../formats.js';
import { ROLES } from '../../permissions.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';
import { Badge } from '../../ui.js';

/** @typedef {import('../../contract').Reply<'account/overview'>['users'][number]} HeadCount */
/** @typedef {Partial<Pick<HeadCount, 'role' | 'state'>>} Which */

/** The list of users has these. @type {HeadCount['state'][]} */
const LISTED = ['active', 'invited', 'suspended'];

/** What there is none of is left out. @param {{ users: HeadCount[] }} props */
export function HeadCounts({ users }) {
  const states = /** @type {HeadCount['state'][]} */ ([...LISTED, 'trashed']);
  const shown = states.filter((state) => sumOf(users, { state }) > 0);
  return html`<ul class="counts" aria-label=${texts.overview.usersByState}>
    ${shown.map(
      (state) => html`<li key=${state}>
        <${Badge} kind=${state} />
        <span class="all"><${Count} users=${users} state=${state} /></span>
        <span class="roles"><${Roles} users=${users} state=${state} /></span>
      </li>`,
    )}
    <li class="sum">
      <span>${texts.overview.all}</span>
      <span class="all"><${Count} users=${users} /></span>
      <span class="roles"><${Roles} users=${users} /></span>
    </li>
  </ul>`;
}

/** @param {{ users: HeadCount[], state?: HeadCount['state'] }} props */
const Roles = ({ users, state }) =>
  ROLES.toReversed()
    .filter((role) => sumOf(users, { role, state }) > 0)
    .map(
      (role) => html`<span key=${role}>
        ${texts.badges[role]}${' '}<${Count} users=${users} state=${state} role=${role} />
      </span>`,
    );

/** @param {{ users: HeadCount[] } & Which} props */
const Count = ({ users, ...which }) =>
  html`<a href=${listOf(which)}>${number(sumOf(users, which))}<span class="unseen"> ${texts.overview.headCount(which)}</span></a>`;

/** All that are listed, unless a state is named. @param {HeadCount[]} users @param {Which} which */
export function sumOf(users, { role, state }) {
  const states = state ? [state] : LISTED;
  const fits = (/** @type {HeadCount} */ one) =>
    states.includes(one.state) && (!role || one.role === role);
  return users.filter(fits).reduce((sum, { count }) => sum + count, 0);
}

/** @param {Which} which */
const listOf = ({ role, state }) =>
  state === 'trashed' ? href('trash') : href('users', { role, state });
