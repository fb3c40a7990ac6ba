/** Where an admin lands: what to do first, how many users there are, who has come in lately, and what was done last. */

import { html } from '../vendor/preact.js';
import { call } from '../api.js';
import { texts } from '../texts.js';
import { Alert, Button, Head, Section, SkeletonParts, useLoad } from '../ui.js';
import { Activity } from './overview/activity.js';
import { Bars } from './overview/bars.js';
import { Figures } from './overview/figures.js';
import { FirstSteps } from './overview/first-steps.js';
import { HeadCounts } from './overview/head-counts.js';

export default function Overview() {
  const read = (/** @type {AbortSignal} */ signal) => call('account/overview', {}, { signal });
  const { data, error, reload } = useLoad(read, []);
  return html`
    <${Head} title=${texts.titles.overview}>
      <a class="button primary" href="#/invite-users">${texts.common.invitePeople}</a>
    <//>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${!data && !error && html`<${SkeletonParts} parts=${3} low /><${SkeletonParts} />`}
    ${data && html`<${Numbers} ...${data} />`}
  `;
}

/** @param {import('../contract').Reply<'account/overview'>} props */
function Numbers({ users, days }) {
  const signIns = days.map(({ day, signIns: count }) => ({ day, count }));
  const invites = days.map(({ day, invites: count }) => ({ day, count }));
  return html`
    <${FirstSteps} users=${users} />
    <${Figures} users=${users} signIns=${signIns} invites=${invites} />
    <div class="columns">
      <${Activity} />
      <${Section} title=${texts.common.users}><${HeadCounts} users=${users} /><//>
    </div>
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
