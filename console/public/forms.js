/**
 * Forms: values, what the service finds wrong with each, and that it is under way.
 *
 *     const form = useForm({ email: '' }, async ({ email }) => { await call('…', { email }); });
 *     html`<${Form} form=${form}><${Text} form=${form} name="email" label=${texts.common.email} /><${Submit} form=${form}>Send<//><//>`
 */

import { html, useEffect, useLayoutEffect, useRef, useState } from './vendor/preact.js';
import { ApiError } from './api.js';
import { keepDraft, withDraft } from './drafts.js';
import { useRisk } from './leaving.js';
import { faultInWords } from './plain-words.js';
import { texts } from './texts.js';
import { Alert, Button } from './ui/parts.js';

/** @import { ComponentChildren as Children } from './vendor/preact.js' */
/** @import { Typed } from './ui/fields.js' */
/** What fields read and write; each knows its own alone. @typedef {Record<string, any>} Values */
/**
 * @template [V=Values]
 * @typedef {object} FormState
 * @property {string} id
 * @property {V} values
 * @property {(name: string & keyof V, value: V[string & keyof V]) => void} set
 * @property {(values: V) => void} reset
 * @property {Record<string, string>} faults by field
 * @property {ApiError | string | undefined} alert what is at nobody's field
 * @property {boolean} busy
 * @property {boolean} isChanged
 * @property {boolean} isRestored whether it shows what was typed before, and not saved
 * @property {() => void} discard what was typed
 * @property {Map<string, string>} shown the fields that there are, and what they are called
 * @property {(event?: Event) => Promise<void>} send
 */
/**
 * @typedef {object} FieldProps
 * @property {FormState} form
 * @property {string} name the request's field, which faults are named by
 * @property {string} label
 * @property {Children} [hint]
 * @property {boolean} [required]
 * @property {boolean} [disabled]
 * @property {boolean} [isFilter] nobody expects that it must be filled in
 * @property {boolean} [isTitled] the heading above says what it is, so its label is read out alone
 */

let forms = 0;

/**
 * @template {object} V
 * @param {V} initial
 * @param {(values: V) => Promise<unknown>} submit
 * @param {{ draft?: string, asks?: boolean }} [options] under `draft` what is typed is kept until it is saved, see
 *   `drafts.js`; what cannot be kept `asks` before it is lost
 * @returns {FormState<V>}
 */
