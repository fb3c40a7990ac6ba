/** A field for an object that people write as JSON: with numbers of lines, a mark at the one that has a fault, and a way to tidy it. */

import { html, useLayoutEffect, useMemo, useRef } from './vendor/preact.js';
import { Field } from './forms.js';
import { readObject, written } from './json.js';
import { texts } from './texts.js';
import { useSettled } from './ui.js';

/** @import { FieldProps } from './forms.js' */

/** What is being written is no fault yet. */
const SETTLES_IN_MS = 800;

/** @param {FieldProps & { rows?: number }} props */
export function JsonField({ form, name, rows = 12, ...props }) {
  const text = String(form.values[name] ?? '');
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const settled = useSettled(text, SETTLES_IN_MS);
  const read = useMemo(() => readObject(settled), [settled, texts]);
  const slip = settled === text && 'at' in read ? read : undefined;
  const faults = slip ? { ...form.faults, [name]: slip.fault } : form.faults;
  const tidy = () => {
    const now = readObject(text);
    area.current?.focus();
    if ('at' in now) area.current?.setSelectionRange(now.at.offset, now.at.offset + 1);
    else replace(area.current, written(now.object));
  };
  return html`<div class="json">
    <${Field} form=${{ ...form, faults }} name=${name} ...${props}>
      ${(/** @type {object} */ common) =>
        html`<div class="json-editor">
          <${Lines} area=${area} count=${text.split('\n').length} fault=${slip?.at.line} />
          <textarea
            ...${common}
            ref=${area}
            class="code"
            wrap="off"
            rows=${rows}
            spellcheck=${false}
            autocapitalize="none"
            value=${text}
            onInput=${(/** @type {{ target: HTMLTextAreaElement }} */ { target }) => form.set(name, target.value)}
          ></textarea>
        </div>`}
    <//>
    <button type="button" class="button small" onClick=${tidy}>${texts.json.format}</button>
  </div>`;
}

/** As if it were typed, so that it can be undone as that can. @param {HTMLTextAreaElement | null} area @param {string} text */
function replace(area, text) {
  if (!area || area.value === text) return;
  area.select();
  if (!document.execCommand('insertText', false, text)) {
    area.value = text;
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
  area.setSelectionRange(0, 0);
  area.scrollTop = 0;
}

/**
 * The numbers of the lines, which go up and down with the text.
 * @param {{ area: { current: HTMLTextAreaElement | null }, count: number, fault?: number }} props
 */
function Lines({ area, count, fault }) {
  const moved = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const text = area.current;
    const follow = () => {
      if (moved.current) moved.current.style.transform = `translateY(${-(text?.scrollTop ?? 0)}px)`;
    };
    follow();
    text?.addEventListener('scroll', follow, { passive: true });
    return () => text?.removeEventListener('scroll', follow);
  }, []);
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const before = numbers.slice(0, (fault ?? count + 1) - 1).join('\n');
  const after = fault ? numbers.slice(fault).join('\n') : '';
  return html`<div class="json-lines" aria-hidden="true">
    <div ref=${moved}>
      <pre>${before}</pre>
      ${fault && html`<pre class="fault">${fault} ●</pre>`} ${after && html`<pre>${after}</pre>`}
    </div>
  </div>`;
}
