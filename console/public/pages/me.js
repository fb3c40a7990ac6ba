/** Oneself: names and preferences, how one signs in, and where one is signed in. */

import { html } from '../vendor/preact.js';
import { useOwn } from '../own.js';
import { href } from '../router.js';
import { texts } from '../texts.js';
import { Avatar, Badge, Name, Tabs, fullName } from '../ui.js';
import { OwnSignIn } from './me/sign-in.js';
import { Profile } from './user/profile.js';
import { Sessions } from './user/sessions.js';

const tabs = () => [
  { path: '', label: texts.me.profile, tab: Profile },
  { path: 'sign-in', label: texts.me.signIn, tab: OwnSignIn },
  { path: 'sessions', label: texts.me.sessions, tab: Sessions },
];

/** @param {{ tab?: string }} props */
export default function Me({ tab = '' }) {
  const { account, me, reload } = useOwn();
  const all = tabs();
  const here = all.find(({ path }) => path === tab) ?? all[0];
  const name = fullName(me);
  return html`
    <div class="head">
      <div class="who-large">
        <${Avatar} user=${me} large />
        <div>
          <h1 title=${name}><${Name} name=${name} /></h1>
          <p class="row wraps">
            ${me.email !== name && html`<span class="breaks"><${Name} name=${me.email} /></span>`}
            <${Badge} kind=${me.role} />
            ${me.twoFactor && html`<${Badge} kind="two-factor" />`}
          </p>
        </div>
      </div>
    </div>
    <${Tabs}
      label=${texts.me.about}
      tabs=${all.map(({ path, label }) => ({
        label,
        href: href(path ? `me/${path}` : 'me'),
        isHere: path === here.path,
      }))}
    />
    <${here.tab} key=${here.path} user=${me} account=${account} mayChange onUser=${reload} reload=${reload} />
  `;
}
