/** Dialogs: something that must be decided before one goes on. */

import { html, useLayoutEffect, useRef } from '../vendor/preact.js';
import { DialogActions, Form, Text, useForm } from '../forms.js';
import { texts } from '../texts.js';

/** @import { ComponentChildren as Children } from '../vendor/preact.js' */

let dialogs = 0;

/**
 * Open for as long as it is there. While it is `busy` it stays, so that what comes of it is seen. A `drawer` stands at
 * an edge of the window, and a click beside it closes it.
 * @param {{ title: string, onClose: () => void, children: Children, kind?: 'wide' | 'drawer', busy?: boolean,
 *   describedBy?: string }} props `describedBy` is read out with the title: the id of what a question is about
 */
export function Dialog({ title, onClose, children, kind, busy, describedBy }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const isThere = useRef(true);
  const id = useRef('');
  id.current ||= `dialog-${(dialogs += 1)}`;
  // It closes while it still stands in the page.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // A time that is come to says more, over what is below it; nobody has asked for that yet.
    if (document.activeElement?.matches('time')) firstControl(dialog)?.focus();
    return () => {
      isThere.current = false;
      // Closing it gives the focus back, which going alone does not.
      dialog?.close();
    };
  }, []);
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!busy) onClose();
  };
  // Browsers close it all the same when Escape is pressed again and again.
  const closed = () => {
    if (!isThere.current) return;
    if (busy) element.current?.showModal();
    else onClose();
  };
  const leave = (/** @type {MouseEvent} */ event) => {
    if (kind === 'drawer' && event.target === element.current) onClose();
  };
  return html`<dialog
    ref=${element}
    class=${kind}
    aria-labelledby=${id.current}
    aria-describedby=${describedBy}
    onClick=${leave}
    onCancel=${cancel}
    onClose=${closed}
  >
    <h2 id=${id.current}>${title}</h2>
    ${children}
  </dialog>`;
}

/** @param {HTMLElement | null} dialog @returns {HTMLElement | null | undefined} */
const firstControl = (dialog) =>
  dialog?.querySelector(':is(a[href], button, input, select, textarea):not(:disabled)');

/**
 * Asks before something is done, and says what came in the way. With `word`, that must be typed first. What is
 * done may give `false`, to see to the dialog itself.
 * @param {{ title: string, action: string, onConfirm: () => Promise<unknown>, onClose: () => void,
 *   children?: Children, danger?: boolean, word?: string }} props
 */
export function Confirm({ title, action, onConfirm, onClose, children, danger, word }) {
  const form = useForm({ word: '' }, async () => {
    if ((await onConfirm()) !== false) onClose();
  });
  const isReady = !word || form.values.word.trim() === word;
  const text = `${form.id}-text`;
  return html`<${Dialog} title=${title} onClose=${onClose} busy=${form.busy} describedBy=${text}>
    <${Form} form=${form}>
      <div class="prose" id=${text}>${children}</div>
      ${word && html`<${Text} form=${form} name="word" required label=${texts.ui.typeToGoOn(word)} />`}
      <${DialogActions} form=${form} onClose=${onClose} danger=${danger} disabled=${!isReady}>${action}<//>
    <//>
  <//>`;
}
