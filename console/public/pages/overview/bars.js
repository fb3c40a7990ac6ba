/** How much there was on each day: bars, and the same as a table. Days are those of UTC, as the service counts. */

import { html } from '../../vendor/preact.js';
import { day, number, weekday } from '../../formats.js';
import { texts } from '../../texts.js';

/** @typedef {{ day: string, count: number }} Day */
/** @typedef {{ days: Day[], kind: 'signIns' | 'invites' }} Props */

/** The chart is as high, and a day as wide, as it is drawn; style sheets stretch it. */
const HEIGHT = 100;
const GAP = 0.15;
/** Few beside many are still seen. */
const LEAST_HEIGHT = 2;

/** @param {Props} props the oldest day first, today last */
export function Bars({ days, kind }) {
  const sum = days.reduce((sum, { count }) => sum + count, 0);
  if (sum === 0) return html`<p class="nothing">${texts.overview.none[kind](days.length)}</p>`;
  const most = days.reduce((most, day) => (day.count > most.count ? day : most));
  const counted = texts.overview.counted[kind];
  const all = texts.overview.inDays(counted(sum), days.length);
  const summary = `${all}; ${texts.overview.most(day(at(most)), number(most.count))}`;
  return html`
    <div class="chart">
      <p class="most" aria-hidden="true">${number(most.count)}</p>
      <svg
        role="img"
        aria-label=${summary}
        viewBox=${`0 0 ${days.length} ${HEIGHT}`}
        preserveAspectRatio="none"
      >
        ${days.map((one, index) => {
          const height = one.count && Math.max((one.count / most.count) * HEIGHT, LEAST_HEIGHT);
          const isToday = index === days.length - 1;
          return html`<g key=${one.day} class=${isToday ? 'today' : ''}>
            <title>${titleOf(one, isToday)}: ${counted(one.count)}</title>
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
        <span>${day(at(days[0]))}</span>
        <span>${day(at(days[Math.floor(days.length / 2)]))}</span>
        <strong>${texts.overview.today}</strong>
      </p>
    </div>
    <p class="hint">${texts.overview.sum(counted(sum), days.length)}</p>
    <${Numbers} days=${days} kind=${kind} />
  `;
}

/** @param {Props} props */
const Numbers = ({ days, kind }) =>
  html`<details>
    <summary>${texts.overview.asTable}</summary>
    <div class="scrolls" tabindex="0" role="region" aria-label=${texts.overview.tables[kind]}>
      <table class="numbers">
        <thead>
          <tr><th scope="col">${texts.overview.day}</th><th scope="col" class="number">${texts.overview.kinds[kind]}</th></tr>
        </thead>
        <tbody>
          ${days.toReversed().map(
            (day, index) =>
              html`<tr key=${day.day}>
                <th scope="row">${titleOf(day, index === 0)}</th>
                <td class="number">${number(day.count)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;

/** @param {Day} day */
const at = ({ day }) => new Date(`${day}T00:00:00Z`);

/** @param {Day} day @param {boolean} isToday */
const titleOf = (day, isToday) => (isToday ? texts.overview.todaySoFar : weekday(at(day)));
