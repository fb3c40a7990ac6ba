/** One's own second factor: an authenticator app is told the secret, which a code of it proves. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Form, Password, Submit, Text, useForm } from '../../forms.js';
import { Qr } from '../../qr.js';
import { Button, Copy, CopyField, Dialog, Section, toast } from '../../ui.js';

/** @typedef {{ secret: string, url: string }} Enrolment */

/** @param {{ hasPassword: boolean }} props */
export function SecondFactor({ hasPassword }) {
  const { me, reload } = useOwn();
  const [enrolment, setEnrolment] = useState(/** @type {Enrolment | undefined} */ (undefined));
  const [codes, setCodes] = useState(/** @type {string[] | undefined} */ (undefined));
  const [removes, setRemoves] = useState(false);
  const onCodes = (/** @type {string[]} */ fresh) => {
    setEnrolment(undefined);
    setCodes(fresh);
    reload();
  };
  const cancel = () => setEnrolment(undefined);
  const text = me.twoFactor
    ? 'On: signing in takes a code from your authenticator app, or a recovery code.'
    : 'Off. With it, somebody who learns your password still cannot sign in.';
  return html`<${Section} title="Second factor" text=${text}>
    ${codes && html`<${RecoveryCodes} codes=${codes} onKept=${() => setCodes(undefined)} />`}
    ${enrolment && html`<${Confirmation} enrolment=${enrolment} onCodes=${onCodes} onCancel=${cancel} />`}
    ${!me.twoFactor && !hasPassword && html`<p>Set a password first: turning it on takes that.</p>`}
    ${!me.twoFactor && hasPassword && !enrolment && !codes && html`<${Begin} onEnrolment=${setEnrolment} />`}
    ${me.twoFactor && !codes && html`<${Button} danger onClick=${() => setRemoves(true)}>Turn off<//>`}
    ${removes && html`<${Remove} onClose=${() => setRemoves(false)} />`}
  <//>`;
}

/** @param {{ onEnrolment: (enrolment: Enrolment) => void }} props */
function Begin({ onEnrolment }) {
  const form = useForm({ currentPassword: '' }, async (values) => {
    onEnrolment(await call('totp/enroll', values));
  });
  return html`<${Form} form=${form} label="Turn the second factor on">
    <${Password}
      form=${form}
      name="currentPassword"
      label="Your password"
      autocomplete="current-password"
      required
    />
    <${Submit} form=${form}>Turn on<//>
  <//>`;
}

/** @param {{ enrolment: Enrolment, onCodes: (codes: string[]) => void, onCancel: () => void }} props */
function Confirmation({ enrolment, onCodes, onCancel }) {
  const form = useForm({ code: '' }, async (values) => {
    onCodes((await call('totp/confirm', values)).recoveryCodes);
  });
  return html`
    <p>
      Scan this with an authenticator app; on the device that has the app, you
      can <a href=${enrolment.url}>open it there</a>.
    </p>
    <${Qr} text=${enrolment.url} label="QR code for the authenticator app" />
    <${CopyField} label="Or type this into the app" text=${enrolment.secret} />
    <${Form} form=${form} label="Confirm the second factor">
      <${Text}
        form=${form}
        name="code"
        label="Code that the app shows"
        required
        autofocus
        inputmode="numeric"
        autocomplete="one-time-code"
      />
      <div class="actions">
        <${Submit} form=${form}>Confirm<//>
        <${Button} onClick=${onCancel}>Cancel<//>
      </div>
    <//>
  `;
}

/** @param {{ codes: string[], onKept: () => void }} props */
const RecoveryCodes = ({ codes, onKept }) =>
  html`<div class="note good stack">
    <p>
      <strong>The second factor is on.</strong> Keep these recovery codes where you find them
      without the app. Each signs you in once. You see them only now.
    </p>
    <ul class="codes" aria-label="Recovery codes">
      ${codes.map((code) => html`<li key=${code}><code>${code}</code></li>`)}
    </ul>
    <div class="actions">
      <${Copy} text=${codes.join('\n')}>Copy all<//>
      <${Button} onClick=${onKept}>I’ve saved them<//>
    </div>
  </div>`;

/** @param {{ onClose: () => void }} props */
function Remove({ onClose }) {
  const { reload } = useOwn();
  const form = useForm({ currentPassword: '' }, async (values) => {
    await call('totp/remove', values);
    toast('The second factor is off.');
    onClose();
    reload();
  });
  return html`<${Dialog} title="Turn the second factor off?" onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label="Turn the second factor off">
      <p>Your password alone is then enough to sign in, and your recovery codes stop working.</p>
      <${Password}
        form=${form}
        name="currentPassword"
        label="Your password"
        autocomplete="current-password"
        required
      />
      <div class="actions end">
        <${Button} disabled=${form.busy} onClick=${onClose}>Cancel<//>
        <${Submit} form=${form} danger>Turn off<//>
      </div>
    <//>
  <//>`;
}
