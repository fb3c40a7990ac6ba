/** What records say, in words. */

import { html } from '../vendor/preact.js';
import { date, relative, time } from '../formats.js';
import { texts } from '../texts.js';

/** @typedef {import('../contract').User} User */

const AVATAR_COLOURS = 8;

/** A user's name, or what there is instead of one. @param {Pick<User, 'first' | 'last' | 'email'>} user */
export const fullName = (user) =>
  [user.first, user.last].filter(Boolean).join(' ') || user.email || texts.ui.noName;

/** A time in the reader's zone; the title has it exactly. @param {{ at?: string, dateOnly?: boolean, none?: string }} props */
export function Time({ at, dateOnly, none = '–' }) {
  if (!at) return html`<span class="faint short">${none}</span>`;
  const shown = (dateOnly ? date : time)(new Date(at));
  return html`<time datetime=${at} title=${at}>${shown}</time>`;
}

/** Units from the largest, in seconds. @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
/** What is longer ago is a date. */
const MAX_DAYS = 7;

/** How long ago a time was; the title has it exactly. @param {{ at?: string, none?: string }} props */
export function Ago({ at, none }) {
  const seconds = at ? (Date.now() - Date.parse(at)) / 1000 : Infinity;
  if (!at || seconds > MAX_DAYS * 86_400) return html`<${Time} at=${at} dateOnly none=${none} />`;
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ['minute', Infinity];
  const shown = seconds < 60 ? texts.ui.justNow : relative(-Math.floor(seconds / length), unit);
  return html`<time class="short" datetime=${at} title=${time(new Date(at))}>${shown}</time>`;
}

/** The initials of somebody. @param {{ user: User, large?: boolean }} props */
export function Avatar({ user, large }) {
  const words = user.first || user.last ? [user.first, user.last] : [user.email ?? '?'];
  const initials = words.map((word) => [...(word ?? '')][0] ?? '').join('');
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

/** Who somebody is, in a list. @param {{ user: User, link?: string }} props */
export function Person({ user, link }) {
  const name = fullName(user);
  const shown = link ? html`<a href=${link}><bdi>${name}</bdi></a>` : html`<bdi>${name}</bdi>`;
  const email = user.email !== name && user.email;
  return html`<div class="person">
    <${Avatar} user=${user} />
    <span class="name cut" title=${name}>${shown}</span>
    ${email && html`<span class="faint cut" title=${email}><bdi>${email}</bdi></span>`}
  </div>`;
}
