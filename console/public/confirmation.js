/** Confirming who one is, where the service wants to know it anew: one dialog, whose answer all calls share. */

import { html, useEffect, useState } from './vendor/preact.js';
import { confirm, confirmWith, mailCode } from './api.js';
import { DialogActions, Form, Password, Text, useForm } from './forms.js';
import { texts } from './texts.js';
import { Alert, Dialog, useAction } from './ui.js';

/** @import { FormState } from './forms.js' */
/** @typedef {import('./contract').Way} Way */
/** @typedef {{ ways: Way[], onAnswer: (isConfirmed: boolean) => void }} Question */

/** @type {Way[]} */
const KNOWN = ['currentPassword', 'totp', 'emailCode'];
const BLANK = { currentPassword: '', totp: '', emailCode: '' };

/** Where the dialog appears. It goes with the session. */
export function Confirmation() {
  const [question, setQuestion] = useState(/** @type {Question | undefined} */ (undefined));
  useEffect(() => confirmWith(asker(setQuestion)), []);
  return question && html`<${Ask} ...${question} />`;
}

/** @param {(question: Question | undefined) => void} show @returns {import('./api.js').Asker} */
function asker(show) {
  return async ({ confirmBy }) => {
    const ways = confirmBy.filter((way) => KNOWN.includes(way));
    if (ways.length === 0) return false;
    /** @type {Promise<boolean>} */
    const answer = new Promise((onAnswer) => show({ ways, onAnswer }));
    const isConfirmed = await answer;
    show(undefined);
    return isConfirmed;
  };
}

/** @param {Question} props */
function Ask({ ways, onAnswer }) {
  const [way, setWay] = useState(ways[0]);
  /** What goes along with the code that was sent last. */
  const [key, setKey] = useState('');
  const mailing = useAction();
  useEffect(() => () => onAnswer(false), []);
  const isUnsent = way === 'emailCode' && !key;
  const form = useForm(BLANK, async (values) => {
    if (isUnsent) return mail();
    await confirm(proofOf(way, values, key));
    onAnswer(true);
  });
  const choose = (/** @type {Way} */ chosen) => {
    form.reset(BLANK);
    setWay(chosen);
  };
  const mail = async () => {
    setKey((await mailCode()).key);
    choose('emailCode');
  };
  const offers = ways.filter((one) => one !== way || (one === 'emailCode' && key));
  const isBusy = form.busy || mailing.busy;
  const take = (/** @type {Way} */ offer) =>
    offer === 'emailCode' ? mailing.run(mail) : choose(offer);
  return html`<${Dialog} title=${texts.confirmation.title} onClose=${() => onAnswer(false)} busy=${form.busy}>
    <${Form} form=${form} label=${texts.confirmation.title}>
      <p>${texts.confirmation.text}</p>
      <${Alert} error=${mailing.error} />
      ${!isUnsent && html`<${Proof} key=${way + key} form=${form} way=${way} />`}
      ${offers.map(
        (offer) => html`<p key=${offer}>
          <button type="button" class="link" aria-busy=${isBusy} onClick=${() => !isBusy && take(offer)}>
            ${offer === way ? texts.common.emailAnotherCode : texts.confirmation.ways[offer]}
          </button>
        </p>`,
      )}
      <${DialogActions} form=${form} onClose=${() => onAnswer(false)}>
        ${isUnsent ? texts.confirmation.ways.emailCode : texts.common.confirm}
      <//>
    <//>
  <//>`;
}

/** What is typed. @param {{ form: FormState, way: Way }} props */
function Proof({ form, way }) {
  if (way === 'currentPassword') {
    return html`<${Password}
      form=${form}
      name=${way}
      label=${texts.common.password}
      autocomplete="current-password"
      required
      autofocus
    />`;
  }
  return html`<${Text}
    form=${form}
    name=${way}
    label=${texts.common.code}
    inputmode="numeric"
    autocomplete="one-time-code"
    required
    autofocus
    hint=${way === 'totp' ? texts.confirmation.totpHint : texts.confirmation.emailHint}
  />`;
}

/**
 * @param {Way} way
 * @param {typeof BLANK} values
 * @param {string} key
 * @returns {import('./contract').Proof}
 */
function proofOf(way, { currentPassword, totp, emailCode }, key) {
  if (way === 'currentPassword') return { currentPassword };
  if (way === 'totp') return { totp: totp.trim() };
  // A code copied from an email may have spaces around it or in it.
  return { emailCode: emailCode.replace(/\s/g, ''), key };
}
