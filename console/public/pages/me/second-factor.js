/** One's own second factor: an authenticator app is told the secret, which a code of it proves. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { ConfirmingPassword, DialogActions, Form, Submit, Text, useForm } from '../../forms.js';
import { useRisk } from '../../leaving.js';
import { Qr } from '../../qr.js';
import { texts } from '../../texts.js';
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
  const off = hasPassword ? texts.secondFactor.off : texts.secondFactor.offWithProvider;
  const text = me.twoFactor ? texts.secondFactor.on : off;
  return html`<${Section} title=${texts.secondFactor.title} text=${text}>
    ${codes && html`<${RecoveryCodes} codes=${codes} onKept=${() => setCodes(undefined)} />`}
    ${enrolment && html`<${Confirmation} enrolment=${enrolment} onCodes=${onCodes} onCancel=${cancel} />`}
    ${!me.twoFactor && !enrolment && !codes && html`<${Begin} hasPassword=${hasPassword} onEnrolment=${setEnrolment} />`}
    ${me.twoFactor && !codes && html`<${Button} danger onClick=${() => setRemoves(true)}>${texts.secondFactor.turnOff}<//>`}
    ${removes && html`<${Remove} hasPassword=${hasPassword} onClose=${() => setRemoves(false)} />`}
  <//>`;
}

/**
 * What proves that it is the person: the password, if there is one; else it takes a fresh sign-in alone.
 *
 * @param {boolean} hasPassword
 */
const proof = (hasPassword) => (hasPassword ? { currentPassword: '' } : {});

/** @param {{ hasPassword: boolean, onEnrolment: (enrolment: Enrolment) => void }} props */
function Begin({ hasPassword, onEnrolment }) {
  const form = useForm(proof(hasPassword), async (values) => {
    onEnrolment(await call('totp/enroll', values));
  });
  return html`<${Form} form=${form} label=${texts.secondFactor.setUpForm}>
    ${hasPassword && html`<${ConfirmingPassword} form=${form} />`}
    <${Submit} form=${form}>${texts.secondFactor.setUp}<//>
  <//>`;
}

/** @param {{ enrolment: Enrolment, onCodes: (codes: string[]) => void, onCancel: () => void }} props */
function Confirmation({ enrolment, onCodes, onCancel }) {
  const form = useForm({ code: '' }, async (values) => {
    onCodes((await call('totp/confirm', values)).recoveryCodes);
  });
  // The app has a secret by now that nobody is told again.
  useRisk(!form.busy);
  return html`
    <p>${texts.secondFactor.scan((words) => html`<a href=${enrolment.url}>${words}</a>`)}</p>
    <${Qr} text=${enrolment.url} label=${texts.secondFactor.qr} />
    <${CopyField} label=${texts.secondFactor.secret} text=${enrolment.secret} />
    <${Form} form=${form} label=${texts.secondFactor.confirmForm}>
      <${Text}
        form=${form}
        name="code"
        label=${texts.secondFactor.codeOfApp}
        required
        autofocus
        inputmode="numeric"
        autocomplete="one-time-code"
      />
      <div class="actions">
        <${Submit} form=${form}>${texts.secondFactor.confirm}<//>
        <${Button} onClick=${onCancel}>${texts.common.cancel}<//>
      </div>
    <//>
  `;
}

/** @param {{ codes: string[], onKept: () => void }} props */
function RecoveryCodes({ codes, onKept }) {
  useRisk(true);
  return html`<div class="note good stack">
    <p>
      ${texts.secondFactor.turnedOn(html`<strong>${texts.secondFactor.turnedOnShort}</strong>`)}
    </p>
    <ul class="codes" aria-label=${texts.secondFactor.recoveryCodes}>
      ${codes.map((code) => html`<li key=${code}><code>${code}</code></li>`)}
    </ul>
    <div class="actions">
      <${Copy} text=${codes.join('\n')}>${texts.secondFactor.copyAll}<//>
      <${Button} onClick=${onKept}>${texts.secondFactor.saved}<//>
    </div>
  </div>`;
}

/** @param {{ hasPassword: boolean, onClose: () => void }} props */
function Remove({ hasPassword, onClose }) {
  const { reload } = useOwn();
  const form = useForm(proof(hasPassword), async (values) => {
    await call('totp/remove', values);
    toast(texts.secondFactor.turnedOff);
    onClose();
    reload();
  });
  return html`<${Dialog} title=${texts.secondFactor.turnOffTitle} onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label=${texts.secondFactor.turnOffTitle}>
      <p>${hasPassword ? texts.secondFactor.turnOffText : texts.secondFactor.turnOffWithProvider}</p>
      ${hasPassword && html`<${ConfirmingPassword} form=${form} />`}
      <${DialogActions} form=${form} onClose=${onClose} danger>${texts.secondFactor.turnOff}<//>
    <//>
  <//>`;
}
