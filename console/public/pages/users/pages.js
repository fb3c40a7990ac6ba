/** Where in the list one is, and the ways to the pages before and after, and to either end. */

import { html, useRef } from '../../vendor/preact.js';
import { texts } from '../../texts.js';
import { Button, showBeginning } from '../../ui.js';

/** @typedef {import('./read.js').Query} Query */

/**
 * @param {{ count: number, from: number, total?: number, before?: Query, after?: Query,
 *   ends: false | { first?: Query, last?: Query }, onGo: (where: Query) => void }} props
 */
export function Pages({ count, from, total, before, after, ends, onGo }) {
  const nav = useRef(/** @type {HTMLElement | null} */ (null));
  if (!before && !after) return null;
  const turn = (/** @type {Query} */ where) => {
    onGo(where);
    showBeginning(nav.current);
  };
  const way = (/** @type {string} */ label, /** @type {Query | undefined} */ where) =>
    html`<${Button} small disabled=${!where} onClick=${() => where && turn(where)}>${label}<//>`;
  return html`<nav class="pager" aria-label=${texts.ui.pages} ref=${nav}>
    <span class="faint">${total !== undefined && texts.users.range(from + 1, from + count, total)}</span>
    <div class="actions">
      ${ends && way(texts.ui.first, ends.first)} ${way(texts.ui.previous, before)}
      ${way(texts.ui.next, after)} ${ends && way(texts.ui.last, ends.last)}
    </div>
  </nav>`;
}
