/** How much there was on each day: bars, and the same as a table. Days are those of UTC, as the service counts. */

import { html } from '../../vendor/preact.js';

/** @typedef {{ day: string, count: number }} Day */
/** @typedef {{ days: Day[], one: string, many: string }} Props what is counted, and what one and many of it are called */

const UTC = /** @type {const} */ ({ timeZone: 'UTC' });
const SHORT = new Intl.DateTimeFormat(undefined, { ...UTC, day: 'numeric', month: 'short' });
const LONG = new Intl.DateTimeFormat(undefined, { ...UTC, dateStyle: 'full' });
/** The chart is as high, and a day as wide, as it is drawn; style sheets stretch it. */
const HEIGHT = 100;
const GAP = 0.15;
/** Few beside many are still seen. */
const LEAST_HEIGHT = 2;

/** @param {Props} props the oldest day first, today last */
export function Bars({ days, one, many }) {
  const sum = days.reduce((sum, { count }) => sum + count, 0);
  if (sum === 0)
    return html`<p class="nothing">No ${many} yet in the last ${days.length} days.</p>`;
  const most = days.reduce((most, day) => (day.count > most.count ? day : most));
  const counted = (/** @type {number} */ count) =>
    `${count.toLocaleString()} ${count === 1 ? one : many}`;
  const summary = `${counted(sum)} in ${days.length} days; most on ${SHORT.format(at(most))}: ${most.count}`;
  return html`
    <div class="chart">
      <p class="most" aria-hidden="true">${most.count.toLocaleString()}</p>
      <svg
        role="img"
        aria-label=${summary}
        viewBox=${`0 0 ${days.length} ${HEIGHT}`}
        preserveAspectRatio="none"
      >
        ${days.map((day, index) => {
          const height = day.count && Math.max((day.count / most.count) * HEIGHT, LEAST_HEIGHT);
          const isToday = index === days.length - 1;
          return html`<g key=${day.day} class=${isToday ? 'today' : ''}>
            <title>${titleOf(day, isToday)}: ${counted(day.count)}</title>
            <rect class="day" x=${index} y="0" width="1" height=${HEIGHT} />
            <rect
              class="bar"
              x=${index + GAP / 2}
              y=${HEIGHT - height}
              width=${1 - GAP}
              height=${height}
            />
          </g>`;
        })}
      </svg>
      <p class="axis" aria-hidden="true">
        <span>${SHORT.format(at(days[0]))}</span>
        <span>${SHORT.format(at(days[Math.floor(days.length / 2)]))}</span>
        <strong>today</strong>
      </p>
    </div>
    <p class="hint">${counted(sum)} in ${days.length} days (UTC).</p>
    <${Numbers} days=${days} many=${many} />
  `;
}

/** @param {Omit<Props, 'one'>} props */
const Numbers = ({ days, many }) =>
  html`<details>
    <summary>The numbers as a table</summary>
    <div class="scrolls" tabindex="0" role="region" aria-label=${`The ${many} as a table`}>
      <table class="numbers">
        <thead>
          <tr><th scope="col">Day (UTC)</th><th scope="col" class="number">${sentenceCase(many)}</th></tr>
        </thead>
        <tbody>
          ${days.toReversed().map(
            (day, index) =>
              html`<tr key=${day.day}>
                <th scope="row">${titleOf(day, index === 0)}</th>
                <td class="number">${day.count.toLocaleString()}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;

/** @param {Day} day */
const at = ({ day }) => new Date(`${day}T00:00:00Z`);

/** @param {Day} day @param {boolean} isToday */
const titleOf = (day, isToday) => (isToday ? 'Today so far' : LONG.format(at(day)));

/** @param {string} word */
const sentenceCase = (word) => word.charAt(0).toUpperCase() + word.slice(1);
