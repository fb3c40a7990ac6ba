/** What goes on meanwhile, beside every page, and the way back to it. */

import { html, useEffect, useRef, useState } from './vendor/preact.js';
import { useJobs } from './jobs.js';
import { restoreWork } from './kept-work.js';
import { texts } from './texts.js';

/** @param {{ account: { id: string } }} props */
export function JobChips({ account }) {
  useState(restoreWork);
  const jobs = useJobs();
  const ended = useEnded(jobs);
  // What is said once must be there before it is.
  return html`
    <p class="unseen" role="status">${ended}</p>
    ${
      jobs.length > 0 &&
      html`<ul class="jobs" aria-label=${texts.frame.jobs}>
        ${jobs.map((job) => html`<li key=${job.id}><${Chip} job=${job} isHere=${job.account === account.id} /></li>`)}
      </ul>`
    }
  `;
}

/** What the last job came to that ended while another page than its own was shown. @param {import('./jobs.js').Job[]} jobs */
function useEnded(jobs) {
  const running = useRef(/** @type {Set<string>} */ (new Set()));
  const [said, say] = useState('');
  useEffect(() => {
    for (const { id, href, isRunning, outcome, ended } of jobs) {
      if (isRunning) running.current.add(id);
      else if (running.current.delete(id) && location.hash !== href) say(ended(outcome));
    }
  }, [jobs]);
  return said;
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
