/** What was done last in the account, and the way to all of it. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';
import { Ago, Section } from '../../ui.js';
import { Sentence, namesOf } from '../audit/sentence.js';

const ENTRIES = 5;

/** @param {AbortSignal} signal */
export const readActivity = (signal) =>
  call('audit/find', {}, { query: { limit: ENTRIES, names: true }, signal });

/** @typedef {{ page: import('../../contract').Reply<'audit/find'> }} Props */

/** @param {Props} props */
export function Activity({ page }) {
  return html`<${Section} title=${texts.overview.activity}>
    <${Entries} page=${page} />
    <p><a href=${href('audit')}>${texts.overview.toAudit}</a></p>
  <//>`;
}

/** @param {Props} props */
function Entries({ page }) {
  const names = namesOf(page);
  if (page.data.length === 0) return html`<p class="hint">${texts.history.noneHint}</p>`;
  return html`<ol class="activity">
    ${page.data.map(
      (entry) => html`<li key=${entry.id}>
        <p class="breaks"><${Sentence} entry=${entry} names=${names} /></p>
        <p class="hint">
          <${Ago} at=${entry.at} /> · <a href=${href('audit', placeOf(entry))}>${texts.overview.inAudit}<span class="unseen">: ${texts.titles.audit}</span></a>
        </p>
      </li>`,
    )}
  </ol>`;
}

/** What finds an entry again, beside others of its kind. @param {import('../../contract').AuditEntry} entry */
const placeOf = ({ action, userId }) => ({ action, userId });
