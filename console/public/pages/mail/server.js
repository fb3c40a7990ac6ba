/** Whether emails leave: the mail server, how it has been, and a test email to oneself. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { texts } from '../../texts.js';
import { Ago, Alert, Busy, Button, Facts, Name, Section, useAction, useLoad } from '../../ui.js';

/** @typedef {import('../../contract').MailState} MailState */
/** @typedef {import('../../contract').TestEmail} TestEmail */

/** @param {{ onSent: () => void }} props `onSent`: emails that were waiting may leave */
export function Server({ onSent }) {
  const [outcome, setOutcome] = useState(/** @type {TestEmail | undefined} */ (undefined));
  const { data, error, reload } = useLoad((signal) => call('mail/state', {}, { signal }), []);
  const { busy, error: failure, run } = useAction();
  const test = () =>
    run(async () => {
      setOutcome(undefined);
      setOutcome(await call('mail/test', {}));
      reload();
      onSent();
    });
  return html`<${Section} title=${texts.mail.server.title}>
    <${Alert} error=${error} />
    ${!data && !error && html`<${Busy} />`}
    ${data && html`<${Standing} state=${data} /><${Facts} rows=${facts(data)} />`}
    <div class="actions">
      <${Button} busy=${busy} onClick=${test}>${texts.mail.server.test}<//>
    </div>
    ${/* What is put into it later is read out. */ ''}
    <div role="status">
      ${busy && html`<p class="hint">${texts.mail.server.testing}</p>`}
      ${!busy && outcome && html`<${Outcome} outcome=${outcome} />`}
    </div>
    <${Alert} error=${failure} />
  <//>`;
}

/** How it stands in one sentence, with a mark for the eye. @param {{ state: MailState }} props */
function Standing({ state }) {
  if (state.folder !== undefined) {
    return html`<${Marked} kind="bad">${texts.mail.server.noServer(html`<code><${Name} name=${state.folder} /></code>`)}<//>`;
  }
  if (state.refusedSince) {
    return html`<${Marked} kind="bad">
      ${texts.mail.server.refuses(html`<${Ago} at=${state.refusedSince} />`)}
      ${state.adviceCode && html`<br />${texts.mail.server.advice[state.adviceCode]}`}
    <//>`;
  }
  if (state.lastSent) return html`<${Marked} kind="good">${texts.mail.server.works}<//>`;
  return html`<${Marked} kind="open">${texts.mail.server.unknown}<//>`;
}

const MARKS = { good: '✓', bad: '!', open: '–' };

/** @param {{ kind: keyof typeof MARKS, children?: any }} props */
const Marked = ({ kind, children }) =>
  html`<p class="marked">
    <span class=${`mark ${kind}`} aria-hidden="true">${MARKS[kind]}</span>
    <span>${children}</span>
  </p>`;

/** @param {MailState} state @returns {[string, any][]} */
function facts(state) {
  const where =
    state.host && `${state.host}:${state.port}, ${texts.mail.server.tls[state.tls ?? 'none']}`;
  const waiting = texts.mail.server.waitingCount(state.waiting, state.more);
  return [
    ...(where ? [fact(texts.mail.server.address, where)] : []),
    fact(texts.mail.server.sender, html`<${Name} name=${state.sender} />`),
    fact(
      texts.mail.server.lastSent,
      html`<${Ago} at=${state.lastSent} none=${texts.mail.server.never} />`,
    ),
    ...(state.lastFailed
      ? [
          fact(
            texts.mail.server.lastFailed,
            html`<${Ago} at=${state.lastFailed} />: <${Name} name=${state.lastError} />`,
          ),
        ]
      : []),
    fact(
      texts.mail.server.waiting,
      state.oldest
        ? texts.mail.server.since(waiting, html`<${Ago} at=${state.oldest} />`)
        : waiting,
    ),
  ];
}

/** @param {string} term @param {any} value @returns {[string, any]} */
const fact = (term, value) => [term, value];

/** @param {{ outcome: TestEmail }} props */
function Outcome({ outcome }) {
  const reply = html`<code class="breaks"><${Name} name=${outcome.reply} /></code>`;
  if (outcome.accepted) {
    return html`<div class="note good">
      <${Marked} kind="good">${texts.mail.server.accepted(html`<strong><${Name} name=${outcome.to} /></strong>`)}<//>
      <p>${texts.mail.server.reply(reply)}</p>
    </div>`;
  }
  const stage = outcome.stage ?? 'content';
  // A server's words begin with a code.
  const isReply = /^\d{3}\b/.test(outcome.reply);
  return html`<div class="alert">
    <${Marked} kind="bad"><strong>${texts.mail.server.stages[stage]}</strong><//>
    <p>${isReply ? texts.mail.server.reply(reply) : texts.mail.server.error(reply)}</p>
    ${outcome.adviceCode && html`<p>${texts.mail.server.advice[outcome.adviceCode]}</p>`}
  </div>`;
}
