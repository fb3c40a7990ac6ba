/** What to do first in a new account. Whether a step is done is seen from what there is, so that it cannot be wrong. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { BASE } from '../../client.js';
import { Icon } from '../../icons.js';
import { useOwn } from '../../own.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';
import { Button, Copy, Dialog, Section, useLoad } from '../../ui.js';
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

/** @param {{ users: import('./head-counts.js').HeadCount[] }} props */
export function FirstSteps({ users }) {
  const { me, account } = useOwn();
  const [isDismissed, setDismissed] = useState(() => dismissed().includes(me.id));
  const isYoung = Date.now() - Date.parse(account.created) < YOUNG_MS;
  if (!isYoung || isDismissed) return null;
  const dismiss = () => {
    keepDismissed(me.id);
    setDismissed(true);
    document.querySelector('main')?.focus();
  };
  return html`<${Steps} users=${users} onDismiss=${dismiss} />`;
}

/** @param {{ users: import('./head-counts.js').HeadCount[], onDismiss: () => void }} props */
function Steps({ users, onDismiss }) {
  const [isShown, setShown] = useState(false);
  const read = (/** @type {AbortSignal} */ signal) =>
    call('key/find', {}, { query: { limit: KEYS }, signal });
  const { data: keys } = useLoad(read, []);
  // The page that they lead to says what is wrong, where it is anything.
  if (!keys) return null;
  /** @type {Step[]} */
  const steps = [
    { name: 'people', isDone: sumOf(users, {}) > 1, href: href('invite-users') },
    { name: 'key', isDone: keys.data.length > 0, href: href('keys') },
    { name: 'app', isDone: keys.data.some(({ lastUsed }) => lastUsed) },
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
    <${Button} small quiet onClick=${onDismiss}>${texts.firstSteps.dismiss}<//>
    ${isShown && html`<${ConnectApp} onClose=${() => setShown(false)} />`}
  <//>`;
}

/** @param {{ step: Step, onShow: () => void }} props */
function StepLine({ step: { name, isDone, href }, onShow }) {
  const { title, text, action } = texts.firstSteps.steps[name];
  const act = href
    ? html`<a class="button small" href=${href}>${action}</a>`
    : html`<${Button} small onClick=${onShow}>${action}<//>`;
  return html`
    <span class="mark">${isDone && html`<${Icon} of="done" />`}</span>
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
