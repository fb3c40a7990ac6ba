/** Inputs that are no part of a form: they act at once. */

import { html, useState } from '../vendor/preact.js';

/** @typedef {{ target: HTMLInputElement }} Typed what a field tells of */

let fields = 0;

/** An id that no other element has. @param {string} kind */
export function useFieldId(kind) {
  const [id] = useState(() => `${kind}-${(fields += 1)}`);
  return id;
}

/**
 * @param {{ label: string, value?: string, choices: { value: string, label: string }[],
 *   onChange: (value: string) => void, disabled?: boolean, isCompact?: boolean }} props what is compact
 *   says in itself what it is for; its label is read out alone
 */
export function Filter({ label, value = '', choices, onChange, disabled, isCompact }) {
  const id = useFieldId('filter');
  const choose = (/** @type {Typed} */ event) => onChange(event.target.value);
  return html`<div class="field">
    <label class=${isCompact ? 'unseen' : ''} for=${id}>${label}</label>
    <select id=${id} value=${value} disabled=${disabled} onChange=${choose}>
      ${choices.map((one) => html`<option key=${one.value} value=${one.value}>${one.label}</option>`)}
    </select>
  </div>`;
}

/**
 * @param {{ label: string, value: string, onInput: (value: string) => void, placeholder?: string,
 *   shortcut?: string, isCompact?: boolean, inputRef?: import('../vendor/preact.js').Ref<HTMLInputElement> }} props
 */
export function SearchField({ label, value, onInput, placeholder, shortcut, inputRef, isCompact }) {
  const id = useFieldId('search');
  const write = (/** @type {Typed} */ event) => onInput(event.target.value);
  return html`<div class="field">
    <label class=${isCompact ? 'unseen' : ''} for=${id}>${label}</label>
    <input
      id=${id}
      ref=${inputRef}
      type="search"
      value=${value}
      placeholder=${placeholder}
      autocomplete="off"
      spellcheck=${false}
      aria-keyshortcuts=${shortcut}
      onInput=${write}
    />
    ${shortcut && html`<kbd aria-hidden="true">${shortcut}</kbd>`}
  </div>`;
}
