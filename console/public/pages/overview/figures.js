/** The figures that an admin looks for first, each with what it leads to, and how a week compares with the one before. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { day, list, number } from '../../formats.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';
import { sumOf } from './head-counts.js';

/** @typedef {import('./bars.js').Day} Day */
/** @typedef {import('./head-counts.js').HeadCount} HeadCount */

const WEEK = 7;
/** As many as one page has; more are told as such. */
const MAX_INVITATIONS = 100;

/**
 * Those that can be accepted: users who were only added, or whose invite has expired, have none.
 * @param {AbortSignal} signal
 */
export async function countInvitations(signal) {
  const page = await call('invite/find', {}, { query: { limit: MAX_INVITATIONS }, signal });
  return `${number(page.data.length)}${page.next ? '+' : ''}`;
}

/** @param {{ users: HeadCount[], invitations: string, signIns: Day[], invites: Day[] }} props */
export function Figures({ users, invitations, signIns, invites }) {
  const active = sumOf(users, { state: 'active' });
  const all = sumOf(users, {});
  return html`<ul class="figures" aria-label=${texts.overview.figures}>
    <li class="card">
      <${Figure}
        label=${texts.overview.activeUsers}
        value=${number(active)}
        link=${href('users', { state: 'active' })}
      />
      <p class="hint">${texts.overview.ofAll(all)}</p>
    </li>
    <li class="card">
      <${Figure} label=${texts.overview.openInvitations} value=${invitations} link=${href('invitations')} />
      <${Trend} days=${invites} kind="invites" />
    </li>
    <li class="card">
      <${Figure} label=${texts.overview.signInsThisWeek} value=${number(sumIn(thisWeek(signIns)))} />
      <${Trend} days=${signIns} kind="signIns" />
    </li>
  </ul>`;
}

/** @param {{ label: string, value: string, link?: string }} props */
const Figure = ({ label, value, link }) =>
  html`<p class="figure">
    <span class="faint">${label}</span>
    ${link ? html`<a href=${link} aria-label=${`${label}: ${value}`}>${value}</a>` : html`<strong>${value}</strong>`}
  </p>`;

/** @param {Day[]} days */
const thisWeek = (days) => days.slice(-WEEK);
/** @param {Day[]} days */
const weekBefore = (days) => days.slice(-2 * WEEK, -WEEK);
/** @param {Day[]} days */
const sumIn = (days) => days.reduce((sum, { count }) => sum + count, 0);

/** How the last seven days compare with those before, and each of the fourteen. @param {{ days: Day[], kind: 'signIns' | 'invites' }} props */
function Trend({ days, kind }) {
  const [now, before] = [sumIn(thisWeek(days)), sumIn(weekBefore(days))];
  const arrow = now > before ? '↑' : now < before ? '↓' : '→';
  return html`
    <${Spark} days=${days.slice(-2 * WEEK)} kind=${kind} />
    <p class="hint"><span aria-hidden="true">${arrow} </span>${texts.overview.trends[kind](now, before)}</p>
  `;
}

const HEIGHT = 24;
const GAP = 0.2;

/** @param {{ days: Day[], kind: 'signIns' | 'invites' }} props */
function Spark({ days, kind }) {
  const most = Math.max(1, ...days.map(({ count }) => count));
  const each = days.map(
    ({ day: at, count }) => `${day(new Date(`${at}T00:00:00Z`))}: ${number(count)}`,
  );
  return html`<svg
    class="spark"
    role="img"
    aria-label=${`${texts.overview.tables[kind]}: ${list(each)}`}
    viewBox=${`0 0 ${days.length} ${HEIGHT}`}
    preserveAspectRatio="none"
  >
    ${days.map(({ day: at, count }, index) => {
      const height = Math.max((count / most) * HEIGHT, 1);
      const kind = index < days.length - WEEK ? 'before' : '';
      return html`<rect key=${at} class=${kind} x=${index + GAP / 2} y=${HEIGHT - height} width=${1 - GAP} height=${height} />`;
    })}
  </svg>`;
}
