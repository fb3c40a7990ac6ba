/** Short messages that go by themselves, with something to do about them perhaps. */

import { html, useEffect, useState } from '../vendor/preact.js';
import { texts } from '../texts.js';

/** @typedef {{ label: string, run: () => unknown }} Action */
/** @typedef {{ id: number, text: string, action?: Action, stays?: boolean, at: number }} Message */

const SECONDS = 6;
/** A decision takes more time than reading. */
const SECONDS_WITH_ACTION = 12;

/** What is younger belongs to the page that was just gone to. */
const FRESH_SECONDS = 1;

/** A new one takes the place of the one before. @type {Message | undefined} */
let message;
/** @type {((message: Message | undefined) => void) | undefined} */
let show;
let last = 0;

/**
 * @param {string} text
 * @param {Action} [action]
 * @param {boolean} [stays] until it is dismissed, since it is long, or must not be missed
 */
export function toast(text, action, stays = false) {
  last += 1;
  const id = last;
  set({ id, text, action, stays, at: performance.now() });
  if (stays) return;
  setTimeout(() => dismiss(id), (action ? SECONDS_WITH_ACTION : SECONDS) * 1000);
}

/** @param {number} id */
function dismiss(id) {
  if (message?.id === id) set(undefined);
}

/** @param {Message | undefined} fresh */
function set(fresh) {
  message = fresh;
  show?.(fresh);
}

addEventListener('hashchange', () => {
  const isOld = message && performance.now() - message.at > FRESH_SECONDS * 1000;
  if (isOld && !message?.action && !message?.stays) set(undefined);
});

/** Where messages appear. */
export function Toasts() {
  const [shown, setShown] = useState(message);
  useEffect(() => {
    show = setShown;
    return () => {
      show = undefined;
    };
  }, []);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${shown && html`<${Toast} key=${shown.id} ...${shown} />`}
  </div>`;
}

/** @param {Message} props */
function Toast({ id, text, action }) {
  const act = () => {
    dismiss(id);
    action?.run();
  };
  return html`<div class="toast">
    <span>${text}</span>
    ${action && html`<button type="button" class="button" onClick=${act}>${action.label}</button>`}
    <button type="button" class="button quiet" aria-label=${texts.ui.dismiss} onClick=${() => dismiss(id)}>×</button>
  </div>`;
}
