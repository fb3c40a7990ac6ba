/** Entries of the audit trail, day by day. */

import { html } from '../../vendor/preact.js';
import { date } from '../../formats.js';
import { dayBefore, dayOf } from '../../local-days.js';
import { texts } from '../../texts.js';
import { Clock } from '../../ui.js';
import { Detail, Sentence, namesOf } from './sentence.js';

/** @typedef {import('../../contract').AuditEntry} AuditEntry */

/** @param {{ page: import('../../contract').Reply<'audit/find'>, isOld: boolean, label: string }} props */
export function Trail({ page, isOld, label }) {
  const names = namesOf(page);
  return html`<div class="trail" role="region" aria-label=${label} aria-busy=${isOld}>
    ${byDay(page.data).map(
      ({ day, entries }) =>
        html`<section key=${day} class="card">
          <h2>${day}</h2>
          <ol>
            ${entries.map((entry) => html`<${Entry} key=${entry.id} entry=${entry} names=${names} />`)}
          </ol>
        </section>`,
    )}
  </div>`;
}

/** @param {{ entry: AuditEntry, names: import('./sentence.js').Names }} props */
const Entry = ({ entry, names }) => {
  return html`<li>
    <span class="faint"><${Clock} at=${entry.at} /></span>
    <div>
      <p class="breaks"><${Sentence} entry=${entry} names=${names} /></p>
      <${Detail} entry=${entry} />
    </div>
    ${entry.address && html`<span class="faint from" title=${texts.common.address}>${entry.address}</span>`}
  </li>`;
};

/** By days as the reader's clock has them. @param {AuditEntry[]} entries */
function byDay(entries) {
  /** @type {{ day: string, entries: AuditEntry[] }[]} */
  const days = [];
  for (const entry of entries) {
    const day = named(new Date(entry.at));
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}

/** @param {Date} at */
function named(at) {
  const [day, now] = [dayOf(at), new Date()];
  if (day === dayBefore(0, now)) return texts.audit.today;
  return day === dayBefore(1, now) ? texts.audit.yesterday : date(at);
}
