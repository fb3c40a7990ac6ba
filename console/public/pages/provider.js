/** Where somebody is who comes from a provider: signed in, or with something to show first, or with a way to begin again. */

import { html, useEffect, useState } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { ApiError } from '../api.js';
import { Form, Password, SecondFactorCode, Submit, Text, useForm } from '../forms.js';
import { faultAt } from '../object-field.js';
import {
  forgetTicket,
  goOn,
  linkWith,
  sendCode,
  showFor,
  signInWith,
} from '../provider-sign-in.js';
import { goInstead } from '../router.js';
import { tokens } from '../session.js';
import { texts } from '../texts.js';
import { Alert, Busy, Button, Name, toast, useAction } from '../ui.js';

/** @import { Begun, Stage, Ticket } from '../provider-sign-in.js' */
/** @import { FormState } from '../forms.js' */

export default function FromProvider() {
  const [stage, setStage] = useState(/** @type {Stage | undefined} */ (undefined));
  const follow = (/** @type {Stage} */ next) => {
    if (next.kind === 'done') leave(next);
    else if (next.kind === 'nothing') goInstead(tokens() ? '' : 'sign-in');
    else setStage(next);
  };
  const read = () => {
    setStage(undefined);
    void goOn().then(follow);
  };
  useEffect(read, []);
  if (!stage) return html`<h1>${texts.provider.signingIn}</h1><${Busy} />`;
  if (stage.kind !== 'show') return html`<${NotIn} stage=${stage} onRetry=${read} />`;
  const { ticket } = stage;
  const over = (/** @type {ApiError} */ error) =>
    setStage({ kind: 'refused', error, begun: ticket, mayRepeat: false });
  return html`<${Show} key=${ticket.kind} ticket=${ticket} onShown=${leave} onOver=${over} />`;
}

/** Goes on where somebody wanted to be. @param {{ begun: Begun, hasJoined: boolean }} done */
function leave({ begun: { invite, isLink, label, place }, hasJoined }) {
  if (isLink) {
    toast(texts.provider.linked(label));
    goInstead('me/sign-in');
  } else if (invite && !hasJoined) {
    // Joining takes a click of somebody who has read who invites into what.
    goInto(`#invite=${invite}`);
  } else if (place && !invite) {
    goInto(place);
  } else {
    goInstead('');
  }
}

/** @param {string} hash */
function goInto(hash) {
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** @param {Ticket} ticket */
function giveUp({ invite }) {
  forgetTicket();
  if (invite) goInto(`#invite=${invite}`);
  else goInstead('sign-in');
}

/** @typedef {{ ticket: Ticket, onShown: typeof leave, onOver: (error: ApiError) => void }} ShowProps */

/** What something is to be shown for. @param {ShowProps} props */
function Show({ ticket, onShown, onOver }) {
  const [isByCode, setByCode] = useState(ticket.kind === 'pending');
  const [asksSecond, setAsksSecond] = useState(ticket.kind === 'second-factor');
  const [sent, setSent] = useState('');
  const mailing = useAction();
  const form = useForm(BLANK, async (values) => {
    try {
      onShown(await showFor(evidenceIn(values, ticket, { isByCode, asksSecond })));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'invalid_state') onOver(error);
      else if (error.code === 'totp_required' && !asksSecond) setAsksSecond(true);
      else throw inWords(error, asksSecond);
    }
  });
  const mail = async () => {
    await sendCode();
    form.reset(BLANK);
    setByCode(true);
    setSent(isByCode ? texts.provider.newCode : '');
  };
  const mayMail = ticket.kind !== 'second-factor';
  return html`
    <${Explained} ticket=${ticket} isByCode=${isByCode} />
    ${sent && html`<p class="note" role="status">${sent}</p>`}
    <${Alert} error=${mailing.error} />
    <${Form} form=${form} label=${texts.provider.prove}>
      ${ticket.kind !== 'second-factor' && html`<${First} key=${String(isByCode)} form=${form} isByCode=${isByCode} />`}
      ${asksSecond && html`<${SecondFactorCode} form=${form} />`}
      <${Submit} form=${form}>${texts.common.signIn}<//>
    <//>
    <div class="links">
      ${
        mayMail &&
        html`<button type="button" class="link" aria-busy=${mailing.busy} onClick=${() => mailing.run(mail)}>
          ${isByCode ? texts.common.emailAnotherCode : texts.provider.emailCode}
        </button>`
      }
      ${
        ticket.kind === 'link-required' &&
        isByCode &&
        html`<button type="button" class="link" onClick=${() => setByCode(false)}>${texts.provider.usePassword}</button>`
      }
      <button type="button" class="link" onClick=${() => giveUp(ticket)}>${texts.provider.otherWay}</button>
    </div>
  `;
}

const BLANK = { currentPassword: '', emailCode: '', totp: '' };

