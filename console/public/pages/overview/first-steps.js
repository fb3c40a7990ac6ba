/** What to do first in a new account. Whether a step is done is seen from what there is, so that it cannot be wrong. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { BASE } from '../../client.js';
import { Icon } from '../../icons.js';
import { useOwn } from '../../own.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';
import { Button, Copy, Dialog, Section } from '../../ui.js';
import { sumOf } from './head-counts.js';

/** @typedef {keyof typeof texts.firstSteps.steps} Name */
/**
 * @typedef {object} Step
 * @property {Name} name
 * @property {boolean} isDone
 * @property {string} [href] where it is done; without, it is shown how
 */

const YOUNG_MS = 30 * 86_400_000;
/** Whether more than the few oldest were made is nothing to the steps. */
const KEYS = 100;

/** What there is. @typedef {{ keys: import('../../contract').Key[], mail?: import('../../contract').MailState }} Found */

/**
 * Nothing where the steps are not shown.
 * @param {import('../../own.js').Own} own
 * @param {AbortSignal} signal
 * @returns {Promise<Found | undefined>}
 */
export async function readSteps({ me, account, can }, signal) {
  const isYoung = Date.now() - Date.parse(account.created) < YOUNG_MS;
  if (!isYoung || dismissed().includes(me.id)) return undefined;
  const [keys, mail] = await Promise.all([
    call('key/find', {}, { query: { limit: KEYS }, signal }),
    can('mail') ? call('mail/state', {}, { signal }) : undefined,
  ]);
  return { keys: keys.data, mail };
}

/** @param {{ users: import('./head-counts.js').HeadCount[], found: Found }} props */
export function FirstSteps({ users, found: { keys, mail } }) {
  const { me } = useOwn();
  const [isShown, setShown] = useState(false);
  const [isDismissed, setDismissed] = useState(false);
  if (isDismissed) return null;
  const dismiss = () => {
    keepDismissed(me.id);
    setDismissed(true);
    document.querySelector('main')?.focus();
  };
  /** @type {Step[]} */
  const steps = [
    ...(mail
      ? [{ name: /** @type {const} */ ('mail'), isDone: isLeaving(mail), href: href('mail') }]
      : []),
    { name: 'people', isDone: sumOf(users, {}) > 1, href: href('invite-users') },
    { name: 'key', isDone: keys.length > 0, href: href('keys') },
    { name: 'app', isDone: keys.some(({ lastUsed }) => lastUsed) },
  ];
  const done = steps.filter(({ isDone }) => isDone).length;
  if (done === steps.length) return null;
  return html`<${Section} title=${texts.firstSteps.title} text=${texts.firstSteps.done(done, steps.length)}>
    <ol class="first-steps">
      ${steps.map(
        (step) => html`<li key=${step.name} class=${step.isDone ? 'done' : ''}>
          <${StepLine} step=${step} onShow=${() => setShown(true)} />
        </li>`,
      )}
    </ol>
    <${Button} small quiet onClick=${dismiss}>${texts.firstSteps.dismiss}<//>
    ${isShown && html`<${ConnectApp} onClose=${() => setShown(false)} />`}
  <//>`;
}

/** Whether emails have left, and still do. @param {import('../../contract').MailState} mail */
const isLeaving = ({ folder, lastSent, refusedSince }) =>
  folder === undefined && lastSent !== undefined && refusedSince === undefined;

/** @param {{ step: Step, onShow: () => void }} props */
function StepLine({ step: { name, isDone, href }, onShow }) {
  const { title, text, action } = texts.firstSteps.steps[name];
  const act = href
    ? html`<a class="button small" href=${href}>${action}</a>`
    : html`<${Button} small onClick=${onShow}>${action}<//>`;
  return html`
    <span class="tick">${isDone && html`<${Icon} of="done" />`}</span>
    <div>
      <h3>${title}${isDone && html` <span class="faint">– ${texts.firstSteps.isDone}</span>`}</h3>
      ${!isDone && html`<p class="hint">${text}</p>`}
    </div>
    ${!isDone && act}
  `;
}

/** @param {{ onClose: () => void }} props */
function ConnectApp({ onClose }) {
  const url = BASE.href.replace(/\/$/, '');
  const samples = /** @type {const} */ ({
    service: `curl ${url}/user/find \\\n  -H "Authorization: Bearer $GUESTLIST_KEY" \\\n  -H "Content-Type: application/json" -d '{}'`,
    browser: `import { Guestlist } from 'guestlist-client';\n\nconst client = new Guestlist({ url: '${url}' });\nawait client.signIn({ email, password });\nconst { user } = await client.call('user/login');`,
  });
  const kinds = /** @type {(keyof typeof samples)[]} */ (Object.keys(samples));
  return html`<${Dialog} title=${texts.firstSteps.steps.app.title} kind="wide" onClose=${onClose}>
    <div class="stack">
      <p>${texts.firstSteps.appText((words) => html`<a href=${href('keys')} onClick=${onClose}>${words}</a>`)}</p>
      ${kinds.map(
        (
          kind,
        ) => html`<section key=${kind} class="sample" aria-label=${texts.firstSteps.samples[kind]}>
          <div class="head">
            <h3>${texts.firstSteps.samples[kind]}</h3>
            <${Copy} small text=${samples[kind]} about=${texts.firstSteps.samples[kind]}>${texts.ui.copy}<//>
          </div>
          <pre tabindex="0">${samples[kind]}</pre>
        </section>`,
      )}
    </div>
    <div class="actions end"><${Button} onClick=${onClose}>${texts.common.close}<//></div>
  <//>`;
}

const KEY = `guestlist:${BASE.pathname}:first-steps`;

/** The users, each of one account, who wanted to see them no more. @returns {string[]} */
const dismissed = () => JSON.parse(localStorage.getItem(KEY) ?? '[]');

/** @param {string} id */
const keepDismissed = (id) => localStorage.setItem(KEY, JSON.stringify([...dismissed(), id]));
