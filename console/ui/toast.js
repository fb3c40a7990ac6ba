/** Short messages that go by themselves, with something to do about them perhaps. */

import { html, useEffect, useState } from '../vendor/preact.js';

/** @typedef {{ label: string, run: () => unknown }} Action */
/** @typedef {{ id: number, text: string, action?: Action }} Message */

const SECONDS = 6;
/** Whoever is to decide something gets more time. */
const SECONDS_WITH_ACTION = 12;

/** @type {Message[]} */
let messages = [];
/** @type {((messages: Message[]) => void) | undefined} */
let show;
let last = 0;

/**
 * @param {string} text
 * @param {Action} [action]
 */
export function toast(text, action) {
  last += 1;
  const message = { id: last, text, action };
  set([...messages, message]);
  setTimeout(() => dismiss(message.id), (action ? SECONDS_WITH_ACTION : SECONDS) * 1000);
}

/** @param {number} id */
function dismiss(id) {
  set(messages.filter((message) => message.id !== id));
}

/** @param {Message[]} fresh */
function set(fresh) {
  messages = fresh;
  show?.(fresh);
}

/** Where messages appear. */
export function Toasts() {
  const [shown, setShown] = useState(messages);
  useEffect(() => {
    show = setShown;
    return () => {
      show = undefined;
    };
  }, []);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${shown.map((message) => html`<${Toast} key=${message.id} ...${message} />`)}
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
    <button type="button" class="button quiet" aria-label="Dismiss" onClick=${() => dismiss(id)}>×</button>
  </div>`;
}