/** @param {{ ticket: Ticket, isByCode: boolean }} props */
function Explained({ ticket: { kind, label }, isByCode }) {
  const who = html`<${Name} name=${label} />`;
  if (kind === 'second-factor') {
    return html`
      <h1>${texts.provider.enterCode}</h1>
      <p>${texts.provider.enterCodeText(who)}</p>
    `;
  }
  if (kind === 'pending') {
    return html`
      <h1>${texts.provider.checkEmail}</h1>
      <p role="status">${texts.provider.pending(who)}</p>
    `;
  }
  return html`
    <h1>${texts.provider.link(who)}</h1>
    <p>${isByCode ? texts.provider.linkByCode(who) : texts.provider.linkByPassword(who)}</p>
  `;
}

/** @param {{ form: FormState, isByCode: boolean }} props */
function First({ form, isByCode }) {
  if (!isByCode) {
    return html`<${Password}
      form=${form}
      name="currentPassword"
      label=${texts.common.password}
      autocomplete="current-password"
      required
      autofocus
    />`;
  }
  return html`<${Text}
    form=${form}
    name="emailCode"
    label=${texts.provider.codeFromEmail}
    inputmode="numeric"
    autocomplete="one-time-code"
    required
    autofocus
    hint=${texts.provider.codeFromEmailHint}
  />`;
}

/**
 * @param {typeof BLANK} values
 * @param {Ticket} ticket
 * @param {{ isByCode: boolean, asksSecond: boolean }} asked
 * @returns {import('../vendor/guestlist-client.js').Evidence}
 */
function evidenceIn({ currentPassword, emailCode, totp }, { kind }, { isByCode, asksSecond }) {
  // A code copied from an email may have spaces around it or in it.
  const code = { emailCode: emailCode.replace(/\s/g, '') };
  const second = { totp: totp.trim() };
  if (kind === 'second-factor') return second;
  return { ...(isByCode ? code : { currentPassword }), ...(asksSecond && second) };
}

/**
 * Names what is wrong as the page does. A code is asked for once the rest was right.
 *
 * @param {ApiError} error
 * @param {boolean} asksSecond
 */
function inWords(error, asksSecond) {
  if (error.code === 'invalid_credentials') {
    return asksSecond
      ? faultAt('totp', texts.common.wrongCode)
      : faultAt('currentPassword', texts.provider.passwordIsWrong);
  }
  const isWrong = error.errors.some(({ field, code }) => field === 'emailCode' && code === 'wrong');
  return isWrong ? faultAt('emailCode', texts.provider.codeIsWrong) : error;
}

/** Why somebody is not signed in, and the ways on. @param {{ stage: Stage, onRetry: () => void }} props */
function NotIn({ stage, onRetry }) {
  const providers = useAbout()?.providers ?? [];
  const { busy, error, run } = useAction();
  const begun = 'begun' in stage ? stage.begun : undefined;
  const name = 'provider' in stage ? stage.provider : begun?.provider;
  const provider = providers.find((one) => one.name === name);
  const mayRepeat = stage.kind === 'refused' && stage.mayRepeat;
  // As long as no other one is unlinked, beginning again ends here, too.
  const isFull = stage.kind === 'refused' && stage.error.code === 'too_many_providers';
  const beginAgain = async () => {
    if (provider) await (begun?.isLink ? linkWith(provider) : signInWith(provider, begun));
  };
  return html`
    <h1>${begun?.isLink ? texts.provider.nothingLinked : texts.provider.notIn}</h1>
    <${Reason} stage=${stage} label=${provider?.label ?? begun?.label ?? texts.common.someProvider} />
    <${Alert} error=${error} />
    <div class="actions">
      ${mayRepeat && html`<${Button} primary onClick=${onRetry}>${texts.common.tryAgain}<//>`}
      ${isFull && html`<a class="button primary" href="#/me/sign-in">${texts.provider.backToMethods}</a>`}
      ${
        provider &&
        !isFull &&
        html`<${Button} primary=${!mayRepeat} busy=${busy} onClick=${() => run(beginAgain)}>
          ${texts.provider.startAgain(html`<${Name} name=${provider.label} />`)}
        <//>`
      }
    </div>
    ${!isFull && html`<p class="links"><${Elsewhere} begun=${begun} /></p>`}
  `;
}

/** @param {{ begun: Begun | undefined }} props */
function Elsewhere({ begun }) {
  if (begun?.isLink) return html`<a href="#/me/sign-in">${texts.provider.backToMethods}</a>`;
  if (begun?.invite) return html`<a href=${`#invite=${begun.invite}`}>${texts.provider.back}</a>`;
  if (tokens()) return html`<a href="#/">${texts.provider.continueHere}</a>`;
  return html`<a href="#/sign-in">${texts.signIn.withPassword}</a>`;
}

/** @param {{ stage: Stage, label: string }} props */
function Reason({ stage, label }) {
  const who = html`<${Name} name=${label} />`;
  const isDenied = stage.kind === 'refused' && stage.error.code === 'provider_denied';
  if (stage.kind === 'denied' || isDenied) {
    return html`<p role="status">${texts.provider.denied(who)}</p>`;
  }
  if (stage.kind === 'refused') {
    const { error, begun } = stage;
    const isUnconfirmed = begun.isLink && error.code === 'provider_refused';
    const reason = isUnconfirmed ? texts.provider.notConfirmed : texts.provider.reasons[error.code];
    return html`<${Alert} error=${reason ?? error} />`;
  }
  return html`<p role="status">${texts.provider.begunElsewhere}</p>`;
}
