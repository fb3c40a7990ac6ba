/** Menus: a button that opens a list of what can be done, such as at the end of a table's row. */

import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact.js';

/** @import { ComponentChildren as Children } from '../vendor/preact.js' */
/**
 * What a menu offers: something to do, or a page to go to.
 * @typedef {object} Item
 * @property {string} label
 * @property {() => unknown} [onChoose]
 * @property {string} [href]
 * @property {boolean} [danger]
 * @property {boolean} [disabled]
 */

/**
 * What a button opens, such as a panel below it: it closes by Escape, by a click or the focus elsewhere, and when
 * another page is gone to. `ref` and `onKeyDown` belong to the element that has both in it, the button first.
 */
export function useOpen() {
  const [isOpen, setOpen] = useState(false);
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  const close = () => setOpen(false);
  const closeHere = () => {
    close();
    ref.current?.querySelector('button')?.focus();
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    const leave = (/** @type {Event} */ event) => {
      if (!ref.current?.contains(/** @type {Node} */ (event.target))) close();
    };
    for (const kind of ['pointerdown', 'focusin']) addEventListener(kind, leave);
    addEventListener('hashchange', close);
    return () => {
      for (const kind of ['pointerdown', 'focusin']) removeEventListener(kind, leave);
      removeEventListener('hashchange', close);
    };
  }, [isOpen]);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.stopPropagation();
    closeHere();
  };
  return { isOpen, setOpen, ref, onKeyDown, closeHere };
}

/**
 * A button that opens a menu. With `about`, its name says whose menu it is; without `children` it is three dots.
 * @param {{ label: string, items: Item[], about?: string, children?: Children, small?: boolean, kind?: string,
 *   busy?: boolean }} props `busy` while what was chosen is being done
 */
export function Menu({ label, items, about, children, small = true, kind = '', busy = false }) {
  const { isOpen, setOpen, ref, onKeyDown, closeHere } = useOpen();
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const name = about ? `${label}: ${about}` : label;
  // Before the next key is pressed, however fast.
  useLayoutEffect(() => {
    if (isOpen) entriesIn(list.current)[0]?.focus();
  }, [isOpen]);
  const walk = (/** @type {KeyboardEvent} */ event) => {
    const entries = entriesIn(list.current);
    const here = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = nextOf(event.key, here, entries.length);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    entries[next]?.focus();
  };
  const open = (/** @type {KeyboardEvent} */ event) => {
    if (isOpen || !['ArrowDown', 'ArrowUp'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    setOpen(true);
  };
  const choose = (/** @type {Item} */ { onChoose }) => {
    closeHere();
    onChoose?.();
  };
  return html`<div class=${`menu-button ${kind}`} ref=${ref} onKeyDown=${onKeyDown}>
    <button
      type="button"
      class=${`button ${small ? 'small' : ''} ${children ? '' : 'quiet dots'}`}
      aria-haspopup="menu"
      aria-busy=${busy}
      aria-expanded=${isOpen}
      aria-label=${children ? null : name}
      title=${children ? null : label}
      onClick=${() => setOpen(!isOpen)}
      onKeyDown=${open}
    >
      ${children ?? html`<span aria-hidden="true">⋯</span>`}
    </button>
    ${
      isOpen &&
      html`<div class="panel menu-list" role="menu" aria-label=${name} ref=${list} onKeyDown=${walk}>
        ${items.map((item) => html`<${Entry} key=${item.label} item=${item} onChoose=${choose} />`)}
      </div>`
    }
  </div>`;
}

/** @param {{ item: Item, onChoose: (item: Item) => void }} props */
function Entry({ item, onChoose }) {
  const { label, href, danger, disabled } = item;
  const look = danger ? 'danger' : '';
  if (href) {
    return html`<a class=${look} href=${href} role="menuitem" tabindex="-1" onClick=${() => onChoose(item)}>
      ${label}
    </a>`;
  }
  return html`<button
    type="button"
    class=${look}
    role="menuitem"
    tabindex="-1"
    disabled=${disabled}
    onClick=${() => onChoose(item)}
  >
    ${label}
  </button>`;
}

/** @param {HTMLElement | null} list @returns {HTMLElement[]} */
const entriesIn = (list) =>
  [...(list?.querySelectorAll('[role=menuitem]:not(:disabled)') ?? [])].map(asElement);

/** @param {Element} element */
const asElement = (element) => /** @type {HTMLElement} */ (element);

/** Which one a key leads to; none if it leads nowhere. @param {string} key @param {number} here @param {number} count */
function nextOf(key, here, count) {
  if (key === 'ArrowDown') return (here + 1) % count;
  if (key === 'ArrowUp') return (here - 1 + count) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
}
