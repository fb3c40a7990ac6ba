/** What one can sign in with oneself: the password, and the identities at providers that are linked. */

import { html, useState } from '../../vendor/preact.js';
import { useAbout } from '../../about.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { linkWith } from '../../provider-sign-in.js';
import { texts } from '../../texts.js';
import { Ago, Alert, Button, Confirm, Name, Section, toast, useAction } from '../../ui.js';

/** @typedef {import('../../contract').WaysIn} WaysIn */
/** @typedef {WaysIn['linked'][number]} Linked */

/** @param {{ ways: WaysIn, onWays: (ways: WaysIn) => void }} props */
export function SignInMethods({ ways, onWays }) {
  const [leaving, setLeaving] = useState(/** @type {Linked | undefined} */ (undefined));
  const [joining, setJoining] = useState(/** @type {Provider | undefined} */ (undefined));
  const providers = useAbout()?.providers ?? [];
  const isLinked = (/** @type {Provider} */ { name }) =>
    ways.linked.some(({ provider }) => provider === name);
  if (providers.length === 0 && ways.linked.length === 0) return null;
  return html`<${Section} title=${texts.methods.title} text=${texts.methods.text}>
    <ul class="methods">
      <li>
        <div><strong>${texts.common.password}</strong><br /><span class="faint">${ways.hasPassword ? texts.methods.set : texts.methods.notSet}</span></div>
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
            ${(isLinked(provider) ? texts.methods.linkAnother : texts.methods.link)(html`<${Name} name=${provider.label} />`)}
          <//>`,
        )}
      </div>`
    }
    ${joining && html`<${Link} provider=${joining} isAnother=${isLinked(joining)} onClose=${() => setJoining(undefined)} />`}
    ${leaving && html`<${Unlink} linked=${leaving} onWays=${onWays} onClose=${() => setLeaving(undefined)} />`}
  <//>`;
}

/** @typedef {import('../../provider-sign-in.js').Provider} Provider */

/** @param {{ linked: Linked, onUnlink: (linked: Linked) => void }} props */
const Method = ({ linked, onUnlink }) =>
  html`<li>
    <div class="breaks">
      <strong><${Name} name=${linked.label} /></strong>
      ${linked.email && html`<br /><${Name} name=${linked.email} />`}
      <br /><span class="faint">${texts.methods.linked(html`<${Ago} at=${linked.since} />`)}</span>
    </div>
    <${Button} small onClick=${() => onUnlink(linked)}>
      ${texts.methods.unlink}<span class="unseen"> <${Name} name=${linked.label} /> <${Name} name=${linked.email} /></span>
    <//>
  </li>`;

/** @param {{ provider: Provider, isAnother: boolean, onClose: () => void }} props */
const Link = ({ provider, isAnother, onClose }) =>
  html`<${Confirm}
    title=${(isAnother ? texts.methods.linkAnotherTitle : texts.methods.linkTitle)(provider.label)}
    action=${texts.methods.goTo(provider.label)}
    onConfirm=${() => linkWith(provider)}
    onClose=${onClose}
  >
    <p>${texts.methods.linkText(html`<${Name} name=${provider.label} />`)}</p>
  <//>`;

/** @param {{ linked: Linked, onWays: (ways: WaysIn) => void, onClose: () => void }} props */
function Unlink({ linked: { email, issuer, label, subject }, onWays, onClose }) {
  const unlink = async () => {
    onWays(await call('provider/remove', { issuer, subject }));
    toast(texts.methods.unlinked(label));
  };
  const at = html`<${Name} name=${label} />`;
  const who = email
    ? texts.methods.who(html`<${Name} name=${email} />`, at)
    : texts.methods.whoUnnamed(at);
  return html`<${Confirm} title=${texts.methods.unlinkTitle(label)} action=${texts.methods.unlink} danger onConfirm=${unlink} onClose=${onClose}>
    <p>${texts.methods.unlinkText(who)}</p>
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
  return html`<${Section} title=${texts.common.password} text=${texts.methods.noPassword}>
    <${Alert} error=${error} />
    ${
      isSent
        ? html`<p class="note good" role="status">${texts.methods.noPasswordSent}</p>`
        : html`<div class="actions"><${Button} busy=${busy} onClick=${() => run(send)}>${texts.methods.emailLink}<//></div>`
    }
  <//>`;
}
