/** Dialogs: something that must be decided before one goes on. */

import { html, useEffect, useRef } from '../vendor/preact.js';
import { Form, Submit, Text, useForm } from '../forms.js';
import { Button } from './parts.js';

/** @import { ComponentChildren as Children } from '../vendor/preact.js' */

let dialogs = 0;

/** Open for as long as it is there. @param {{ title: string, onClose: () => void, children: Children, wide?: boolean }} props */
export function Dialog({ title, onClose, children, wide }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useRef('');
  id.current ||= `dialog-${(dialogs += 1)}`;
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // Closing it gives the focus back, which going alone does not.
    return () => dialog?.close();
  }, []);
  const close = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog
    ref=${element}
    class=${wide ? 'wide' : ''}
    aria-labelledby=${id.current}
    onCancel=${close}
  >
    <h2 id=${id.current}>${title}</h2>
    ${children}
  </dialog>`;
}

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
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <${Form} form=${form}>
      <div class="prose">${children}</div>
      ${word && html`<${Text} form=${form} name="word" required label=${`Type ${word} to go on`} />`}
      <div class="actions end">
        <${Button} onClick=${onClose}>Cancel<//>
        <${Submit} form=${form} danger=${danger} disabled=${!isReady}>${action}<//>
      </div>
    <//>
  <//>`;
}
