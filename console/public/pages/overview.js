/** Where an admin lands: what to do first, how many users there are, who has come in lately, and what was done last. */

import { html } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { texts } from '../texts.js';
import { Alert, Button, Head, Section, SkeletonParts, useLoad } from '../ui.js';
import { Activity, readActivity } from './overview/activity.js';
import { Bars } from './overview/bars.js';
import { Figures, countInvitations } from './overview/figures.js';
import { FirstSteps, readSteps } from './overview/first-steps.js';
import { HeadCounts } from './overview/head-counts.js';

export default function Overview() {
  const own = useOwn();
  // All at once, so that nothing that is there already moves.
  const read = async (/** @type {AbortSignal} */ signal) => {
    const [overview, steps, activity, invitations] = await Promise.all([
      call('account/overview', {}, { signal }),
      readSteps(own, signal),
      readActivity(signal),
      countInvitations(signal),
    ]);
    return { ...overview, steps, activity, invitations };
  };
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

/**
 * @typedef {object} More
 * @property {import('./overview/first-steps.js').Found | undefined} steps
 * @property {import('../contract').Reply<'audit/find'>} activity
 * @property {string} invitations
 */

/** @param {import('../contract').Reply<'account/overview'> & More} props */
function Numbers({ users, days, steps, activity, invitations }) {
  const signIns = days.map(({ day, signIns: count }) => ({ day, count }));
  const invites = days.map(({ day, invites: count }) => ({ day, count }));
  return html`
    ${steps && html`<${FirstSteps} users=${users} found=${steps} />`}
    <${Figures} users=${users} invitations=${invitations} signIns=${signIns} invites=${invites} />
    <div class="columns">
      <${Activity} page=${activity} />
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
