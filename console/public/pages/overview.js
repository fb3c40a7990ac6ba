/** Where an admin lands: how many users there are, who has come in lately, and who was invited. */

import { html } from '../vendor/preact.js';
import { call } from '../api.js';
import { Alert, Busy, Button, Head, Section, useLoad } from '../ui.js';
import { Bars } from './overview/bars.js';
import { HeadCounts } from './overview/head-counts.js';

export default function Overview() {
  const read = (/** @type {AbortSignal} */ signal) => call('account/overview', {}, { signal });
  const { data, error, reload } = useLoad(read, []);
  return html`
    <${Head} title="Overview">
      <a class="button primary" href="#/invite-users">Invite</a>
    <//>
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>Try again<//>`} ${!data && !error && html`<${Busy} />`}
    ${data && html`<${Numbers} ...${data} />`}
  `;
}

/** @param {import('../contract').Reply<'account/overview'>} props */
function Numbers({ users, days }) {
  const signIns = days.map(({ day, signIns: count }) => ({ day, count }));
  const invites = days.map(({ day, invites: count }) => ({ day, count }));
  return html`
    <${Section} title="Users"><${HeadCounts} users=${users} /><//>
    <div class="columns">
      <${Section} title="Sign-ins" text="Users who signed in, each counted once a day.">
        <${Bars} days=${signIns} one="sign-in" many="sign-ins" />
      <//>
      <${Section} title="Invitations" text="Invitations sent by anybody in the account.">
        <${Bars} days=${invites} one="invitation" many="invitations" />
      <//>
    </div>
  `;
}
