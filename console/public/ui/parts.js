/** Small parts: buttons, alerts, cards, what is shown while there is nothing. */

import { html, useEffect, useState } from '../vendor/preact.js';
import { ApiError } from '../api.js';
import { Icon } from '../icons.js';
import { faultInWords, inWords } from '../plain-words.js';
import { texts } from '../texts.js';
import { useFieldId } from './fields.js';
import { Name } from './name.js';
import { toast } from './toast.js';

/** @import { ComponentChildren as Children } from '../vendor/preact.js' */
/** @import { Typed } from './fields.js' */

/**
 * @param {{ onClick: () => void, children: Children, busy?: boolean, disabled?: boolean, primary?: boolean,
 *   danger?: boolean, quiet?: boolean, small?: boolean }} props
 */
export function Button({ onClick, children, busy, disabled, ...looks }) {
  const kinds = Object.entries(looks).filter(([, on]) => on);
  const click = () => !busy && onClick();
  return html`<button
    type="button"
    class=${['button', ...kinds.map(([kind]) => kind)].join(' ')}
    disabled=${disabled}
    aria-busy=${busy ?? false}
    onClick=${click}
  >
    ${children}
  </button>`;
}

/** What went wrong, if anything did. @param {{ error?: ApiError | string }} props */
export function Alert({ error }) {
  if (!error) return null;
  if (typeof error === 'string')
    return html`<div class="alert" role="alert" tabindex="-1">${error}</div>`;
  const said = inWords(error);
  const more = error.errors.filter(({ detail }) => detail !== error.detail);
  const told = new Set(more.map((fault) => faultInWords(fault)));
  told.delete(said);
  const faults = [...told].map((words) => html`<li key=${words}>${words}</li>`);
  const quote = error.status >= 500 && error.requestId;
  return html`<div class="alert" role="alert" tabindex="-1">
    <p>${said}</p>
    ${faults.length > 0 && html`<ul>${faults}</ul>`}
    ${quote && html`<p>${texts.ui.quote(html`<${Copyable} text=${error.requestId} label=${texts.users.copyId} />`)}</p>`}
  </div>`;
}

export const Busy = () => html`<p class="busy" role="status">${texts.ui.busy}</p>`;

/** Nothing to show, and what to do about it. @param {{ title: string, children?: Children }} props */
export const Empty = ({ title, children }) =>
  html`<div class="empty"><h2>${title}</h2><p>${children}</p></div>`;

/** A page that there is not, or not for one: why, and the way on. @param {{ title: string, children?: Children, way?: Children }} props */
export const NoPage = ({ title, children, way }) =>
  html`<div class="empty"><h1>${title}</h1><p>${children}</p>${way && html`<p>${way}</p>`}</div>`;

/**
 * A page's heading with what can be done there. The note says how much there is.
 * @param {{ title: Children, note?: string, children?: Children }} props
 */
export const Head = ({ title, note, children }) =>
  html`<div class="head">
    <div class="titled">
      <h1>${title}</h1>
      ${note !== undefined && html`<p class="faint" role="status">${note}</p>`}
    </div>
    <div class="actions">${children}</div>
  </div>`;

/** Part of a page under a heading of its own. @param {{ title: string, text?: Children, children?: Children }} props */
export const Section = ({ title, text, children }) =>
  html`<section class="card" aria-label=${title}>
    <h2>${title}</h2>
    ${text && html`<p class="hint">${text}</p>`} ${children}
  </section>`;

/**
 * Copies a text.
 * @param {{ text: string, children: Children, small?: boolean, about?: string }} props `about` tells equal buttons
 *   apart for a screen reader
 */
export function Copy({ text, children, small, about }) {
  return html`<${Button} small=${small} onClick=${() => copyText(text)}>
    ${children}${about && html`<span class="unseen">${texts.ui.copyOf(about)}</span>`}
  <//>`;
}

/** Copies a text, and says so; whether it could. @param {string} text */
export async function copyText(text) {
  const isCopied = await copied(text);
  toast(isCopied ? texts.ui.copied : texts.ui.noClipboard);
  return isCopied;
}

const SHOWS_COPIED_MS = 2000;

/**
 * What stands for itself, such as an ID, with a button that copies it.
 * @param {{ text: string, label: string, children?: Children }} props `label` names the button; `children` are shown in
 *   place of the text
 */
export function Copyable({ text, label, children }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWS_COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => setCopied(await copyText(text));
  return html`<span class="copyable">
    <code>${children ?? html`<${Name} name=${text} />`}</code>
    <button type="button" class="button quiet" aria-label=${label} title=${label} onClick=${copy}>
      <${Icon} of=${isCopied ? 'done' : 'copy'} />
    </button>
  </span>`;
}

/** Pages that came over plain HTTP have no clipboard but the old way. @param {string} text */
async function copied(text) {
  try {
    if (navigator.clipboard) return await navigator.clipboard.writeText(text).then(() => true);
  } catch {
    return false;
  }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

/** A text to be copied, such as a link. @param {{ label: string, text: string }} props */
export function CopyField({ label, text }) {
  const id = useFieldId('copy');
  const select = (/** @type {Typed} */ event) => event.target.select();
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <div class="row">
      <input id=${id} class="fixed" readonly value=${text} onFocus=${select} />
      <${Copy} text=${text}>${texts.ui.copy}<//>
    </div>
  </div>`;
}

/** Terms and what stands for each. @param {{ rows: [string, any][] }} props */
export const Facts = ({ rows }) =>
  html`<dl class="facts">
    ${rows.map(([term, value]) => html`<div key=${term}><dt>${term}</dt><dd>${value}</dd></div>`)}
  </dl>`;

/**
 * Pages beside each other; where there is no room for all, they go on in a second line.
 * @param {{ label: string, tabs: { href: string, label: string, isHere: boolean }[] }} props
 */
export const Tabs = ({ label, tabs }) =>
  html`<nav class="tabs" aria-label=${label}>
    ${tabs.map(
      ({ href, label, isHere }) =>
        html`<a key=${href} href=${href} aria-current=${isHere ? 'page' : null}>${label}</a>`,
    )}
  </nav>`;
