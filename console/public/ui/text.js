/** What records say, in words. */

import { html } from '../vendor/preact.js';
import { contained } from '../isolated.js';
import { texts } from '../texts.js';
import { Name } from './name.js';

/** @typedef {import('../contract').User} User */

const AVATAR_COLOURS = 8;

/** A user's name, or what there is instead of one. @param {Pick<User, 'first' | 'last' | 'email'>} user */
export const fullName = (user) =>
  [user.first, user.last].filter(Boolean).join(' ') || user.email || texts.ui.noName;

/** The initials of somebody. @param {{ user: User, large?: boolean }} props */
export function Avatar({ user, large }) {
  const words = user.first || user.last ? [user.first, user.last] : [user.email ?? '?'];
  const initials = words.map((word) => [...contained(word ?? '')][0] ?? '').join('');
  const sum = [...user.id].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  return html`<span
    class=${`avatar avatar-${sum % AVATAR_COLOURS} ${large ? 'large' : ''}`}
    aria-hidden="true"
  >
    ${initials.toLocaleUpperCase()}
  </span>`;
}

/** A word such as a role or a state. @param {{ kind: string }} props */
export const Badge = ({ kind }) =>
  html`<span class=${`badge badge-${kind}`}>${texts.badges[kind] ?? kind}</span>`;

/**
 * Who somebody is, in a list.
 * @param {{ user: User, link?: string, wraps?: boolean }} props `wraps` where a long email goes on in a second line
 */
export function Person({ user, link, wraps = false }) {
  const name = fullName(user);
  const shown = link
    ? html`<a href=${link}><${Name} name=${name} hasOneLine /></a>`
    : html`<${Name} name=${name} hasOneLine />`;
  const email = user.email !== name && user.email;
  return html`<div class="person">
    <${Avatar} user=${user} />
    <span class="name cut" title=${name}>${shown}</span>
    ${email && html`<span class=${wraps ? 'faint breaks' : 'faint cut'} title=${email}><${Name} name=${email} hasOneLine=${!wraps} /></span>`}
  </div>`;
}
