/** Oneself: names and preferences, how one signs in, and where one is signed in. */

import { html } from '../vendor/preact.js';
import { useOwn } from '../own.js';
import { href } from '../router.js';
import { Avatar, Badge, Tabs, fullName } from '../ui.js';
import { OwnSignIn } from './me/sign-in.js';
import { Profile } from './user/profile.js';
import { Sessions } from './user/sessions.js';

const TABS = [
  { path: '', label: 'Profile', tab: Profile },
  { path: 'sign-in', label: 'Signing in', tab: OwnSignIn },
  { path: 'sessions', label: 'Sessions', tab: Sessions },
];

/** @param {{ tab?: string }} props */
export default function Me({ tab = '' }) {
  const { account, me, reload } = useOwn();
  const here = TABS.find(({ path }) => path === tab) ?? TABS[0];
  const name = fullName(me);
  return html`
    <div class="head">
      <div class="who-large">
        <${Avatar} user=${me} large />
        <div>
          <h1 title=${name}><bdi>${name}</bdi></h1>
          <p class="row wraps">
            ${me.email !== name && html`<span class="breaks"><bdi>${me.email}</bdi></span>`}
            <${Badge} kind=${me.role} />
            ${me.twoFactor && html`<${Badge} kind="two-factor" />`}
          </p>
        </div>
      </div>
    </div>
    <${Tabs}
      label="About you"
      tabs=${TABS.map(({ path, label }) => ({
        label,
        href: href(path ? `me/${path}` : 'me'),
        isHere: path === here.path,
      }))}
    />
    <${here.tab} key=${here.path} user=${me} account=${account} mayChange onUser=${reload} reload=${reload} />
  `;
}
