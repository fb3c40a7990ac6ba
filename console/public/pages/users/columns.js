/** The columns of the list of users, and the menu at each row's end. */

import { html } from '../../vendor/preact.js';
import { inviteLink } from '../../api.js';
import { nearDay, time } from '../../formats.js';
import { href, go } from '../../router.js';
import { isOpen, standingOf, wasInvited } from '../../standing.js';
import { texts } from '../../texts.js';
import { Ago, Badge, copyText, fullName, Menu, Name, Person } from '../../ui.js';
import { STEPS, fitting } from './steps.js';

/** @typedef {import('../../contract').User} User */
/** @typedef {import('../../ui/table.js').Column<User>} Column */
/** @typedef {keyof typeof STEPS} StepName */

/** With until when the invite is open, or was. @param {{ user: User }} props */
export function State({ user }) {
  const standing = standingOf(user);
  const { inviteSent, inviteExpires } = user;
  const hint = inviteSent && texts.users.inviteSent(time(new Date(inviteSent)));
  return html`<span class="standing" title=${hint}>
    <${Badge} kind=${standing} />
    ${
      inviteExpires &&
      (standing === 'invited' || standing === 'expired') &&
      html`<span class="faint short">${texts.users.until[standing](html`<${Near} at=${inviteExpires} />`)}</span>`
    }
  </span>`;
}

/** @param {{ at: string }} props */
const Near = ({ at }) => html`<time datetime=${at}>${nearDay(new Date(at))}</time>`;

/** @returns {Column} */
const role = () => ({
  label: texts.common.role,
  kind: 'tag',
  cell: (user) => html`<${Badge} kind=${user.role} />`,
});
/** @returns {Column} */
const state = () => ({
  label: texts.common.state,
  kind: 'tag',
  cell: (user) => html`<${State} user=${user} />`,
});

/** @returns {Column[]} */
export const adminColumns = () => [
  {
    label: texts.common.user,
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} link=${href(`users/${user.id}`)} />`,
  },
  {
    label: texts.common.email,
    kind: 'wide address',
    sort: 'gs1',
    cell: (user) =>
      user.email &&
      html`<span class="cut" title=${user.email}><${Name} name=${user.email} hasOneLine /></span>`,
  },
  role(),
  state(),
  {
    label: texts.common.lastSeen,
    kind: 'seen',
    cell: (user) => html`<${Ago} at=${user.activity} none=${texts.common.never} />`,
  },
  {
    label: texts.common.added,
    kind: 'wide',
    sort: 'primary',
    cell: (user) => html`<${Ago} at=${user.created} />`,
  },
];

/** Users see of others just this much. @param {User} me @returns {Column[]} */
export const plainColumns = (me) => [
  {
    label: texts.common.user,
    kind: 'main',
    cell: (user) => html`<${Person} user=${user} link=${user.id === me.id ? href('me') : ''} />`,
  },
  role(),
  { ...state(), cell: (user) => html`<${Badge} kind=${user.state} />` },
];

/**
 * @param {User} me
 * @param {(name: StepName, user: User) => void} onAsk
 * @returns {Column}
 */
export const rowMenu = (me, onAsk) => ({
  label: texts.common.actions,
  kind: 'end menu',
  cell: (user) =>
    html`<${Menu} label=${texts.common.actions} about=${fullName(user)} items=${itemsOf(user, me, onAsk)} />`,
});

/** @param {User} user @param {User} me @param {(name: StepName, user: User) => void} onAsk */
function itemsOf(user, me, onAsk) {
  const { invite, email } = user;
  const names = /** @type {StepName[]} */ (Object.keys(STEPS));
  const possible = names.filter((name) => fitting(name, [user], me).length > 0);
  return [
    { label: texts.users.open, onChoose: () => go(`users/${user.id}`) },
    { label: texts.users.copyId, onChoose: () => copyText(user.id) },
    ...(email ? [{ label: texts.users.copyEmail, onChoose: () => copyText(email) }] : []),
    ...(invite && isOpen(user)
      ? [{ label: texts.common.copyInviteLink, onChoose: () => copyText(inviteLink(invite)) }]
      : []),
    ...possible.map((name) => ({
      label:
        wasInvited(user) && name === 'invite'
          ? texts.actions.sendInviteAgain
          : texts.steps[name].label,
      danger: name === 'remove' || name === 'revoke',
      onChoose: () => onAsk(name, user),
    })),
  ];
}
