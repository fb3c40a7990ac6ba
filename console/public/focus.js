/**
 * Where the keyboard goes on when what it was at is gone: a row that was removed, a note that was read, a button that
 * is no longer needed. Without this the focus falls to the page as a whole, and a screen reader says nothing.
 */

const STOPS = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary';
/** What opens over the rest, and is left for what one was at before. */
const LAYERS = 'dialog, .toasts';
/** Where fingers type, a field that gets the focus brings up the keys over half of the screen. */
const TYPED = matchMedia('(pointer: coarse)').matches
  ? 'input:not([type=checkbox]), textarea'
  : null;

/** An ancestor, which of its children one was in, and in a row, which of its stops one was at. */
/** @typedef {{ parent: Element, at: number, stop: number }} Step */
/** @typedef {{ element: Element, path: Step[], layer: Element | null, before?: Stay }} Stay */

/** @type {Stay | undefined} */
let last;

/** From now on; what is removed goes on being looked for in the whole page. */
export function keepFocus() {
  addEventListener('focusin', ({ target }) => {
    if (target instanceof Element) last = stayAt(target);
  });
  // A page that was gone to, and a dialog that closes, say themselves where to go on; they come first.
  const look = () => requestAnimationFrame(() => setTimeout(goOn));
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}

/** @param {Element} element @returns {Stay} */
function stayAt(element) {
  const layer = element.closest(LAYERS);
  const before = layer && (last?.layer === layer ? last.before : last);
  return { element, path: pathTo(element), layer, before: before ?? undefined };
}

/** @param {Element} element */
function pathTo(element) {
  /** @type {Step[]} */
  const path = [];
  for (let child = element; child.parentElement && !child.matches('main, body');) {
    const parent = child.parentElement;
    const stop = child.matches('tr, li') ? stopsIn(child).findIndex((one) => one === element) : 0;
    path.push({ parent, at: [...parent.children].indexOf(child), stop });
    child = parent;
  }
  return path;
}

function goOn() {
  const isLost = !document.activeElement || document.activeElement === document.body;
  if (!isLost || !last || last.element.isConnected) return;
  heirOf(last)?.focus({ preventScroll: true });
  document.activeElement?.scrollIntoView({ block: 'nearest' });
}

/** @param {Stay} stay @returns {HTMLElement | undefined} */
function heirOf({ element, path, layer, before }) {
  if (element.isConnected) return /** @type {HTMLElement} */ (element);
  if (layer && before) return heirOf(before);
  for (const { parent, at, stop } of path) {
    if (!parent.isConnected) continue;
    const children = [...parent.children];
    // What has taken its place, then what follows, then what went before.
    const near = [...children.slice(at), ...children.slice(0, at).reverse()].map(stopsIn);
    const stops = near.find((stops) => stops.length > 0);
    if (stops) return stops[stop] ?? stops[0];
  }
  const main = document.querySelector('main[tabindex]');
  return main ? asElement(main) : undefined;
}

/** @param {Element} within @returns {HTMLElement[]} */
function stopsIn(within) {
  const found = [...within.querySelectorAll(STOPS)];
  const all = within.matches(STOPS) ? [within, ...found] : found;
  return all.map(asElement).filter(mayHaveFocus);
}

/** @param {Element} element */
const asElement = (element) => /** @type {HTMLElement} */ (element);

/**
 * The head of a table is left alone: where rows are cards it stands there only while it has the focus, and its going
 * would move what is clicked next.
 * @param {HTMLElement} element
 */
const mayHaveFocus = (element) =>
  element.checkVisibility() &&
  !element.closest('thead') &&
  !(TYPED !== null && element.matches(TYPED));
