/** Where an admin lands: how many users there are, who has come in lately, and who was invited. */

import { html } from '../vendor/preact.js';
import { call } from '../api.js';
import { texts } from '../texts.js';
import { Alert, Busy, Button, Head, Section, useLoad } from '../ui.js';
import { Bars } from './overview/bars.js';
import { HeadCounts } from './overview/head-counts.js';

export default function Overview() {
  const read = (/** @type {AbortSignal} */ signal) => call('account/overview', {}, { signal });
  const { data, error, reload } = useLoad(read, []);
  return html`
    <${Head} title=${texts.titles.overview}>
      <a class="button primary" href="#/invite-users">${texts.common.invitePeople}</a>
    <//>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`} ${!data && !error && html`<${Busy} />`}
    ${data && html`<${Numbers} ...${data} />`}
  `;
}

/** @param {import('../contract').Reply<'account/overview'>} props */
function Numbers({ users, days }) {
  const signIns = days.map(({ day, signIns: count }) => ({ day, count }));
  const invites = days.map(({ day, invites: count }) => ({ day, count }));
  return html`
    <${Section} title=${texts.common.users}><${HeadCounts} users=${users} /><//>
    <div class="columns">
      <${Section} title=${texts.overview.kinds.signIns} text=${texts.overview.signInsHint}>
        <${Bars} days=${signIns} kind="signIns" />
      <//>
      <${Section} title=${texts.overview.kinds.invites} text=${texts.overview.invitesHint}>
        <${Bars} days=${invites} kind="invites" />
      <//>
    </div>
  `;
}
