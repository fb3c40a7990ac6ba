/** What goes on meanwhile, beside every page, and the way back to it. */

import { html, useState } from './vendor/preact.js';
import { useJobs } from './jobs.js';
import { restoreWork } from './kept-work.js';
import { texts } from './texts.js';

/** @param {{ account: { id: string } }} props */
export function JobChips({ account }) {
  useState(restoreWork);
  const jobs = useJobs();
  if (jobs.length === 0) return null;
  return html`<ul class="jobs" aria-label=${texts.frame.jobs}>
    ${jobs.map((job) => html`<li key=${job.id}><${Chip} job=${job} isHere=${job.account === account.id} /></li>`)}
  </ul>`;
}

/** Its page is one of the account that it is done in. @param {{ job: import('./jobs.js').Job, isHere: boolean }} props */
function Chip({ job: { href, label, done, total, isRunning, outcome, ended }, isHere }) {
  const says = isRunning ? texts.frame.jobProgress(label(), done, total) : ended(outcome);
  const shown = html`
    <progress max=${total} value=${done} aria-hidden="true"></progress>
    <span class="cut" title=${says}>${says}</span>
  `;
  return isHere
    ? html`<a class="chip" href=${href}>${shown}</a>`
    : html`<span class="chip">${shown}</span>`;
}
