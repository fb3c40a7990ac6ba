/** What one can sign in with oneself: the password, and the identities at providers that are linked. */

import { html, useState } from '../../vendor/preact.js';
import { useAbout } from '../../about.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { linkWith } from '../../provider-sign-in.js';
import { Ago, Alert, Button, Confirm, Section, toast, useAction } from '../../ui.js';

/** @typedef {import('../../contract').WaysIn} WaysIn */
/** @typedef {WaysIn['linked'][number]} Linked */

/** @param {{ ways: WaysIn, onWays: (ways: WaysIn) => void }} props */
export function SignInMethods({ ways, onWays }) {
  const [leaving, setLeaving] = useState(/** @type {Linked | undefined} */ (undefined));
  const [joining, setJoining] = useState(/** @type {Provider | undefined} */ (undefined));
  const providers = useAbout()?.providers ?? [];
  if (providers.length === 0 && ways.linked.length === 0) return null;
  return html`<${Section} title="Sign-in methods" text="Any of these signs you in.">
    <ul class="methods">
      <li>
        <div><strong>Password</strong><br /><span class="faint">${ways.hasPassword ? 'Set' : 'Not set'}</span></div>
      </li>
      ${ways.linked.map(
        (linked) =>
          html`<${Method} key=${`${linked.issuer} ${linked.subject}`} linked=${linked} onUnlink=${setLeaving} />`,
      )}
    </ul>
    ${
      providers.length > 0 &&
      html`<div class="actions">
        ${providers.map(
          (provider) => html`<${Button} key=${provider.name} onClick=${() => setJoining(provider)}>
            Link <bdi>${provider.label}</bdi>
          <//>`,
        )}
      </div>`
    }
    ${joining && html`<${Link} provider=${joining} onClose=${() => setJoining(undefined)} />`}
    ${leaving && html`<${Unlink} linked=${leaving} onWays=${onWays} onClose=${() => setLeaving(undefined)} />`}
  <//>`;
}

/** @typedef {import('../../provider-sign-in.js').Provider} Provider */

/** @param {{ linked: Linked, onUnlink: (linked: Linked) => void }} props */
const Method = ({ linked, onUnlink }) =>
  html`<li>
    <div class="breaks">
      <strong><bdi>${linked.label}</bdi></strong>
      ${linked.email && html`<br /><bdi>${linked.email}</bdi>`}
      <br /><span class="faint">Linked <${Ago} at=${linked.since} /></span>
    </div>
    <${Button} small onClick=${() => onUnlink(linked)}>
      Unlink<span class="unseen"> ${linked.label} ${linked.email ?? ''}</span>
    <//>
  </li>`;

/** @param {{ provider: Provider, onClose: () => void }} props */
const Link = ({ provider, onClose }) =>
  html`<${Confirm}
    title=${`Link ${provider.label}?`}
    action=${`Go to ${provider.label}`}
    onConfirm=${() => linkWith(provider)}
    onClose=${onClose}
  >
    <p>
      You go to <bdi>${provider.label}</bdi> and back. From then on, anybody who can sign in to the account
      that you choose there can sign in here as you. You get an email about it.
    </p>
  <//>`;

/** @param {{ linked: Linked, onWays: (ways: WaysIn) => void, onClose: () => void }} props */
function Unlink({ linked: { email, issuer, label, subject }, onWays, onClose }) {
  const unlink = async () => {
    onWays(await call('provider/remove', { issuer, subject }));
    toast(`${label} no longer signs you in.`);
  };
  return html`<${Confirm} title=${`Unlink ${label}?`} action="Unlink" danger onConfirm=${unlink} onClose=${onClose}>
    <p>
      ${email ? html`<bdi>${email}</bdi> at <bdi>${label}</bdi>` : html`Your account at <bdi>${label}</bdi>`}
      ${' '}no longer signs you in here. All your other sessions end, and you get an email about it.
    </p>
  <//>`;
}

/** For who has no password yet: the way to one. */
export function NoPassword() {
  const { me } = useOwn();
  const { busy, error, run } = useAction();
  const [isSent, setSent] = useState(false);
  const send = async () => {
    if (!me.email) return;
    await call('password/forgot', { email: me.email });
    setSent(true);
  };
  return html`<${Section} title="Password" text="You have none: you sign in with a provider.">
    <${Alert} error=${error} />
    ${
      isSent
        ? html`<p class="note good" role="status">
            An email is on its way to you. The link in it sets a password; choose there whether the linked
            providers keep signing you in.
          </p>`
        : html`<div class="actions"><${Button} busy=${busy} onClick=${() => run(send)}>Email me a link to set one<//></div>`
    }
  <//>`;
}