export function useForm(initial, submit, { draft, asks = false } = {}) {
  const id = useRef('');
  id.current ||= `form-${(forms += 1)}`;
  const shown = useRef(/** @type {Map<string, string>} */ (new Map()));
  const [start, setStart] = useState(initial);
  const [values, setValues] = useState(() => withDraft(draft, initial));
  const isChanged = keysOf(values).some((name) => values[name] !== start[name]);
  const [isRestored, setRestored] = useState(isChanged);
  useLayoutEffect(() => keepDraft(draft, start, values), [start, values]);
  const [found, setFound] = useState(/** @type {Found} */ ({ faults: {} }));
  const [busy, setBusy] = useState(false);
  const isUnderWay = useRef(false);
  const settled = useRisk(asks && isChanged && !busy);
  const send = async (/** @type {Event | undefined} */ event) => {
    event?.preventDefault();
    // However fast it is pressed again, before it shows that it works.
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    settled();
    setBusy(true);
    try {
      await submit(values);
      setFound({ faults: {} });
    } catch (error) {
      setFound(sorted(error, shown.current));
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  const reset = (/** @type {V} */ fresh) => {
    settled();
    setStart(fresh);
    setValues(fresh);
    setFound({ faults: {} });
    setRestored(false);
    // The form may go before it is drawn again.
    keepDraft(draft, fresh, fresh);
  };
  return {
    id: id.current,
    values,
    set: (name, value) => setValues((now) => ({ ...now, [name]: value })),
    reset,
    isRestored,
    discard: () => reset(start),
    faults: found.faults,
    alert: found.alert,
    busy,
    isChanged,
    shown: shown.current,
    send,
  };
}

/** @template {object} V @param {V} values */
const keysOf = (values) => /** @type {(keyof V)[]} */ (Object.keys(values));

/** @typedef {{ faults: Record<string, string>, alert?: ApiError | string }} Found */

/**
 * Puts each fault at its field; what belongs to none of those shown is told at the form's head.
 * @param {unknown} error
 * @param {Map<string, string>} shown
 * @returns {Found}
 */
function sorted(error, shown) {
  if (!(error instanceof ApiError)) return { faults: {}, alert: messageOf(error) };
  const at = error.errors.filter(({ field }) => shown.has(field));
  const rest = error.errors.filter(({ field }) => !shown.has(field));
  const faults = Object.fromEntries(
    at.map((fault) => [fault.field, faultInWords(fault, shown.get(fault.field))]),
  );
  if (at.length === 0) return { faults, alert: error };
  const alert = rest.map((fault) => faultInWords(fault)).join(' ');
  return { faults, alert: alert || undefined };
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {{ form: FormState, children: Children, label?: string }} props */
export function Form({ form, children, label }) {
  const element = useRef(/** @type {HTMLFormElement | null} */ (null));
  useEffect(() => {
    const fault = element.current?.querySelector('[aria-invalid=true], [role=alert]');
    if (fault instanceof HTMLElement) fault.focus();
  }, [form.faults, form.alert]);
  return html`<form
    ref=${element}
    onSubmit=${form.send}
    aria-label=${label}
    aria-busy=${form.busy}
    novalidate
  >
    <${Alert} error=${form.alert} />
    ${form.isRestored && !form.busy && html`<${Restored} onDiscard=${form.discard} />`} ${children}
  </form>`;
}

/** @param {{ onDiscard: () => void }} props */
const Restored = ({ onDiscard }) =>
  html`<div class="note restored" role="status">
    <span>${texts.ui.restored}</span>
    <button type="button" class="link" onClick=${onDiscard}>${texts.ui.discard}</button>
  </div>`;

/**
 * A line of text.
 * @param {FieldProps & { type?: string, autocomplete?: string, inputmode?: string, placeholder?: string, autofocus?: boolean,
 *   suggestions?: string[] }} props `suggestions` are offered, and anything else can be typed, too
 */
export function Text({ form, name, type = 'text', suggestions, ...props }) {
  const list = `${form.id}-${name}-suggestions`;
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    if (props.autofocus) input.current?.focus();
  }, []);
  const write = (/** @type {Typed} */ event) => form.set(name, event.target.value);
  return html`<${Field} form=${form} name=${name} ...${props}>
    ${(/** @type {object} */ common) =>
      html`<input
        ...${common}
        type=${type}
        value=${form.values[name] ?? ''}
        autocomplete=${props.autocomplete ?? 'off'}
        inputmode=${props.inputmode}
        ref=${input}
        placeholder=${props.placeholder}
        list=${suggestions ? list : null}
        spellcheck=${false}
        autocapitalize=${type === 'text' ? null : 'none'}
        onInput=${write}
      />
        ${suggestions && html`<datalist id=${list}>${suggestions.map((one) => html`<option key=${one} value=${one} />`)}</datalist>`}`}
  <//>`;
}

/** The email that one signs in with. @param {{ form: FormState }} props */
export function Email({ form }) {
  return html`<${Text} form=${form} name="email" label=${texts.common.email} type="email" autocomplete="username" required />`;
}

/** A password, which can be looked at. @param {FieldProps & { autocomplete: string }} props */
export function Password(props) {
  const [isShown, setShown] = useState(false);
  const name = isShown ? texts.ui.hidePassword : texts.ui.showPassword;
  // Where a page has several, each says which one it shows.
  const isOnly = props.label === texts.common.password;
  return html`<div class="password">
    <${Text} ...${props} type=${isShown ? 'text' : 'password'} />
    <button
      type="button"
      class="button quiet"
      aria-label=${isOnly ? name : `${name}: ${props.label}`}
      onClick=${() => setShown(!isShown)}
    >
      ${isShown ? texts.ui.hide : texts.ui.show}
    </button>
  </div>`;
}

/** A code of the second factor, once it is asked for. @param {{ form: FormState }} props */
export const SecondFactorCode = ({ form }) =>
  html`<${Text}
    form=${form}
    name="totp"
    label=${texts.common.code}
    autocomplete="one-time-code"
    required
    autofocus
    hint=${texts.common.codeHint}
  />`;

/** The password that one has, typed again to show that it is oneself. @param {{ form: FormState }} props */
export const ConfirmingPassword = ({ form }) =>
  html`<${Password}
    form=${form}
    name="currentPassword"
    label=${texts.common.yourPassword}
    autocomplete="current-password"
    required
  />`;

/** Several lines of text. @param {FieldProps & { rows?: number, isCode?: boolean, placeholder?: string }} props */
export function Area({ form, name, rows = 6, isCode = false, ...props }) {
  const write = (/** @type {Typed} */ event) => form.set(name, event.target.value);
  return html`<${Field} form=${form} name=${name} ...${props}>
    ${(/** @type {object} */ common) =>
      html`<textarea
        ...${common}
        class=${isCode ? 'code' : ''}
        rows=${rows}
        spellcheck=${!isCode}
        placeholder=${props.placeholder}
        value=${form.values[name] ?? ''}
        onInput=${write}
      ></textarea>`}
  <//>`;
}

/** One of several. @param {FieldProps & { choices: { value: string, label: string }[] }} props */
export function Choice({ form, name, choices, ...props }) {
  const write = (/** @type {Typed} */ event) => form.set(name, event.target.value);
  return html`<${Field} form=${form} name=${name} ...${props}>
    ${(/** @type {object} */ common) =>
      html`<select ...${common} value=${form.values[name] ?? ''} onChange=${write}>
        ${choices.map(({ value, label }) => html`<option key=${value} value=${value}>${label}</option>`)}
      </select>`}
  <//>`;
}

/** Yes or no. @param {FieldProps} props */
export function Check({ form, name, label, hint, disabled }) {
  const id = `${form.id}-${name}`;
  form.shown.set(name, label);
  const write = (/** @type {Typed} */ event) => form.set(name, event.target.checked);
  return html`<div class="field check">
    <input
      id=${id}
      type="checkbox"
      checked=${form.values[name]}
      disabled=${disabled || form.busy}
      aria-describedby=${described(id, hint, form.faults[name])}
      onChange=${write}
    />
    <label for=${id}>${label}</label>
    <${Notes} id=${id} hint=${hint} fault=${form.faults[name]} />
  </div>`;
}

/**
 * A label, what `children` makes of what all inputs have, and what there is to say about it.
 * @param {FieldProps & { children: (common: object) => Children }} props
 */
export function Field({ form, name, label, hint, required, disabled, children, ...kind }) {
  const isOptional = !required && !kind.isFilter;
  const id = `${form.id}-${name}`;
  const fault = form.faults[name];
  form.shown.set(name, label);
  const common = {
    id,
    name,
    required,
    disabled,
    readOnly: form.busy,
    'aria-invalid': fault ? 'true' : null,
    'aria-describedby': described(id, hint, fault),
  };
  return html`<div class="field">
    <label for=${id} class=${kind.isTitled ? 'unseen' : null}>${label}${isOptional && html` <span class="optional">${texts.ui.optional}</span>`}</label>
    ${children(common)}
    <${Notes} id=${id} hint=${hint} fault=${fault} />
  </div>`;
}

/** @param {{ id: string, hint?: Children, fault?: string }} props */
function Notes({ id, hint, fault }) {
  return html`
    ${fault && html`<p class="fault" id=${`${id}-fault`}>${fault}</p>`}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  `;
}

/** @param {string} id @param {Children} hint @param {string | undefined} fault */
function described(id, hint, fault) {
  const notes = [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean);
  return notes.join(' ') || null;
}

/**
 * The focus stays on it once it is pressed, even if there is nothing left to send then.
 * @param {{ form: FormState, children: Children, danger?: boolean, disabled?: boolean, onlyChanged?: boolean }} props
 */
export function Submit({ form, children, danger, disabled, onlyChanged }) {
  const isOff = disabled || (onlyChanged && !form.isChanged);
  const hold = (/** @type {Event} */ event) => isOff && event.preventDefault();
  return html`<button
    class=${`button ${danger ? 'danger' : 'primary'}`}
    type="submit"
    aria-disabled=${isOff ? 'true' : null}
    aria-busy=${form.busy}
    onClick=${hold}
  >
    ${children}
  </button>`;
}

/**
 * How a form in a dialog ends: what is typed is given up, or sent.
 * @param {Parameters<typeof Submit>[0] & { onClose: () => void }} props
 */
export function DialogActions({ onClose, ...props }) {
  const { form } = props;
  const cancel = () => {
    form.discard();
    onClose();
  };
  return html`<div class="actions end">
    <${Button} disabled=${form.busy} onClick=${cancel}>${texts.common.cancel}<//>
    <${Submit} ...${props} />
  </div>`;
}
